import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, test } from "node:test";
import Ajv from "ajv";
import { example, isBinary, problems } from "../../dashboard/src/main/resources/io/heliodor/dashboard/page/schema.mjs";

// The examples and the checks of payloads that operators send by the dashboard, against another validator of JSON Schema.

const run = promisify(execFile);
const text = { type: "string" };
const types = {
  Order: {
    type: "object",
    properties: {
      id: { type: "string", format: "uuid" },
      count: { type: "integer", format: "int32" },
      total: { type: "integer", format: "int64" },
      price: { type: "number" },
      paid: { type: "boolean" },
      size: { type: "string", enum: ["SMALL", "LARGE"] },
      color: { anyOf: [{ enum: ["RED"] }, text] },
      tags: { type: "array", items: text, uniqueItems: true },
      at: { type: "string", format: "date-time" },
      day: { type: ["string", "null"], format: "date" },
      labels: { type: "object", additionalProperties: { type: "integer" } },
      parent: { anyOf: [{ $ref: "#/types/Order" }, { type: "null" }] },
      parts: { type: "array", items: { $ref: "#/types/Part" } },
      time: { oneOf: [{ type: "number" }, text] },
      bytes: { type: "string", contentEncoding: "base64" },
      anything: {},
    },
    required: ["id", "count", "price", "paid", "size", "tags", "parts", "time"],
  },
  Part: {
    oneOf: [
      { allOf: [{ type: "object", properties: { type: { type: "string", enum: ["screw"] } }, required: ["type"] }, { $ref: "#/types/Screw" }] },
      { allOf: [{ type: "object", properties: { type: { type: "string", enum: ["box"] } }, required: ["type"] }, { $ref: "#/types/Box" }] },
    ],
  },
  Screw: { type: "object", properties: { length: { type: "integer", format: "int32" } }, required: ["length"] },
  Box: { type: "object", properties: { parts: { type: "array", items: { $ref: "#/types/Part" } } }, required: ["parts"] },
};
const order = { $ref: "#/types/Order" };
const valid = () => example(order, types);
const wrong = change => {
  const value = valid();
  change(value);
  return problems(value, order, types);
};

const formats = { uuid: /-/, "date-time": /T/, date: /^\d{4}-/, int32: true, int64: true };

/** A validator of a schema of a contract. */
const ajv = (schema, types) => new Ajv({ strict: false, formats }).compile({ ...schema, types });

/** Each value that differs from another one in one place. */
function* changes(value) {
  for (const other of [null, 1.5, 7, "text", true, [], {}, ["a", "a"], { type: "box" }]) yield other;
  if (typeof value !== "object" || value === null) return;
  for (const key of Object.keys(value)) {
    for (const other of changes(value[key])) yield Array.isArray(value) ? value.with(Number(key), other) : { ...value, [key]: other };
    if (!Array.isArray(value)) {
      const { [key]: _, ...rest } = value;
      yield rest;
    }
  }
}

function compare(schema, types) {
  const validate = ajv(schema, types);
  const start = example(schema, types);
  let refused = 0;
  for (const value of [start, ...changes(start)]) {
    const found = problems(value, schema, types);
    assert.equal(found.length === 0, validate(value), `${JSON.stringify(value)}: ${found} / ${JSON.stringify(validate.errors)}`);
    refused += found.length === 0 ? 0 : 1;
  }
  return refused;
}

describe("payloads of the dashboard", () => {
  test("an example has all properties but those within themselves", () => {
    assert.deepEqual(valid(), {
      id: "00000000-0000-4000-8000-000000000000",
      count: 1,
      total: 1,
      price: 1,
      paid: true,
      size: "SMALL",
      color: "RED",
      tags: ["text"],
      at: "2026-01-31T12:00:00Z",
      day: "2026-01-31",
      labels: { key: 1 },
      parent: null,
      parts: [{ type: "screw", length: 1 }],
      time: 1,
      bytes: "",
      anything: {},
    });
    assert.deepEqual(problems(valid(), order, types), []);
    assert.deepEqual(example({ $ref: "#/types/Box" }, types), { parts: [{ type: "screw", length: 1 }] });
  });

  test("a type that has no finite value has an empty example", () => {
    assert.deepEqual(example({ $ref: "#/types/Own" }, { Own: { type: "object", properties: { own: { $ref: "#/types/Own" } }, required: ["own"] } }), {});
  });

  test("a problem has the path to it", () => {
    assert.deepEqual(wrong(value => delete value.count), ["count is missing"]);
    assert.deepEqual(wrong(value => (value.count = "1")), ["count must be an integer"]);
    assert.deepEqual(wrong(value => (value.day = 1)), ["day must be a string or null"]);
    assert.deepEqual(wrong(value => (value.size = "HUGE")), ['size must be "SMALL" or "LARGE"']);
    assert.deepEqual(wrong(value => (value.tags = ["a", "a"])), ["tags must have different elements"]);
    assert.deepEqual(wrong(value => (value.labels["a-b"] = "x")), ['labels["a-b"] must be an integer']);
    assert.deepEqual(wrong(value => (value.parent = { ...valid(), paid: 1 })), ["parent.paid must be a boolean"]);
    assert.deepEqual(wrong(value => (value.parts[0].length = true)), ["parts[0].length must be an integer"]);
    assert.deepEqual(wrong(value => (value.parts[0].type = "nail")), ['parts[0].type must be "screw" or "box"']);
    assert.deepEqual(wrong(value => (value.parts = [{ type: "box", parts: [{}] }])), ['parts[0].parts[0].type must be "screw" or "box"']);
    assert.deepEqual(problems([], order, types), ["The payload must be an object"]);
  });

  test("formats, and numbers that would change on their way", () => {
    assert.deepEqual(wrong(value => (value.id = "1")), ["id must be a UUID"]);
    assert.deepEqual(wrong(value => (value.at = "tomorrow")), ["at must be a date with a time, such as 2026-01-31T12:00:00Z"]);
    assert.deepEqual(wrong(value => (value.day = "31.1.2026")), ["day must be a date, such as 2026-01-31"]);
    assert.deepEqual(wrong(value => (value.count = 2 ** 31)), ["count must be an integer of 32 bits"]);
    assert.deepEqual(wrong(value => (value.total = JSON.parse("9007199254740993"))), ["total is a number that a page cannot send exactly"]);
    assert.deepEqual(wrong(value => (value.anything = { deep: [JSON.parse("1e400")] })), ["anything.deep[0] is a number that a page cannot send exactly"]);
    assert.deepEqual(wrong(value => (value.count = -(2 ** 31))), []);
    assert.deepEqual(wrong(value => (value.day = null)), []);
  });

  test("names of Object are ordinary properties", () => {
    const own = { type: "object", properties: { constructor: text }, required: ["constructor"] };
    assert.deepEqual(problems({}, own, {}), ["constructor is missing"]);
    assert.deepEqual(problems(JSON.parse('{"__proto__":1,"toString":1}'), { type: "object", additionalProperties: text }, {}).length, 2);
    assert.deepEqual(problems({}, { $ref: "#/types/toString" }, {}), []);
  });

  test("at most five problems are shown", () => {
    assert.equal(problems({}, order, types).length, 5);
  });

  test("another validator has the same result for each change of an example", () => {
    assert.ok(compare(order, types) > 100);
  });

  test("so it has for each payload of the playground", async () => {
    const command = process.env.HELIODOR_SERVE.replace(/ serve$/, "");
    const { stdout } = await run("sh", ["-c", `exec ${command} contract --json`], { maxBuffer: 16 << 20 });
    const { channels, types } = JSON.parse(stdout);
    const schemas = channels.flatMap(({ join, receives, calls }) => [join.payload, ...receives.map(each => each.payload), ...calls.map(each => each.request)]);
    let refused = 0;
    for (const schema of schemas.filter(each => !isBinary(each))) refused += compare(schema, types);
    assert.ok(refused > 100, `${refused}`);
  });
});
