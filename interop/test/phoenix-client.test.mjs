import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import WebSocket from "ws";
import { until, within } from "../deadline.mjs";
import { answer, ask, Client, heard, joined, PATIENT, payloads } from "../phoenix-client.mjs";
import { Proxy } from "../proxy.mjs";
import { Server } from "../server.mjs";

/** Tests of WebSockets only; longpoll.test.mjs has those of polling clients. */
const webSocket = Client.transport === WebSocket ? {} : { skip: "a client that polls has no handshake and no heartbeat" };

let server;
let rooms = 0;
const room = () => `room:phoenix-${++rooms}`;

before(async () => (server = await Server.start("HELIODOR_SERVE")));
after(() => server?.stop());
afterEach(() => Client.disconnectAll());

describe("a room", () => {
  test("a join is answered with an empty ok", async () => {
    const channel = new Client(server).channel(room());
    assert.deepEqual(await answer(channel.join()), { status: "ok", response: {} });
  });

  test("a shout reaches every member and its sender", async () => {
    const topic = room();
    const [ann, bo] = await Promise.all([new Client(server).join(topic), new Client(server).join(topic)]);
    const said = { id: "1", body: "héllo / \"wörld\" 🟡", nested: { list: [1, 2.5, null, true] } };
    ann.push("shout", said);
    assert.deepEqual(await heard(ann, "shout"), [said]);
    assert.deepEqual(await heard(bo, "shout"), [said]);
  });

  test("a shout stays in its room", async () => {
    const client = new Client(server);
    const [here, there] = [await client.join(room()), await client.join(room())];
    here.push("shout", { n: 1 });
    await heard(here, "shout");
    await ask(there, "echo", {});
    assert.deepEqual(payloads(there, "shout"), []);
  });

  test("shouts of one sender arrive in their order", async () => {
    const topic = room();
    const [ann, bo] = await Promise.all([new Client(server).join(topic), new Client(server).join(topic)]);
    for (let n = 0; n < 200; n++) ann.push("shout", { n });
    assert.deepEqual((await heard(bo, "shout", 200)).map(({ n }) => n), [...Array(200).keys()]);
  });

  test("a whisper reaches all but its sender", async () => {
    const topic = room();
    const [ann, bo, cy] = await Promise.all([1, 2, 3].map(() => new Client(server).join(topic)));
    ann.push("whisper", { kind: "typing" });
    assert.deepEqual(await heard(bo, "whisper"), [{ kind: "typing" }]);
    assert.deepEqual(await heard(cy, "whisper"), [{ kind: "typing" }]);
    // The messages of one connection keep their order, so a whisper to Ann would have come before this reply.
    await ask(ann, "echo", {});
    assert.deepEqual(payloads(ann, "whisper"), []);
  });

  test("echo replies with its payload", async () => {
    const channel = await new Client(server).join(room());
    const payload = { text: "é🟡\\\"/\n", empty: {}, list: [[], null, false, 0, -1.5, 9007199254740991] };
    assert.deepEqual(await ask(channel, "echo", payload), { status: "ok", response: payload });
  });

  test("fail replies with an error and its reason", async () => {
    const channel = await new Client(server).join(room());
    assert.deepEqual(await ask(channel, "fail", { reason: "no luck" }), { status: "error", response: { reason: "no luck" } });
  });

  test("push_me pushes to its sender alone", async () => {
    const topic = room();
    const [ann, bo] = await Promise.all([new Client(server).join(topic), new Client(server).join(topic)]);
    assert.deepEqual(await ask(ann, "push_me", { n: 7 }), { status: "ok", response: {} });
    assert.deepEqual(await heard(ann, "pushed"), [{ n: 7 }]);
    ann.push("shout", {});
    await heard(bo, "shout");
    assert.deepEqual(payloads(bo, "pushed"), []);
  });

  test("a slow handler delays no other channel of its socket", async () => {
    const client = new Client(server);
    const [slow, other] = [await client.join(room()), await client.join(room())];
    // Its reply does not come while this test runs.
    slow.push("slow", { ms: 60_000 });
    assert.equal((await ask(other, "echo", {})).status, "ok");
    assert.equal(payloads(slow, "phx_reply").length, 1, "the reply to its join");
  });

  test("a slow handler replies when it has ended", async () => {
    const channel = await new Client(server).join(room());
    assert.deepEqual(await ask(channel, "slow", { ms: 100 }), { status: "ok", response: {} });
  });

  test("typed accepts valid payloads and ignores unknown fields", async () => {
    const channel = await new Client(server).join(room());
    for (const count of [1, 3, 100]) {
      assert.deepEqual(await ask(channel, "typed", { text: "", count, more: [1] }), { status: "ok", response: { text: "", count } });
    }
  });

  for (const [field, payload] of [
    ["text", { count: 3 }],
    ["text", { text: null, count: 3 }],
    ["text", { text: 5, count: 3 }],
    ["text", { text: ["a"], count: 3 }],
    ["count", { text: "a" }],
    ["count", { text: "a", count: null }],
    ["count", { text: "a", count: "3" }],
    ["count", { text: "a", count: 3.5 }],
    ["count", { text: "a", count: true }],
    ["count", { text: "a", count: 0 }],
    ["count", { text: "a", count: 101 }],
    ["count", { text: "a", count: 2 ** 40 }],
  ]) {
    test(`typed refuses ${JSON.stringify(payload)} for its ${field}`, async () => {
      const channel = await new Client(server).join(room());
      const { status, response } = await ask(channel, "typed", payload);
      assert.equal(status, "error");
      assert.equal(response.reason, "invalid_payload");
      assert.equal(response.field, field);
      assert.equal(typeof response.message, "string");
      assert.equal((await ask(channel, "echo", {})).status, "ok");
    });
  }

  test("an unknown event is answered and the channel continues", async () => {
    const channel = await new Client(server).join(room());
    assert.deepEqual(await ask(channel, "no_such_event", {}), { status: "error", response: { reason: "unhandled_event" } });
    assert.equal((await ask(channel, "echo", {})).status, "ok");
  });

  test("a single node is called local", async () => {
    const channel = await new Client(server).join(room());
    assert.deepEqual(await ask(channel, "node", {}), { status: "ok", response: { node: "local" } });
  });

  test("kick disconnects every socket of that user and no other", async () => {
    const topic = room();
    const admin = await new Client(server).join(topic);
    const [one, two] = [1, 2].map(() => new Client(server, { params: { user_id: "eve" } }));
    const other = new Client(server, { params: { user_id: "eve2" } });
    const channels = await Promise.all([one, two, other].map(client => client.join(topic)));
    assert.deepEqual(await ask(admin, "kick", { user_id: "eve" }), { status: "ok", response: {} });
    for (const client of [one, two]) {
      await until("the kicked socket closes", () => client.closes.length > 0, () => client.state());
      assert.equal(client.closes[0], Client.transport === WebSocket ? 1001 : 3410);
    }
    // phoenix.js connects again after 1001, and after 3410, its own code for the end of a session.
    for (const channel of channels) {
      await joined(channel);
      assert.equal((await ask(channel, "echo", {})).status, "ok");
    }
    assert.deepEqual(other.closes, []);
  });

  test("notify reaches every socket of that user, whatever it has joined, and no other", async () => {
    const admin = await new Client(server).join(room());
    const clients = [1, 2].map(() => new Client(server, { params: { user_id: "fay" } }));
    const other = new Client(server, { params: { user_id: "fay2" } });
    const notified = new Map();
    for (const client of [...clients, other]) {
      notified.set(client, []);
      client.socket.onMessage(({ topic, event, payload, join_ref: joinRef }) => {
        if (event === "notified") notified.get(client).push([topic, joinRef ?? null, payload]);
      });
    }
    await clients[0].join(room());
    await other.join(room());
    await until("both sockets are open", async () =>
      (await ask(admin, "notify", { user_id: "fay", body: "warm up" })).response.count === 2);
    notified.forEach(seen => seen.splice(0));
    const body = { text: "hi", list: [1, null] };
    assert.deepEqual(await ask(admin, "notify", { user_id: "fay", body }), { status: "ok", response: { count: 2 } });
    for (const client of clients) {
      const seen = notified.get(client);
      await until("the notice", () => seen.some(([, , payload]) => payload.body.text), () => client.state());
      assert.deepEqual(seen.at(-1), ["phoenix", null, { body }]);
    }
    assert.deepEqual(notified.get(other), []);
    assert.deepEqual(await ask(admin, "notify", { user_id: "nobody", body }), { status: "ok", response: { count: 0 } });
    assert.equal((await ask(admin, "notify", { user_id: 7, body })).response.reason, "invalid_payload");
  });

  test("a client that kicks its own user connects again", async () => {
    const client = new Client(server, { params: { user_id: "self" } });
    const channel = await client.join(room());
    channel.push("kick", { user_id: "self" });
    await until("the socket closes", () => client.closes.length > 0, () => client.state());
    await joined(channel);
    assert.equal((await ask(channel, "echo", {})).status, "ok");
  });
});

describe("the end of a channel", () => {
  test("a crash errors the channel, which joins again; the others of the socket continue", async () => {
    const client = new Client(server);
    const [channel, other] = [await client.join(room()), await client.join(room())];
    const errors = [];
    channel.onError(reason => errors.push(reason));
    channel.push("crash", {});
    await until("the error", () => errors.length > 0, () => client.state());
    assert.deepEqual(errors, [{ reason: "channel_crash" }]);
    await joined(channel);
    assert.equal((await ask(channel, "echo", {})).status, "ok");
    assert.equal((await ask(other, "echo", {})).status, "ok");
    assert.deepEqual(payloads(other, "phx_error"), []);
    assert.deepEqual(client.closes, []);
  });

  test("a push made between crash and rejoin is delivered after the rejoin", async () => {
    const channel = await new Client(server).join(room());
    channel.push("crash", {});
    await heard(channel, "phx_error");
    assert.deepEqual(await ask(channel, "echo", { late: true }), { status: "ok", response: { late: true } });
  });

  test("a stop closes the channel for good", async () => {
    const client = new Client(server);
    const [channel, other] = [await client.join(room()), await client.join(room())];
    channel.push("stop", {});
    await heard(channel, "phx_close");
    assert.equal(channel.state, "closed");
    // The other one fails later and joins again by the same timer: the first would have joined again by then.
    other.push("crash", {});
    await heard(other, "phx_error");
    await joined(other);
    assert.equal(channel.state, "closed");
    assert.ok(!client.socket.channels.includes(channel));
    assert.equal(payloads(channel, "phx_reply").length, 1);
  });

  test("a leave ends the membership, and a client can join again", async () => {
    const topic = room();
    const client = new Client(server);
    const other = await new Client(server).join(topic);
    const channel = await client.join(topic);
    assert.equal((await answer(channel.leave())).status, "ok");
    assert.equal(channel.state, "closed");
    const again = await client.join(topic);
    other.push("shout", { n: 1 });
    await heard(again, "shout");
    assert.deepEqual(payloads(channel, "shout"), []);
    assert.equal(payloads(again, "shout").length, 1);
  });

  test("a second channel on an open topic replaces the first", async () => {
    const topic = room();
    const client = new Client(server);
    const other = await new Client(server).join(topic);
    const first = await client.join(topic);
    const second = await client.join(topic);
    assert.equal((await ask(second, "echo", {})).status, "ok");
    other.push("shout", { n: 1 });
    await heard(second, "shout");
    await ask(second, "echo", {});
    assert.equal(first.state, "closed");
    assert.equal(second.state, "joined");
    assert.equal(payloads(second, "shout").length, 1);
    assert.deepEqual(payloads(first, "shout"), []);
  });
});

describe("joining", () => {
  test("an unmatched topic is refused with its reason", async () => {
    const channel = new Client(server).channel("nowhere:1");
    assert.deepEqual(await answer(channel.join()), { status: "error", response: { reason: "unmatched topic" } });
    assert.equal(channel.state, "errored");
    channel.leave();
  });

  test("pushes made before the join is answered arrive after it, in their order", async () => {
    const channel = new Client(server).channel(room());
    channel.join();
    for (let n = 0; n < 20; n++) channel.push("shout", { n });
    assert.deepEqual((await heard(channel, "shout", 20)).map(({ n }) => n), [...Array(20).keys()]);
  });

  test("the reply to a join comes before anything else, and nothing after it is lost", async () => {
    const topic = room();
    const speaker = await new Client(server).join(topic);
    const joiners = Array.from({ length: 25 }, () => new Client(server));
    await Promise.all(joiners.map(client => client.isOpen()));
    const LAST = 1000;
    const channels = [];
    for (let n = 1; n <= LAST; n++) {
      speaker.push("shout", { n });
      if (n % 40 === 0) {
        channels.push(joiners[n / 40 - 1].channel(topic));
        channels.at(-1).join();
        await heard(speaker, "shout", n - 20);
      }
    }
    // The join of the last one may come after the last shout; this one is for all.
    await Promise.all(channels.map(joined));
    speaker.push("shout", { n: LAST + 1 });
    for (const channel of channels) {
      await until("the last shout", () => payloads(channel, "shout").at(-1)?.n === LAST + 1, () => channel.seen.slice(-3));
      assert.equal(channel.seen[0][0], "phx_reply");
      const numbers = payloads(channel, "shout").map(({ n }) => n);
      assert.deepEqual(numbers, numbers.map((_, index) => numbers[0] + index));
    }
  });

  /** A channel whose join goes to the server, but is not answered in time. */
  async function unanswered(t, rejoinAfterMs) {
    const proxy = await Proxy.to(server);
    t.after(() => proxy.close());
    const topic = room();
    const watcher = await new Client(server).join(topic);
    const client = new Client(proxy, { rejoinAfterMs });
    await client.isOpen();
    proxy.mute();
    const channel = client.channel(topic, { user: "ann" });
    assert.deepEqual(await answer(channel.join(200)), { status: "timeout", response: {} });
    assert.equal(channel.state, "errored");
    return { proxy, watcher, client, channel };
  }

  test("a join that is not answered in time is left, and the channel ignores a late reply", async t => {
    const { proxy, watcher, client, channel } = await unanswered(t, () => 60_000);
    const came = [];
    client.socket.onMessage(({ event }) => came.push(event));
    proxy.mend();
    await until("the end of what it had joined", () => came.includes("phx_close"), () => ({ came, ...client.state() }));
    assert.equal(channel.state, "errored");
    assert.deepEqual(channel.seen.filter(([event]) => event !== "presence_diff"), []);
    assert.deepEqual((await ask(watcher, "who", {})).response, { users: [] });
  });

  test("a join that is not answered in time is tried again with a back-off, until it is answered", async t => {
    const tries = [];
    const { proxy, watcher, client, channel } = await unanswered(t, n => tries.push(n) && 20);
    await until("a third try", () => tries.length >= 3, () => ({ tries, ...client.state() }));
    assert.deepEqual(tries.slice(0, 3), [1, 2, 3]);
    channel.timeout = PATIENT;
    proxy.mend();
    await joined(channel);
    // The reply to a join comes before onJoined, which tracks the user; an event comes after it.
    await ask(channel, "echo", {});
    assert.deepEqual((await ask(watcher, "who", {})).response, { users: ["ann"] });
    watcher.push("shout", { n: 1 });
    await heard(channel, "shout");
    assert.equal((await ask(channel, "echo", {})).status, "ok");
    assert.deepEqual(payloads(channel, "shout"), [{ n: 1 }]);
    assert.deepEqual(client.closes, []);
  });

  test("fifty channels of one socket are joined at once", async () => {
    const client = new Client(server);
    const channels = await Promise.all(Array.from({ length: 50 }, () => client.join(room())));
    const replies = await Promise.all(channels.map((channel, n) => ask(channel, "echo", { n })));
    assert.deepEqual(replies.map(({ response }) => response.n), [...Array(50).keys()]);
  });
});

describe("connecting", () => {
  test("a token in the subprotocol is accepted and answered with phoenix", webSocket, async () => {
    const client = new Client(server, { authToken: "s3cret-token-of-ann" });
    const channel = await client.join(room());
    assert.equal(client.socket.conn.protocol, "phoenix");
    assert.equal((await ask(channel, "echo", {})).status, "ok");
  });

  test("token=deny is refused with 403", webSocket, async () => {
    const client = new Client(server, { params: { token: "deny" }, reconnectAfterMs: () => 60_000 });
    const errors = [];
    client.socket.onError(error => errors.push(error.message));
    await until("the refusal", () => errors.length > 0, () => client.state());
    assert.match(errors[0], /403/);
  });

  test("heartbeats are answered and keep the socket open", webSocket, async () => {
    const client = new Client(server);
    await client.isOpen();
    let answered = 0;
    client.socket.onMessage(({ topic, event }) => (answered += topic === "phoenix" && event === "phx_reply" ? 1 : 0));
    for (let n = 1; n <= 5; n++) {
      // Not by an interval: phoenix.js closes a connection whose heartbeat is not answered within that.
      client.socket.sendHeartbeat();
      await until("an answer", () => answered >= n, () => ({ answered, ...client.state() }));
    }
    assert.deepEqual([answered, client.closes], [5, []]);
  });

  test("ping measures the round-trip time", webSocket, async () => {
    const client = new Client(server);
    await client.isOpen();
    const ms = await within("a ping", new Promise(resolve => client.socket.ping(resolve)), () => client.state());
    assert.ok(ms >= 0);
  });

  test("after the server was killed and started again, clients connect again and their messages of the meantime arrive", async () => {
    const topic = room();
    const clients = [new Client(server), new Client(server)];
    const [ann, bo] = await Promise.all(clients.map(client => client.join(topic)));
    const other = await clients[0].join(room());
    await server.kill();
    for (const client of clients) await until("the loss", () => client.closes.length > 0, () => client.state());
    assert.equal(ann.state, "errored");
    const written = ann.push("echo", { written: "offline" }, 60_000);
    await server.restart();
    await Promise.all([ann, bo, other].map(joined));
    assert.deepEqual(await answer(written), { status: "ok", response: { written: "offline" } });
    ann.push("shout", { again: true });
    assert.deepEqual(await heard(bo, "shout"), [{ again: true }]);
    assert.equal((await ask(other, "echo", {})).status, "ok");
  });
});
