import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { answer, ask, Client, heard, joined, payloads } from "../phoenix-client.mjs";
import { handshake, RawClient } from "../raw-client.mjs";
import { until } from "../deadline.mjs";
import { Server } from "../server.mjs";

const T = "room:v1";

let server;
before(async () => (server = await Server.start("HELIODOR_SERVE")));
after(() => server?.stop());
afterEach(() => {
  RawClient.terminateAll();
  Client.disconnectAll();
});

const frame = (event, payload, ref, joinRef) => ({
  topic: T,
  event,
  payload,
  ref,
  ...(joinRef === undefined ? {} : { join_ref: joinRef }),
});
const reply = (ref, response = {}, status = "ok") => frame("phx_reply", { status, response }, ref);
const unmatched = ref => reply(ref, { reason: "unmatched topic" }, "error");

/** A raw client of version 1: it sends and receives objects. */
class V1 {
  static async open(query = "vsn=1.0.0") {
    return new V1(await RawClient.open(server, { query }));
  }

  static async member(joinRef) {
    const client = await V1.open();
    await client.says(frame("phx_join", {}, "1", joinRef), reply("1"));
    return client;
  }

  constructor(raw) {
    this.raw = raw;
  }

  send(message) {
    this.raw.send(typeof message === "object" && !Buffer.isBuffer(message) ? JSON.stringify(message) : message);
  }

  async nextIs(message) {
    const next = await this.raw.next();
    assert.deepEqual(next, message);
    assert.deepEqual(Object.keys(next), ["topic", "event", "payload", "ref"]);
  }

  async says(message, answer) {
    this.send(message);
    await this.nextIs(answer);
  }

  /** All messages of the server about earlier frames would come before this echo. */
  async echoes(joinRef) {
    await this.says(frame("echo", { still: "here" }, "e", joinRef), reply("e", { still: "here" }));
  }
}

describe("a raw client of version 1", () => {
  for (const query of ["vsn=1.0.0", "vsn=1.0.7", "", "x=y"]) {
    test(`is one that requests '${query}'`, async () => {
      const client = await V1.open(query);
      await client.says(frame("phx_join", {}, "1", "1"), reply("1"));
    });
  }

  test("is not one that requests another version", async () => {
    for (const vsn of ["1.1.0", "1.0", "1"]) assert.equal(await handshake(server, `vsn=${vsn}`), 403, vsn);
  });

  test("has its heartbeats answered", async () => {
    const client = await V1.open();
    const beat = { topic: "phoenix", event: "heartbeat", payload: {}, ref: "4" };
    await client.says(beat, { ...reply("4"), topic: "phoenix" });
  });

  test("pushes, with and without a join_ref", async () => {
    const client = await V1.member("1");
    await client.says(frame("echo", { a: "é🟡" }, "2", "1"), reply("2", { a: "é🟡" }));
    await client.says(frame("echo", { a: 1 }, "3", null), reply("3", { a: 1 }));
    await client.says(frame("echo", { a: 1 }, "4"), reply("4", { a: 1 }));
    await client.says(frame("fail", { reason: "no" }, "5"), reply("5", { reason: "no" }, "error"));
    await client.says(frame("push_me", { n: 5 }, "6"), frame("pushed", { n: 5 }, null));
    await client.nextIs(reply("6"));
  });

  test("receives broadcasts, as clients of version 2 do", async () => {
    const [client, other] = [await V1.member("1"), await RawClient.open(server)];
    await other.join(T);
    await client.says(frame("shout", { t: "hey" }, null, "1"), frame("shout", { t: "hey" }, null));
    await other.nextIs([null, null, T, "shout", { t: "hey" }]);
    other.send(["1", "2", T, "whisper", { t: "psst" }]);
    await client.nextIs(frame("whisper", { t: "psst" }, null));
  });

  test("leaves, and gets phx_close with its join_ref", async () => {
    const client = await V1.member("7");
    await client.says(frame("phx_leave", {}, "2", "7"), reply("2"));
    await client.nextIs(frame("phx_close", {}, "7"));
    await client.says(frame("echo", {}, "3", "7"), unmatched("3"));
    await client.says(frame("phx_leave", {}, "4", "7"), reply("4"));
  });

  test("gets phx_error and phx_close with its join_ref", async () => {
    const client = await V1.member("7");
    await client.says(frame("crash", {}, "2", "7"), frame("phx_error", { reason: "channel_crash" }, "7"));
    await client.says(frame("phx_join", {}, "3", "8"), reply("3"));
    await client.says(frame("stop", {}, "4", "8"), frame("phx_close", {}, "8"));
  });

  test("gets them with null if it gave no join_ref", async () => {
    const client = await V1.member();
    await client.says(frame("crash", {}, "2"), frame("phx_error", { reason: "channel_crash" }, null));
    await client.says(frame("phx_join", {}, "3"), reply("3"));
    await client.says(frame("phx_leave", {}, "4"), reply("4"));
    await client.nextIs(frame("phx_close", {}, null));
  });

  test("joins again without a close, which could be one of the new channel", async () => {
    const client = await V1.member();
    await client.says(frame("phx_join", {}, "2"), reply("2"));
    await client.echoes();
    await client.says(frame("shout", { n: 1 }, null), frame("shout", { n: 1 }, null));
    await client.echoes();
  });

  test("with a join_ref gets the close of the channel that its second join replaced", async () => {
    const client = await V1.member("3");
    client.send(frame("phx_join", {}, "8", "7"));
    const frames = [await client.raw.next(), await client.raw.next()].sort((a, b) => (a.event < b.event ? -1 : 1));
    assert.deepEqual(frames, [frame("phx_close", {}, "3"), reply("8")]);
    client.send(frame("crash", {}, "9", "3"));
    await client.echoes("7");
  });

  test("gets an error for an event without a join", async () => {
    const client = await V1.open();
    await client.says(frame("echo", {}, "1"), unmatched("1"));
    await client.says({ ...frame("phx_join", {}, "2"), topic: "nowhere" }, { ...unmatched("2"), topic: "nowhere" });
  });

  const bad = {
    "an array of version 2": ["1", "2", T, "echo", {}],
    "no topic": { event: "echo", payload: {}, ref: "2" },
    "no event": { topic: T, payload: {}, ref: "2" },
    "no payload": { topic: T, event: "echo", ref: "2" },
    "no ref": { topic: T, event: "echo", payload: {} },
    "a ref that is an object": frame("echo", {}, {}),
    "a join_ref of 256 bytes": frame("echo", {}, "2", "é".repeat(128)),
    "a binary push": Buffer.from("00010106043132726f6f6d3a766563686f", "hex"),
    "half an object": '{"topic":"room:v1"',
  };
  for (const [name, message] of Object.entries(bad)) {
    test(`is ignored when it sends an invalid frame: ${name}`, async () => {
      const client = await V1.member("1");
      client.send(message);
      await client.echoes("1");
    });
  }

  test("may write its keys in any order", async () => {
    const client = await V1.member("1");
    await client.says(
      ' {"ref" : "1" , "x":{"topic":[]}, "pa\\u0079load":{"a":1},\n"topic":"room:v1","event":"nothing","event":"echo","ref":"2"} ',
      reply("2", { a: 1 }),
    );
  });
});

describe("phoenix.js as a client of version 1", () => {
  const options = {
    vsn: "1.0.0",
    encode: (message, done) => done(JSON.stringify(message)),
    decode: (text, done) => done(JSON.parse(text)),
  };
  const client = () => new Client(server, options);

  test("joins, calls, receives and leaves", async () => {
    const [ann, bo] = [await client().join(T), await new Client(server).join(T)];
    assert.deepEqual(await ask(ann, "echo", { a: "é" }), { status: "ok", response: { a: "é" } });
    bo.push("shout", { n: 1 });
    assert.deepEqual(await heard(ann, "shout"), [{ n: 1 }]);
    assert.equal((await answer(ann.leave())).status, "ok");
    await until("the channel is closed", () => ann.state === "closed", () => ann.state);
  });

  test("joins again by itself after a crash", async () => {
    const channel = await client().join(T);
    channel.push("crash", {});
    assert.deepEqual(await heard(channel, "phx_error"), [{ reason: "channel_crash" }]);
    await joined(channel);
    assert.equal((await ask(channel, "echo", {})).status, "ok");
  });

  test("is closed when the server stops its channel", async () => {
    const channel = await client().join(T);
    channel.push("stop", {});
    await until("the channel is closed", () => channel.state === "closed", () => channel.state);
    assert.equal(payloads(channel, "phx_error").length, 0);
  });
});
