import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { until } from "../deadline.mjs";
import { bytes, close, error, handshake, ok, RawClient } from "../raw-client.mjs";
import { Server } from "../server.mjs";

const MIB = 1024 * 1024;
const T = "room:raw";

let server;
before(async () => (server = await Server.start("HELIODOR_SERVE")));
after(() => server?.stop());
afterEach(() => RawClient.terminateAll());

const open = options => RawClient.open(server, options);
async function member(joinRef = "1", topic = T) {
  const client = await open();
  await client.join(topic, joinRef);
  return client;
}

describe("the decision table", () => {
  test("a heartbeat is answered with any join_ref", async () => {
    const client = await open();
    await client.says([null, "12", "phoenix", "heartbeat", {}], ok(null, "12", "phoenix"));
    await client.says(["5", "13", "phoenix", "heartbeat", {}], ok(null, "13", "phoenix"));
  });

  test("another event on phoenix is handled as one for a topic that is not joined", async () => {
    await (await open()).says([null, "1", "phoenix", "echo", {}], error(null, "1", "phoenix", "unmatched topic"));
  });

  test("ref and join_ref are different things", async () => {
    const client = await open();
    await client.says(["77", "5", T, "phx_join", {}], ok("77", "5", T));
    await client.says(["77", "6", T, "echo", { a: 1 }], ok("77", "6", T, { a: 1 }));
    await client.says(["77", "77", T, "echo", {}], ok("77", "77", T));
  });

  test("a join without join_ref takes its ref as join_ref", async () => {
    const client = await open();
    await client.says([null, "4", T, "phx_join", {}], ok("4", "4", T));
    client.send(["other", "5", T, "echo", {}]);
    await client.says(["4", "6", T, "echo", {}], ok("4", "6", T));
  });

  test("a join that no channel serves is refused, without a join_ref", async () => {
    const client = await open();
    await client.says(["3", "4", "nowhere", "phx_join", {}], error(null, "4", "nowhere", "unmatched topic"));
    await client.says(["3", "5", "roomy:1", "phx_join", {}], error(null, "5", "roomy:1", "unmatched topic"));
    await client.join(T);
  });

  test("the 101st channel of a socket is refused, and there is room again after a leave", async () => {
    const client = await open();
    for (let n = 1; n <= 100; n++) client.send([`${n}`, `${n}`, `room:raw-${n}`, "phx_join", {}]);
    const replies = [];
    while (replies.length < 100) replies.push(await client.next());
    replies.sort((a, b) => a[1] - b[1]);
    assert.deepEqual(replies, Array.from({ length: 100 }, (_, n) => ok(`${n + 1}`, `${n + 1}`, `room:raw-${n + 1}`)));
    await client.says(["101", "101", "room:raw-101", "phx_join", {}], error("101", "101", "room:raw-101", "too many channels joined"));
    await client.says(["7", "102", "room:raw-7", "phx_leave", {}], ok("7", "102", "room:raw-7"));
    await client.nextIs(close("7", "room:raw-7"));
    await client.join("room:raw-101", "103");
  });

  test("a second join replaces the first, which gets its close", async () => {
    const client = await member("3");
    client.send(["7", "8", T, "phx_join", {}]);
    const frames = [await client.next(), await client.next()];
    // Both orders are good; a client drops the close, because the join_ref is no longer its own.
    frames.sort((a, b) => (a[3] < b[3] ? -1 : 1));
    assert.deepEqual(frames, [close("3", T), ok("7", "8", T)]);
    client.send(["3", "9", T, "echo", {}]);
    await client.echoes(T, "7");
    await client.says(["7", "10", T, "shout", { n: 1 }], [null, null, T, "shout", { n: 1 }]);
    await client.echoes(T, "7");
  });

  test("a leave is answered and then closed, with the join_ref twice", async () => {
    const client = await member("3");
    await client.says(["3", "10", T, "phx_leave", {}], ok("3", "10", T));
    await client.nextIs(close("3", T));
  });

  test("a leave without join_ref ends the channel that is joined", async () => {
    const client = await member("3");
    await client.says([null, "10", T, "phx_leave", {}], ok("3", "10", T));
    await client.nextIs(close("3", T));
  });

  test("a second leave and the leave of a topic not joined are answered, without a close", async () => {
    const client = await member("3");
    await client.says(["3", "10", T, "phx_leave", {}], ok("3", "10", T));
    await client.nextIs(close("3", T));
    await client.says(["3", "11", T, "phx_leave", {}], ok("3", "11", T));
    await client.says(["5", "12", "room:never", "phx_leave", {}], ok("5", "12", "room:never"));
    await client.says([null, "13", "phoenix", "heartbeat", {}], ok(null, "13", "phoenix"));
  });

  test("a stale leave is ignored", async () => {
    const client = await member("3");
    client.send(["2", "10", T, "phx_leave", {}]);
    await client.echoes(T, "3");
  });

  test("a stale join_ref is ignored", async () => {
    const client = await member("3");
    client.send(["2", "10", T, "echo", {}]);
    client.send(["2", "12", T, "crash", {}]);
    await client.echoes(T, "3");
  });

  test("an event without join_ref is handled by the channel that is joined", async () => {
    const client = await member("3");
    await client.says([null, "10", T, "echo", { a: 1 }], ok("3", "10", T, { a: 1 }));
  });

  test("an event before the join is answered each time", async () => {
    const client = await open();
    await client.says(["3", "8", T, "echo", {}], error(null, "8", T, "unmatched topic"));
    await client.says(["3", "9", T, "echo", {}], error(null, "9", T, "unmatched topic"));
    await client.join(T);
  });

  test("an event after the leave is handled as one for a topic that is not joined", async () => {
    const client = await member("3");
    await client.says(["3", "10", T, "phx_leave", {}], ok("3", "10", T));
    await client.nextIs(close("3", T));
    await client.says(["3", "11", T, "echo", {}], error(null, "11", T, "unmatched topic"));
    await client.says(["3", "12", T, "echo", {}], error(null, "12", T, "unmatched topic"));
  });

  test("phx_reply, phx_close and phx_error of a client are ordinary events", async () => {
    const client = await member("3");
    for (const event of ["phx_reply", "phx_close", "phx_error"]) {
      await client.says(["3", "8", T, event, {}], error("3", "8", T, "unhandled_event"));
    }
  });
});

describe("what a channel sends", () => {
  test("a push carries the join_ref of its channel and comes before the reply", async () => {
    const client = await member("3");
    await client.says(["3", "8", T, "push_me", { n: 5 }], ["3", null, T, "pushed", { n: 5 }]);
    await client.nextIs(ok("3", "8", T));
  });

  test("a broadcast carries no refs", async () => {
    const [ann, bo] = [await member("3"), await member("4")];
    ann.send(["3", "8", T, "shout", { t: "hey" }]);
    await ann.nextIs([null, null, T, "shout", { t: "hey" }]);
    await bo.nextIs([null, null, T, "shout", { t: "hey" }]);
    ann.send(["3", "9", T, "whisper", { t: "psst" }]);
    await bo.nextIs([null, null, T, "whisper", { t: "psst" }]);
    await ann.echoes(T, "3");
  });

  test("a crash sends phx_error with the join_ref twice, and a client can join again", async () => {
    const client = await member("3");
    await client.join("room:beside", "4");
    await client.says(["3", "8", T, "crash", {}], ["3", "3", T, "phx_error", { reason: "channel_crash" }]);
    await client.says(["3", "9", T, "echo", {}], error(null, "9", T, "unmatched topic"));
    await client.echoes("room:beside", "4");
    await client.join(T, "10");
  });

  test("a stop sends phx_close with the join_ref twice, and a client can join again", async () => {
    const client = await member("3");
    await client.says(["3", "8", T, "stop", {}], close("3", T));
    await client.says(["3", "9", T, "echo", {}], error(null, "9", T, "unmatched topic"));
    await client.join(T, "10");
  });

  test("output is compact and raw UTF-8, in the topic as well as in the payload", async () => {
    const topic = "room:é 🟡/x";
    const client = await member("3", topic);
    const payload = { "kéy/": 'slash / quote " backslash \\ 🟡 é', list: [1, { a: [] }], empty: {} };
    await client.says(["3", "8", topic, "echo", payload], ok("3", "8", topic, payload));
    await client.says(["3", "9", topic, "shout", payload], [null, null, topic, "shout", payload]);
  });

  test("refs that are not strings come back unchanged", async () => {
    const client = await open();
    await client.says([1, 2, T, "phx_join", {}], ok(1, 2, T));
    await client.says([1, 3, T, "echo", {}], ok(1, 3, T));
    client.send(["1", "4", T, "echo", {}]);
    await client.echoes(T, 1, 5);
  });

  test("a sixth element is ignored", async () => {
    const client = await member("3");
    await client.says(["3", "8", T, "echo", { a: 1 }, "more", {}], ok("3", "8", T, { a: 1 }));
  });

  test("white space between the elements does no harm", async () => {
    const client = await member("3");
    await client.says(' [ "3" ,\n"8",\t"room:raw","echo" , {"a":1} ] ', ok("3", "8", T, { a: 1 }));
  });
});

describe("invalid frames", () => {
  const bad = {
    "no JSON": "hello",
    "empty text": "",
    "half an array": '["3","8","room:raw","echo"',
    "an object": "{}",
    "null": "null",
    "an array of four": ["3", "8", T, "echo"],
    "an empty array": [],
    "a topic that is no string": ["3", "8", 5, "echo", {}],
    "no topic": ["3", "8", null, "echo", {}],
    "an event that is no string": ["3", "8", T, ["echo"], {}],
    "no event": ["3", "8", T, null, {}],
    "a ref that is an object": ["3", {}, T, "echo", {}],
    "a join_ref that is an array": [["3"], "8", T, "echo", {}],
    "a ref of 256 bytes": ["3", "x".repeat(256), T, "echo", {}],
    "a join_ref of 256 bytes": ["é".repeat(128), "8", T, "echo", {}],
    "an empty binary": Buffer.alloc(0),
    "a binary of an unknown kind": Buffer.from([9, 1, 1, 1, 1, 0x33, 0x33, 0x33, 0x33]),
    "a binary whose lengths lie": Buffer.from([0, 1, 1, 255, 4, 0x33, 0x38, 0x72]),
    "a binary cut off in its header": Buffer.from([0, 1, 1]),
  };

  for (const [name, frame] of Object.entries(bad)) {
    test(`${name} is ignored and the channel continues`, async () => {
      const client = await member("3");
      client.send(frame);
      await client.echoes(T, "3");
    });
  }

  test("five of them are ignored, the sixth closes the socket with 4400", async () => {
    const patient = await member("3");
    for (const frame of Object.values(bad).slice(0, 5)) patient.send(frame);
    await patient.echoes(T, "3");

    const client = await member("3");
    for (let n = 0; n < 6; n++) client.send(n % 2 ? "hello" : Buffer.from([9]));
    assert.equal((await client.isClosed()).code, 4400);
  });

  test("no other client is affected", async () => {
    const [client, other] = [await member("3"), await member("4")];
    for (let n = 0; n < 50; n++) client.send("hello");
    await client.isClosed();
    await other.echoes(T, "4");
  });
});

describe("the handshake", () => {
  for (const vsn of ["3.0.0", "2.1.0", "1.9.0", "0.9.0", "x", "2", "", "2.0.0.0"]) {
    test(`vsn=${vsn} is refused with 403`, async () => {
      assert.equal(await handshake(server, `vsn=${vsn}`), 403);
    });
  }

  test("a vsn that is not a string is refused with 403", async () => {
    assert.equal(await handshake(server, "vsn[]=2.0.0"), 403);
  });

  test("any patch of 2.0 is accepted", async () => {
    assert.equal(await handshake(server, "vsn=2.0.7"), 101);
  });

  test("a plain GET of the socket's path is a bad request", async () => {
    assert.equal((await fetch(`${server.url}/socket/websocket?vsn=2.0.0`)).status, 400);
  });

  test("another method is a bad request", async () => {
    assert.equal((await fetch(`${server.url}/socket/websocket?vsn=2.0.0`, { method: "POST" })).status, 400);
  });

  test("an origin of another host, another port or none at all is refused with 403", async () => {
    const { port } = server;
    for (const origin of [`http://evil.example:${port}`, "http://127.0.0.1:1", "http://127.0.0.1", "null", "file://"]) {
      assert.equal(await handshake(server, "vsn=2.0.0", { headers: { origin } }), 403, origin);
    }
  });

  test("the server's own origin is accepted, and so is a client without one", async () => {
    assert.equal(await handshake(server, "vsn=2.0.0", { headers: { origin: server.url } }), 101);
    assert.equal(await handshake(server, "vsn=2.0.0"), 101);
  });

  test("connect may refuse with 403", async () => {
    assert.equal(await handshake(server, "token=deny&vsn=2.0.0"), 403);
    assert.equal(await handshake(server, "token=allow&vsn=2.0.0"), 101);
  });

  test("a token is read from the subprotocol, in both alphabets", async () => {
    for (const token of ["c2VjcmV0", "c2VjcmV0LXRva2VuKw", "_-8"]) {
      const client = await open({ protocols: ["phoenix", `base64url.bearer.phx.${token}`] });
      assert.equal(client.ws.protocol, "phoenix");
      await client.join(T);
    }
  });

  test("the subprotocol phoenix alone is answered with itself", async () => {
    assert.equal((await open({ protocols: ["phoenix"] })).ws.protocol, "phoenix");
  });

  test("params may come before and after the vsn", async () => {
    const client = await open({ query: "vsn=2.0.0&user_id=ann&a[b]=c&empty=" });
    await client.join(T);
  });
});

describe("the WebSocket", () => {
  test("a ping is answered with its payload, also between the fragments of a message", async () => {
    const client = await member("3");
    client.ws.ping("are you there?");
    await until("the pong", () => client.pongs.length > 0, () => client.state());
    client.ws.send('["3","8","room:raw",', { fin: false });
    client.ws.ping("and now?");
    client.ws.send('"echo",{"a":1}]', { fin: true });
    await client.nextIs(ok("3", "8", T, { a: 1 }));
    await until("the second pong", () => client.pongs.length > 1, () => client.state());
    assert.deepEqual(client.pongs, ["are you there?", "and now?"]);
  });

  test("a message may come in many fragments, cut within a character", async () => {
    const client = await member("3");
    const message = Buffer.from(JSON.stringify(["3", "8", T, "echo", { text: "é🟡" }]));
    for (let at = 0; at < message.length; at++) {
      client.ws.send(message.subarray(at, at + 1), { binary: false, fin: at === message.length - 1 });
    }
    await client.nextIs(ok("3", "8", T, { text: "é🟡" }));
  });

  test("a message of exactly 1 MiB is served", async () => {
    const client = await member("3");
    const frame = text => JSON.stringify(["3", "8", T, "echo", { text }]);
    const text = "x".repeat(MIB - frame("").length);
    await client.says(frame(text), ok("3", "8", T, { text }));
  });

  test("a message over 1 MiB closes with 1009", async () => {
    const client = await member("3");
    client.send("x".repeat(MIB + 1));
    assert.equal((await client.isClosed()).code, 1009);
  });

  test("a frame over 1 MiB closes with 1009 as soon as its header is seen", async () => {
    const header = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 1, 1, 2, 3, 4]);
    const answer = await bytes(server, header);
    assert.equal(answer[0], 0x88, "a close frame");
    assert.equal(answer.readUInt16BE(2), 1009);
  });

  test("fragments of more than 1 MiB together close with 1009", async () => {
    const client = await member("3");
    client.ws.send("x".repeat(700_000), { fin: false });
    client.ws.send("x".repeat(700_000), { fin: true });
    assert.equal((await client.isClosed()).code, 1009);
  });

  test("a close is answered with a close", async () => {
    const client = await member("3");
    client.ws.close(1000, "bye");
    assert.equal((await client.isClosed()).code, 1000);
  });
});

describe("the process", () => {
  test("/health reports up, in JSON", async () => {
    const response = await fetch(`${server.url}/health`);
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type"), /^application\/json/);
    assert.equal((await response.json()).status, "up");
  });

  test("SIGTERM closes every socket with 1001 and ends with status 0", async () => {
    const clients = [await member("3"), await member("4"), await open()];
    assert.equal(await server.stop(), 0);
    for (const client of clients) assert.equal((await client.isClosed()).code, 1001);
    await server.restart();
    await (await member("3")).echoes(T, "3");
  });
});
