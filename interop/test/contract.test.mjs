import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Parser } from "@asyncapi/parser";
import Ajv from "ajv";
import WebSocket from "ws";
import { until } from "../deadline.mjs";
import { Server } from "../server.mjs";

// The contract that the command line prints, and what the clients of the playground receive.

const run = promisify(execFile);
const launch = async (...words) => {
  const command = process.env.HELIODOR_SERVE.replace(/ serve$/, "");
  return (await run("sh", ["-c", `exec ${command} "$@"`, "heliodor", ...words], { maxBuffer: 16 << 20 })).stdout;
};

let folder;
before(async () => (folder = await mkdtemp(join(tmpdir(), "contract-"))));
after(() => rm(folder, { recursive: true }));

for (const version of ["typescript", "typescript5"]) {
  test(`the types compile with ${version}`, async () => {
    const file = join(folder, `${version}.ts`);
    const text = await launch("contract", "--ts");
    assert.doesNotMatch(text, /^import/m);
    assert.deepEqual(text.match(/^export .*/gm), ["export type Playground = {"]);
    await writeFile(file, text);
    const compiler = fileURLToPath(new URL(`../node_modules/${version}/bin/tsc`, import.meta.url));
    await run("node", [compiler, "--noEmit", "--strict", "--skipDefaultLibCheck", "--isolatedModules", "--noUncheckedIndexedAccess", file]);
  });
}

test("the document of AsyncAPI is valid", async () => {
  const { document, diagnostics } = await new Parser().parse(await launch("contract", "--asyncapi"));
  assert.deepEqual(diagnostics.filter(({ code }) => code !== "asyncapi-latest-version").map(({ message }) => message), []);
  assert.equal(document.version(), "3.0.0");
  const address = channel => channel.address();
  assert.deepEqual(document.channels().all().map(address).toSorted(), [
    "doc:{key}",
    "history:{key}",
    "limited:{key}",
    "notes:{key}",
    "own:{user}",
    "phoenix",
    "private:{key}",
    "realtime:{key}",
    "room:{key}",
    "state:{key}",
  ]);
});

for (const words of [[], ["--ts", "--json"], ["--tsx"]]) {
  test(`contract ${words.join(" ")} is one line on standard error, and status 2`, async () => {
    const { code, stdout, stderr } = await launch("contract", ...words).then(assert.fail, failure => failure);
    assert.deepEqual({ code, stdout, lines: stderr.split("\n").length }, { code: 2, stdout: "", lines: 2 }, stderr);
  });
}

/** A client that compares all frames that it receives with the contract. */
class Recorder {
  problems = [];
  seen = new Set();
  #requests = new Map();
  #replies = new Map();
  #ref = 0;

  static async open(server, contract, user) {
    const recorder = new Recorder(new WebSocket(`${server.socket}/websocket?vsn=2.0.0&user_id=${user}`), contract);
    await until("the socket is open", () => recorder.ws.readyState === WebSocket.OPEN);
    return recorder;
  }

  constructor(ws, contract) {
    this.ws = ws;
    this.contract = contract;
    this.ajv = new Ajv({ strict: false, validateFormats: false });
    this.ajv.addSchema({ $id: "contract", types: contract.types });
    ws.on("message", (bytes, binary) => this.#receive(binary ? decoded(bytes) : JSON.parse(bytes.toString())));
  }

  /** Sends a frame; the reply to it. */
  async asks(joinRef, topic, event, payload, contract) {
    const ref = String(++this.#ref);
    this.#requests.set(ref, contract);
    this.ws.send(payload instanceof Uint8Array ? encoded(joinRef, ref, topic, event, payload) : JSON.stringify([joinRef, ref, topic, event, payload]));
    await until(`the reply to ${event} on ${topic}`, () => this.#replies.has(ref), () => this.problems);
    return this.#replies.get(ref);
  }

  sends(joinRef, topic, event, payload) {
    this.ws.send(payload instanceof Uint8Array ? encoded(joinRef, "", topic, event, payload) : JSON.stringify([joinRef, null, topic, event, payload]));
  }

  #receive([, ref, topic, event, payload]) {
    if (event === "phx_reply") {
      const { reply, error, name } = this.#requests.get(ref);
      const refused = payload.status === "error" && typeof payload.response.reason === "string";
      const allowed = payload.status === "ok" ? [reply] : [error];
      if (!refused && !allowed.some(schema => this.#isValid(schema, payload.response)))
        this.problems.push(`${payload.status} of ${name} on ${topic}: ${JSON.stringify(payload.response)}`);
      this.#replies.set(ref, payload);
      return;
    }
    if (["phx_close", "phx_error"].includes(event)) return;
    this.seen.add(`${topic.split(":")[0]} ${event}`);
    const { sends, presences = [] } =
      topic === "phoenix" ? { sends: this.contract.messages } : this.contract.channels.find(({ topic: at }) => topic.startsWith(at.slice(0, -1)));
    const ofPresence = presences.some(({ name }) => [`${name}_state`, `${name}_diff`].includes(event));
    if (!ofPresence && !sends.some(({ name, payload: schema }) => name === event && this.#isValid(schema, payload)))
      this.problems.push(`${event} on ${topic}: ${JSON.stringify(payload)}`);
  }

  #isValid(schema, value) {
    if (schema.format === "binary") return value instanceof Uint8Array;
    if (value instanceof Uint8Array) return false;
    return this.ajv.validate(JSON.parse(JSON.stringify(schema).replaceAll('"#/types/', '"contract#/types/')), value);
  }
}

const part = (bytes, from, length) => Buffer.from(bytes.subarray(from, from + length)).toString();

/** A binary push, reply or broadcast. */
function decoded(bytes) {
  const [kind, ...lengths] = bytes;
  const count = [3, 4, 2][kind];
  let at = 1 + count;
  const parts = lengths.slice(0, count).map(length => part(bytes, (at += length) - length, length));
  const payload = new Uint8Array(bytes.subarray(at));
  if (kind === 0) return [parts[0], null, parts[1], parts[2], payload];
  if (kind === 1) return [parts[0], parts[1], parts[2], "phx_reply", { status: parts[3], response: payload }];
  return [null, null, parts[0], parts[1], payload];
}

function encoded(...all) {
  const parts = all.slice(0, 4).map(text => Buffer.from(text));
  return Buffer.concat([Buffer.from([0, ...parts.map(({ length }) => length)]), ...parts, all[4]]);
}

/** A value of a schema: with all properties, or with those that are required. */
function value(types, schema, full) {
  if (schema.$ref) return value(types, types[schema.$ref.slice("#/types/".length)], full);
  if (schema.format === "binary") return Uint8Array.of(1, 2, 3);
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) return value(types, schema.anyOf[0], full);
  switch ([schema.type].flat()[0]) {
    case "string":
      return "x";
    case "integer":
    case "number":
      return 1;
    case "boolean":
      return true;
    case "array":
      return [];
    case "object": {
      const names = Object.keys(schema.properties ?? {}).filter(name => full || schema.required?.includes(name));
      return Object.fromEntries(names.map(name => [name, value(types, schema.properties[name], full)]));
    }
    default:
      return { any: [1, null] };
  }
}

test("clients receive what the contract declares, with payloads of its schemas, and nothing else", async () => {
  const contract = JSON.parse(await launch("contract", "--json"));
  const token = (await launch("token", "--user", "ann")).trim();
  const server = await Server.start("HELIODOR_SERVE");
  try {
    const [ann, ben] = [await Recorder.open(server, contract, "ann"), await Recorder.open(server, contract, "ben")];
    await ann.asks(null, "phoenix", "refresh", { token }, { name: "refresh", reply: {}, error: {} });
    const made = (schema, full, event) => {
      const special = { user_id: event === "kick" ? "nobody" : "ann", token, event: "track" };
      const plain = value(contract.types, schema, full);
      if (plain instanceof Uint8Array) return plain;
      return Object.fromEntries(Object.entries(plain).map(([name, each]) => [name, special[name] ?? each]));
    };
    const played = new Set();
    let number = 0;
    for (const full of [true, false]) {
      for (const { topic: pattern, join, receives, calls } of contract.channels) {
        const topic = pattern === "own:*" ? "own:ann" : pattern.replace("*", `r${full}`);
        // Without a request for it, a broadcast of supabase-js has no reply.
        const acknowledged = pattern === "realtime:*";
        const joined = async client => {
          const joinRef = `j${++number}`;
          const { status } = await client.asks(joinRef, topic, "phx_join", made(join.payload, full || acknowledged), { name: "phx_join", ...join });
          return status === "ok" && joinRef;
        };
        let joinRef = await joined(ann);
        if (!joinRef) {
          assert.ok(!full && join.payload.$ref, `${topic} is joined`);
          continue;
        }
        await joined(ben);
        for (const call of calls) {
          const { status } = await ann.asks(joinRef, topic, call.name, made(call.request, full, call.name), call);
          played.add(`${pattern} ${call.name} ${status}`);
        }
        for (const { name, payload } of receives) {
          ann.sends(joinRef, topic, name, made(payload, full));
          // Some of them end the channel; the replies to later joins come after what they cause.
          joinRef = await joined(ann);
        }
      }
    }
    for (const client of [ann, ben]) {
      await client.asks(null, "phoenix", "heartbeat", {}, { name: "heartbeat", reply: {}, error: {} });
      assert.deepEqual(client.problems, []);
    }
    for (const call of ["echo ok", "typed ok", "who ok", "bin ok", "notify ok", "fail error"]) assert.ok(played.has(`room:* ${call}`), `${call} in ${[...played]}`);
    // All that is declared; documents send what this client cannot make.
    const sent = contract.channels.filter(({ topic }) => topic !== "doc:*");
    const expected = sent.flatMap(({ topic, sends }) => sends.map(({ name }) => `${topic.split(":")[0]} ${name}`));
    expected.push("phoenix notified", "room presence_state");
    const missing = () => expected.filter(event => !ann.seen.has(event) && !ben.seen.has(event));
    await until("all events were received", () => missing().length === 0, missing);
    for (const client of [ann, ben]) assert.deepEqual(client.problems, []);
  } finally {
    await server.stop();
  }
});
