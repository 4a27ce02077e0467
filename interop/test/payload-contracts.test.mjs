import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import Ajv from "ajv";

// The types that PayloadContractTests generated, with what the codec wrote, read and refused: a validator of pages and the compilers of
// TypeScript agree with it.

const run = promisify(execFile);
const samples = process.env.HELIODOR_PAYLOAD_CONTRACTS ?? fileURLToPath(new URL("../../channels/target/payload-contracts.json", import.meta.url));
const skip = !existsSync(samples) && "PayloadContractTests has not run";

let types;
before(async () => (types = skip ? [] : JSON.parse(await readFile(samples, "utf8"))));

/** A number that a page has only rounded. Infinity is a number for a validator in JavaScript. */
const isRounded = json => /\d{16}|E\+/i.test(json.replace(/"(?:[^"\\]|\\.)*"/g, '""'));

const within = (min, max) => ({ type: "number", validate: value => value >= min && value <= max });
const formats = {
  int32: within(-(2 ** 31), 2 ** 31 - 1),
  int64: within(-(2 ** 63), 2 ** 63),
  double: within(-Number.MAX_VALUE, Number.MAX_VALUE),
  uuid: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  date: text => /^\d{4}-\d\d-\d\d$/.test(text) && isDay(text),
  "date-time": text => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(text) && isDay(text.slice(0, 10)),
};
const isDay = text => {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
};

test("Ajv accepts what is written and read, and refuses what is refused", { skip }, () => {
  const problems = [];
  let values = 0;
  for (const { where, contract, written = [], read = [], refused = [] } of types) {
    const ajv = new Ajv({ strict: false, formats });
    ajv.addSchema({ $id: "contract", types: contract.types });
    const { request, reply } = contract.channels[0].calls[0];
    const compiled = schema => ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"contract#/')));
    const [reads, writes] = [compiled(request), compiled(reply)];
    const check = (validate, texts, valid) => {
      for (const text of texts) {
        if (!valid && isRounded(text)) continue;
        values++;
        if (validate(JSON.parse(text)) !== valid) problems.push(`${valid ? "refuses" : "accepts"} ${text}\n${where}`);
      }
    };
    check(writes, written, true);
    check(reads, read, true);
    check(reads, refused, false);
  }
  assert.deepEqual(problems.slice(0, 5), []);
  assert.ok(types.length >= 20 && values > 20 * types.length, `${types.length} types, ${values} values`);
});

for (const version of ["typescript", "typescript5"]) {
  test(`what is written has its type of ${version}`, { skip }, async () => {
    const folder = await mkdtemp(join(tmpdir(), "payload-contracts-"));
    after(() => rm(folder, { recursive: true }));
    await mkdir(folder, { recursive: true });
    const files = [];
    for (const [i, { typeScript, written = [] }] of types.entries()) {
      const file = join(folder, `types${i}.ts`);
      const values = written.map((json, n) => `export const v${n}: C["channels"][0]["calls"]["call"]["reply"] = ${json};`);
      await writeFile(file, `${typeScript}\n${values.join("\n").replaceAll("\u2028", "\\u2028")}\n`);
      files.push(file);
    }
    const compiler = fileURLToPath(new URL(`../node_modules/${version}/bin/tsc`, import.meta.url));
    const options = ["--noEmit", "--strict", "--skipDefaultLibCheck", "--isolatedModules", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes"];
    const { stdout } = await run("node", [compiler, ...options, ...files], { maxBuffer: 16 << 20 }).catch(failure => failure);
    assert.equal(stdout.split("\n").slice(0, 10).join("\n"), "");
  });
}
