import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { LongPoll } from "phoenix";
import { until } from "../deadline.mjs";
import { answer, ask, Client, heard, joined, payloads } from "../phoenix-client.mjs";
import { Server } from "../server.mjs";

const fetched = globalThis.fetch;

let server;
let rooms = 0;
let posts = [];
const room = () => `room:longpoll-${++rooms}`;

/** phoenix.js that polls, with Node's own fetch. */
const poller = (options = {}) => new Client(server, { transport: LongPoll, ...options });

before(async () => (server = await Server.start("HELIODOR_SERVE")));
after(() => server?.stop());
afterEach(() => {
  Client.disconnectAll();
  globalThis.fetch = fetched;
});

/** Records the number of lines of each post. */
function countPosts() {
  posts = [];
  globalThis.fetch = (url, options) => {
    if (options.method === "POST") posts.push(options.body.split("\n").length);
    return fetched(url, options);
  };
}

describe("a client that polls", () => {
  test("joins, calls and gets a reply", async () => {
    const channel = await poller().join(room());
    const payload = { text: "é🟡\\\"/\n\u0001\u2028", empty: {}, list: [[], null, false, 0, -1.5] };
    assert.deepEqual(await ask(channel, "echo", payload), { status: "ok", response: payload });
    assert.deepEqual(await ask(channel, "fail", { reason: "no luck" }), { status: "error", response: { reason: "no luck" } });
    channel.push("push_me", { n: 7 });
    assert.deepEqual(await heard(channel, "pushed"), [{ n: 7 }]);
  });

  test("shares a room with a client that has a WebSocket", async () => {
    const topic = room();
    const [polling, streaming] = await Promise.all([poller().join(topic), new Client(server).join(topic)]);
    polling.push("shout", { from: "polling" });
    await heard(streaming, "shout");
    streaming.push("shout", { from: "streaming" });
    await heard(polling, "shout", 2);
    // The order of one sender is kept; that of two may differ from member to member, even if one answers the other.
    for (const channel of [polling, streaming]) {
      const senders = payloads(channel, "shout").map(({ from }) => from);
      assert.deepEqual(senders.sort(), ["polling", "streaming"]);
    }
  });

  test("receives a thousand shouts in their order", async () => {
    const topic = room();
    const polling = await poller().join(topic);
    const streaming = await new Client(server).join(topic);
    for (let n = 0; n < 1000; n++) streaming.push("shout", { n });
    assert.deepEqual((await heard(polling, "shout", 1000)).map(({ n }) => n), [...Array(1000).keys()]);
  });

  test("pushes 150 at once, which go in two requests and arrive in their order", async () => {
    const channel = await poller().join(room());
    countPosts();
    for (let n = 0; n < 150; n++) channel.push("shout", { n });
    assert.deepEqual((await heard(channel, "shout", 150)).map(({ n }) => n), [...Array(150).keys()]);
    assert.deepEqual(posts, [100, 50]);
  });

  test("pushes and receives large messages", async () => {
    const channel = await poller().join(room());
    const text = "é".repeat(50_000);
    const replies = await Promise.all(Array.from({ length: 8 }, (_, n) => ask(channel, "echo", { n, text })));
    assert.deepEqual(replies.map(({ response }) => response.n), [...Array(8).keys()]);
    assert.ok(replies.every(({ response }) => response.text === text));
  });

  test("receives a presence state that is too large for one piece", async () => {
    const topic = room();
    const users = Array.from({ length: 200 }, (_, n) => `${n} ${"x".repeat(200)}`);
    // A channel answers after it has tracked its user; its join is answered before.
    await Promise.all(users.map(async user => ask(await new Client(server).join(topic, { user }), "echo", {})));
    const channel = await poller().join(topic, { user: "polling" });
    const [state] = await heard(channel, "presence_state");
    assert.ok(users.every(user => state[user].metas.length === 1));
    assert.equal((await ask(channel, "echo", {})).status, "ok");
  });

  test("leaves, and may join again", async () => {
    const topic = room();
    const client = poller();
    const channel = await client.join(topic);
    assert.equal((await answer(channel.leave())).status, "ok");
    assert.equal(channel.state, "closed");
    assert.equal((await ask(await client.join(topic), "echo", {})).status, "ok");
  });

  test("joins again when its channel has crashed", async () => {
    const client = poller();
    const [channel, other] = [await client.join(room()), await client.join(room())];
    channel.push("crash", {});
    await heard(channel, "phx_error");
    await joined(channel);
    assert.equal((await ask(other, "echo", {})).status, "ok");
    assert.deepEqual(client.closes, []);
  });

  test("is notified that it was disconnected by id, and connects again", async () => {
    const topic = room();
    const admin = await new Client(server).join(topic);
    const client = poller({ params: { user_id: "polling" } });
    const channel = await client.join(topic);
    await ask(admin, "kick", { user_id: "polling" });
    await until("the end of its session", () => client.closes.length > 0, () => client.state());
    assert.equal(client.closes[0], 3410);
    await joined(channel);
    assert.equal((await ask(channel, "echo", {})).status, "ok");
  });

  test("is refused by the connect handler", async () => {
    const client = poller({ params: { token: "deny" }, reconnectAfterMs: () => 60_000 });
    const errors = [];
    client.socket.onError(error => errors.push(error));
    await until("the end", () => client.closes.length > 0, () => client.state());
    assert.deepEqual([errors, client.closes], [[403], [1008]]);
  });

  test("sends its token in a header", async () => {
    const channel = await poller({ authToken: "s3cret/token+of ann" }).join(room());
    assert.equal((await ask(channel, "echo", {})).status, "ok");
  });

  test("keeps a token of its user apart from that of its session", async () => {
    const channel = await poller({ params: { token: "of the user" } }).join(room());
    assert.equal((await ask(channel, "echo", {})).status, "ok");
  });
});

describe("when the server", () => {
  for (const [goes, status] of [["kill", "SIGKILL"], ["stop", 0]]) {
    test(`was ended by ${goes} and started again, messages written meanwhile arrive`, async () => {
      const topic = room();
      const clients = [poller({ params: { token: "of the user" } }), poller()];
      const [ann, bo] = await Promise.all(clients.map(client => client.join(topic)));
      assert.equal(await server[goes](), status);
      for (const client of clients) await until("the loss", () => client.closes.length > 0, () => client.state());
      const written = ann.push("echo", { written: "offline" }, 60_000);
      await server.restart();
      await Promise.all([ann, bo].map(joined));
      assert.deepEqual(await answer(written), { status: "ok", response: { written: "offline" } });
      ann.push("shout", { again: true });
      assert.deepEqual(await heard(bo, "shout"), [{ again: true }]);
    });
  }
});
