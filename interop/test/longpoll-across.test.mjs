import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { LongPoll } from "phoenix";
import { Cluster } from "../cluster.mjs";
import { until } from "../deadline.mjs";
import { ask, Client, heard, joined, payloads } from "../phoenix-client.mjs";

const fetched = globalThis.fetch;

let cluster;
let alive;
let turn = 0;
let rooms = 0;
const room = () => `room:longpoll-across-${++rooms}`;
const numbers = count => [...Array(count).keys()];

/** As a balancer without sticky sessions: each request goes to the next node that takes it. */
async function balanced(url, options) {
  for (let attempt = 0; ; attempt++) {
    const target = new URL(url);
    target.port = alive[turn++ % alive.length].port;
    try {
      return await fetched(target, options);
    } catch (error) {
      if (error.name === "AbortError" || attempt === 3) throw error;
    }
  }
}

const poller = (options = {}) => new Client(cluster.servers[0], { transport: LongPoll, ...options });

before(async () => {
  cluster = await Cluster.start("a", "b", "c");
  alive = [...cluster.servers];
  globalThis.fetch = balanced;
});
after(() => {
  globalThis.fetch = fetched;
  return cluster?.stop();
});
afterEach(() => Client.disconnectAll());

describe("a client whose polls and posts come to three nodes", () => {
  test("joins, calls and gets a reply", async () => {
    const channel = await poller().join(room());
    const payload = { text: "é🟡\\\"/\n\u0001\u2028", empty: {}, list: [[], null, false, 0, -1.5] };
    for (let n = 0; n < 20; n++)
      assert.deepEqual(await ask(channel, "echo", { ...payload, n }), { status: "ok", response: { ...payload, n } });
  });

  test("receives a thousand shouts of another node in their order", async () => {
    const topic = room();
    const polling = await poller().join(topic);
    const streaming = await new Client(cluster.servers[1]).join(topic);
    for (let n = 0; n < 1000; n++) streaming.push("shout", { n });
    assert.deepEqual((await heard(polling, "shout", 1000)).map(({ n }) => n), numbers(1000));
  });

  test("shouts 300 times, which arrive in their order", async () => {
    const topic = room();
    const streaming = await new Client(cluster.servers[2]).join(topic);
    const polling = await poller().join(topic);
    for (let n = 0; n < 300; n++) polling.push("shout", { n });
    assert.deepEqual((await heard(streaming, "shout", 300)).map(({ n }) => n), numbers(300));
  });

  test("pushes and receives large messages", async () => {
    const channel = await poller().join(room());
    const text = "é".repeat(50_000);
    const replies = await Promise.all(Array.from({ length: 8 }, (_, n) => ask(channel, "echo", { n, text })));
    assert.deepEqual(replies.map(({ response }) => response.n), numbers(8));
    assert.ok(replies.every(({ response }) => response.text === text));
  });

  test("is present until it leaves", async () => {
    const topic = room();
    const streaming = await new Client(cluster.servers[1]).join(topic);
    const client = poller();
    await client.join(topic, { user: "polling" });
    const users = async () => (await ask(streaming, "who", {})).response.users;
    await until("it is present", async () => (await users()).includes("polling"));
    client.socket.channels[0].leave();
    await until("it is gone", async () => !(await users()).includes("polling"));
  });
});

/** Shouts of a client with a WebSocket, 100 a second, until they are stopped. */
async function shouting(server, topic) {
  const channel = await new Client(server).join(topic);
  let count = 0;
  const timer = setInterval(() => channel.push("shout", { n: count++ }), 10);
  return { channel, stop: () => (clearInterval(timer), count), count: () => count };
}

describe("a node that dies", () => {
  test("costs the clients of other nodes nothing, though some of their polls were there", async () => {
    const topic = room();
    // Their sessions begin at a node that lives.
    const [a, b, c] = cluster.servers;
    alive = [a];
    const clients = await Promise.all(Array.from({ length: 10 }, () => poller().join(topic)));
    alive = [a, b, c];
    const publisher = await shouting(a, topic);
    await until("some shouts", () => publisher.count() > 50);
    c.kill();
    alive = [a, b];
    await until("some more shouts", () => publisher.count() > 200);
    const count = publisher.stop();
    for (const channel of clients) {
      await until("all shouts", () => payloads(channel, "shout").some(({ n }) => n === count - 1), () => channel.seen.slice(-3));
      // An answer that the dead node's kernel had taken comes again.
      const distinct = [...new Set(payloads(channel, "shout").map(({ n }) => n))];
      assert.deepEqual(distinct, numbers(count).slice(distinct[0]));
      assert.ok(distinct[0] <= 1);
    }
  });

  test("brings its own clients back on another one", async () => {
    const topic = room();
    const [a, b] = cluster.servers;
    alive = [b];
    const client = poller();
    const channel = await client.join(topic);
    alive = [a, b];
    await ask(channel, "echo", {});
    b.kill();
    alive = [a];
    await until("the end of its session", () => client.closes.length > 0 || channel.state !== "joined", () => client.state());
    await joined(channel);
    assert.equal((await ask(channel, "echo", {})).status, "ok");
  });
});
