import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { Presence } from "phoenix";
import { Cluster, COOKIE } from "../cluster.mjs";
import { until, within } from "../deadline.mjs";
import { ask, Client, heard, payloads } from "../phoenix-client.mjs";
import { freePorts } from "../ports.mjs";
import { Server } from "../server.mjs";
import { long } from "../size.mjs";

const VERSIONS = {
  "2.0.0": {},
  "1.0.0": {
    vsn: "1.0.0",
    encode: (message, done) => done(JSON.stringify(message)),
    decode: (text, done) => done(JSON.parse(text)),
  },
};

let cluster;

before(async () => (cluster = await Cluster.start("a", "b", "c")));
after(() => cluster?.stop());
afterEach(() => Client.disconnectAll());

let rooms = 0;
const room = () => `room:across-${++rooms}`;

/** One client on each node, joined to the topic. */
const everywhere = (topic, payload = () => ({}), options = {}) =>
  Promise.all(cluster.servers.map((server, i) => new Client(server, options).join(topic, payload(i))));

const users = async channel => (await ask(channel, "who", {})).response.users;

describe("clients on three nodes", () => {
  test("each reports its node", async () => {
    const channels = await everywhere(room());
    const names = await Promise.all(channels.map(channel => ask(channel, "node", {})));
    assert.deepEqual(names.map(({ response }) => response.node), ["a@127.0.0.1", "b@127.0.0.1", "c@127.0.0.1"]);
  });

  for (const [version, options] of Object.entries(VERSIONS)) {
    test(`a shout reaches all, a whisper all but its sender (${version})`, async () => {
      const [ann, ben, cyd] = await everywhere(room(), () => ({}), options);
      ann.push("shout", { n: 1 });
      for (const channel of [ann, ben, cyd]) assert.deepEqual(await heard(channel, "shout"), [{ n: 1 }]);
      ben.push("whisper", { n: 2 });
      for (const channel of [ann, cyd]) assert.deepEqual(await heard(channel, "whisper"), [{ n: 2 }]);
      ben.push("shout", { n: 3 });
      await heard(ben, "shout", 2);
      assert.deepEqual(payloads(ben, "whisper"), []);
    });
  }

  test("bytes arrive as they were sent", async () => {
    const [ann, , cyd] = await everywhere(room());
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    assert.equal((await ask(ann, "bin", bytes.buffer)).status, "ok");
    const [arrived] = await heard(cyd, "bin");
    assert.deepEqual(new Uint8Array(arrived), bytes);
  });

  test("a message of a megabyte arrives", async () => {
    const [ann, ben] = await everywhere(room());
    const text = "x".repeat(1_000_000);
    ann.push("shout", { text });
    assert.equal((await heard(ben, "shout"))[0].text.length, text.length);
  });

  test("each member gets its own copy of a note", async () => {
    const channels = await everywhere(`notes:${room()}`, i => ({ user: `user ${i}` }));
    channels[0].push("note", { text: "hi" });
    for (const [i, channel] of channels.entries())
      assert.deepEqual(await heard(channel, "note"), [{ text: "hi", for: `user ${i}` }]);
  });

  test("no message after a join is missed, and order holds", async () => {
    for (let round = 0; round < 20; round++) {
      const topic = room();
      const speaker = await new Client(cluster.servers[1]).join(topic);
      const listener = await new Client(cluster.servers[2]).join(topic);
      for (let n = 0; n < 20; n++) speaker.push(n % 2 ? "shout" : "whisper", { n });
      const said = () => listener.seen.filter(([, payload]) => "n" in payload);
      await until("all 20 came", () => said().length === 20, said);
      assert.deepEqual(said().map(([, { n }]) => n), Array.from({ length: 20 }, (_, n) => n));
    }
  });

  test("presence is the same on all nodes", async () => {
    const topic = room();
    // Before the join: the state may come in one packet with the reply.
    const watched = new Client(cluster.servers[0]).channel(topic, { user: "ann" });
    const presence = new Presence(watched);
    watched.join();
    const present = () => presence.list(key => key).sort();
    const others = await Promise.all([1, 2].map(i => new Client(cluster.servers[i]).join(topic, { user: `user ${i}` })));
    await until("three are present", () => present().length === 3, present);
    for (const channel of [watched, ...others])
      await until("who agrees", async () => (await users(channel)).join() === "ann,user 1,user 2");
    others[1].leave();
    await until("two are present", () => present().join() === "ann,user 1", present);
  });

  test("a kick reaches the user on any node", async () => {
    const topic = room();
    const victim = new Client(cluster.servers[2], { params: { user_id: "eve" }, reconnectAfterMs: () => 60_000 });
    await victim.join(topic);
    const ann = await new Client(cluster.servers[0]).join(topic);
    await ask(ann, "kick", { user_id: "eve" });
    await until("eve is out", () => victim.closes.length > 0);
    assert.deepEqual(victim.closes, [1001]);
  });

  test("a notice reaches the user on all nodes, and the reply has their number", async () => {
    const notices = [];
    const channels = await Promise.all(cluster.servers.map(async (server, i) => {
      const client = new Client(server, { params: { user_id: i ? "gus" : "hal" } });
      client.socket.onMessage(({ topic, event, payload }) => {
        if (event === "notified") notices.push([i, topic, payload.body]);
      });
      return client.join(room());
    }));
    for (const channel of channels) {
      const reply = await ask(channel, "notify", { user_id: "gus", body: "hi" });
      assert.deepEqual(reply, { status: "ok", response: { count: 2 } });
      await until("both have it", () => notices.length >= 2, () => notices);
      assert.deepEqual(notices.splice(0).sort(), [[1, "phoenix", "hi"], [2, "phoenix", "hi"]]);
    }
  });

  test("health contains the cluster", async () => {
    const { cluster: seen } = await cluster.servers[0].health();
    assert.deepEqual(seen, { status: "healthy", members: ["a@127.0.0.1", "b@127.0.0.1", "c@127.0.0.1"], unreachable: [] });
  });
});

describe("a node that dies", () => {
  test("its users leave once, and the others stay present", async () => {
    const topic = room();
    const watched = await new Client(cluster.servers[0]).join(topic, { user: "ann" });
    const leaves = [];
    watched.on("presence_diff", diff => leaves.push(...Object.keys(diff.leaves)));
    await new Client(cluster.servers[1]).join(topic, { user: "ben" });
    const gone = Array.from({ length: 50 }, (_, i) => `user ${i}`);
    await Promise.all(gone.map(user => new Client(cluster.servers[2], { reconnectAfterMs: () => 60_000 }).join(topic, { user })));
    await until("all are present", async () => (await users(watched)).length === 52);
    await cluster.servers[2].kill();
    await until("fifty left", () => leaves.length >= 50, () => leaves);
    assert.deepEqual(leaves.toSorted(), gone.toSorted());
    assert.deepEqual(await users(watched), ["ann", "ben"]);
    await cluster.servers[2].restart();
    const back = await new Client(cluster.servers[2]).join(topic, { user: "cyd" });
    const atOnce = await users(back);
    assert.deepEqual(atOnce.slice(0, 2), ["ann", "ben"], "the others are present when the port is open");
    await cluster.formed(3);
    await until("who agrees", async () => (await users(watched)).join() === "ann,ben,cyd" && (await users(back)).join() === "ann,ben,cyd");
  });
});

describe("two servers of one name", { skip: long }, () => {
  test("the younger one ends when their clusters meet", async () => {
    const [first, second, third] = await freePorts(3);
    const start = (name, port, ...seeds) =>
      Server.start(
        "HELIODOR_SERVE",
        `--node ${name}@127.0.0.1:${port}`,
        `--cookie ${COOKIE}`,
        ...(seeds.length ? [`--seeds ${seeds.map(seed => `127.0.0.1:${seed}`)}`] : []),
      );
    const twins = [await start("twin", first), await start("twin", second)];
    const between = await start("between", third, first, second);
    const status = await within("one of them ends", Promise.race(twins.map(server => server.ended)), () => twins.map(({ output }) => output));
    assert.equal(status, 1);
    assert.match(twins.map(({ output }) => output).join(), /^name_taken: /m);
    await Promise.all([...twins, between].map(server => server.kill()));
  });
});
