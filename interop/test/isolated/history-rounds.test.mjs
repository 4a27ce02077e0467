import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Cluster } from "../../cluster.mjs";
import { until } from "../../deadline.mjs";
import { chances, pauses, User } from "../../history-users.mjs";
import { Client } from "../../phoenix-client.mjs";
import { long } from "../../size.mjs";

const LOSSES = Number(process.env.HELIODOR_LOSSES ?? 5);
const RESTARTS = Number(process.env.HELIODOR_RESTARTS ?? 5);
const SEED = Number(process.env.HELIODOR_SEED ?? 42);

const wait = ms => new Promise(resolve => setTimeout(resolve, ms));

/** What users have seen that they must not see: repeats, other orders, joins without a recovery, and marks of missing messages. */
const faults = users =>
  users.flatMap(user =>
    user.followers.flatMap(({ topic, faults, gaps }) => [...faults, ...(gaps ? [`${user.name} got ${gaps} marks of a gap in ${topic}`] : [])]),
  );

describe("a topic whose messages are lost between nodes", { skip: long }, () => {
  const TOPIC = "history:losses";

  /** The queue of a node takes 4 MiB, and the sockets some MiB more: the rest is lost. All of a round is within the 12 MiB that are kept. */
  const FULL = 10_500_000;

  /** More than a log lets wait for a lost message. */
  const MORE_THAN_HELD = 1_300_000;

  let cluster;
  before(async () => {
    process.env.HELIODOR_SERVE_1000 = `${process.env.HELIODOR_SERVE} --history 1000`;
    cluster = await Cluster.startAs("HELIODOR_SERVE_1000", "a", "b");
  });
  after(async () => {
    Client.disconnectAll();
    await cluster?.stop();
  });

  test(`${LOSSES} losses, seed ${SEED}`, { timeout: 60_000 + LOSSES * 60_000 }, async t => {
    const random = chances(SEED);
    const [ann, ben, mover] = ["ann", "ben", "mover"].map(name => new User(name, [TOPIC], random));
    const users = [ann, ben, mover];
    await Promise.all([ann.connect(cluster.servers[0]), ben.connect(cluster.servers[1]), mover.connect(cluster.servers[0])]);
    const paused = pauses();
    const rounds = [];
    for (let round = 1; round <= LOSSES; round++) {
      const at = round % 2;
      const [frozen, server] = [cluster.servers[at], cluster.servers[1 - at]];
      const [behind, publisher] = at ? [ben, ann] : [ann, ben];
      await mover.connect(server);
      const size = Math.floor(20_000 * 12 ** random());
      const text = "x".repeat(size);
      const during = Math.floor((FULL * (0.4 + random() * 0.6)) / size);
      const later = Math.ceil(Math.min(MORE_THAN_HELD * (random() < 0.3 ? random() : 1), 11_500_000 - during * size) / size);
      const stop = 500 + random() * 2_000;
      const life = `round-${round}`;
      let n = 0;
      const push = text => publisher.followers[0].channel.push("shout", { p: life, n: ++n, text });
      const has = user => user.followers[0].got.has(`${life} ${n}`) && user.followers[0].latest.get(life) === n;
      const state = () => ({ round, size, during, later, stop, n, latest: users.map(({ name, followers: [{ latest }] }) => [name, latest.get(life)]) });
      const lost = losses();

      push("");
      await until("the first message is everywhere", () => users.every(has), state);
      await frozen.freeze();
      for (let i = 0; i < during; i++) {
        push(text);
        await wait(stop / during);
      }
      // The member that moves has messages that the frozen node has not.
      await until("the other node has them", () => has(publisher) && has(mover), state);
      frozen.thaw();
      const begin = performance.now();
      behind.pause = 0;
      behind.lastAt = begin;
      for (let i = 0; i < later; i++) push(text);
      const ticks = setInterval(() => push(""), 50);
      await mover.connect(frozen);
      mover.lastAt = performance.now();
      mover.pause = 0;
      await wait(300);
      clearInterval(ticks);
      await until("all messages are everywhere", () => users.every(has), state);
      rounds.push({ ...state(), lost: losses() - lost, caughtUp: Math.round(performance.now() - begin), pause: Math.round(Math.max(behind.pause, mover.pause)) });
      if (process.env.HELIODOR_ROUNDS_SHOWN) console.log(JSON.stringify(rounds.at(-1)));
      const total = users.map(({ followers: [{ got }] }) => [...got].filter(key => key.startsWith(`${life} `)).length);
      assert.deepEqual(total, [n, n, n], `messages of ${JSON.stringify(state())}`);
      assert.deepEqual(faults(users), [], [JSON.stringify(state()), ...cluster.servers.map(server => server.output)].join("\n"));
      users.forEach(({ followers: [{ got }] }) => got.clear());
    }
    const lag = paused();
    const evicted = await Promise.all(cluster.servers.map(evictions));
    const longest = rounds.toSorted((a, b) => a.pause - b.pause).at(-1);
    t.diagnostic(
      `${rounds.filter(({ lost }) => lost).length} of ${LOSSES} rounds lost messages, by the lines in the log; ${evicted.join(" and ")} messages were dropped while they waited; longest pause after a stop ${longest.pause} ms ` +
        `(this process itself paused for up to ${Math.round(lag)} ms); all caught up after ${Math.max(...rounds.map(({ caughtUp }) => caughtUp))} ms at most`,
    );
    assert.ok(losses() > 0, "no message was lost between the nodes");
    assert.ok(evicted.some(count => count > 0), "no log had more waiting messages than it holds");
    assert.ok(longest.pause - lag < 2_000, JSON.stringify(longest));
  });

  /** The lines about messages that a node did not send to another one, of which one comes in a while. */
  const losses = () => cluster.servers.reduce((sum, { output }) => sum + output.split("was dropped").length - 1, 0);

  /** The messages that a node dropped while they waited for an earlier one. */
  async function evictions(server) {
    const metrics = await (await fetch(new URL("/metrics", server.url))).text();
    return Number(/^heliodor_history_evicted_total (\S+)$/m.exec(metrics)[1]);
  }
});

describe("nodes that are restarted in turn, with messages that expire", { skip: long }, () => {
  const TOPICS = Array.from({ length: 4 }, (_, i) => `history:restarts-${i}`);

  /** The others have the messages that a node sent at least this long before it was killed. */
  const UNDER_WAY = 1_000;

  let cluster;
  before(async () => {
    process.env.HELIODOR_SERVE_5_S = `${process.env.HELIODOR_SERVE} --history-age 5`;
    cluster = await Cluster.startAs("HELIODOR_SERVE_5_S", "a", "b", "c");
  });
  after(async () => {
    Client.disconnectAll();
    await cluster?.stop();
  });

  test(`${RESTARTS} restarts, seed ${SEED}`, { timeout: 60_000 + RESTARTS * 60_000 }, async t => {
    const random = chances(SEED);
    const users = ["ann", "ben", "cyd"].map(name => new User(name, TOPICS, random));
    await Promise.all(users.map((user, i) => user.connect(cluster.servers[i])));
    users.forEach(user => user.publish());
    let messages = 0;
    for (let restart = 1; restart <= RESTARTS; restart++) {
      const victim = cluster.servers[restart % 3];
      const others = cluster.servers.filter(server => server !== victim);
      const moved = users.filter(user => user.server === victim);
      const killed = random() < 0.5;
      const lost = new Set();
      const leave = async at => {
        for (const user of moved) {
          for (const { topic, key } of user.confirmed.filter(each => each.at > at)) lost.add(`${topic} ${key}`);
          await user.connect(others[Math.floor(random() * 2)]);
          user.publish();
        }
      };
      const state = () => ({ restart, victim: victim.port, killed });
      const at = performance.now();
      if (killed) {
        await victim.kill();
        await leave(at - UNDER_WAY);
      } else {
        const stopped = victim.stop();
        await leave(Infinity);
        assert.equal(await stopped, 0);
      }
      await wait(random() * 500);
      await victim.restart();
      await cluster.formed(3);
      for (const user of moved) {
        await user.connect(victim);
        user.publish();
      }
      const due = users.flatMap(user => user.confirmed.splice(0)).filter(({ topic, key }) => !lost.has(`${topic} ${key}`));
      messages += due.length;
      const missing = () =>
        users.flatMap(user =>
          user.followers.flatMap(({ topic, got }) =>
            due.filter(each => each.topic === topic && !got.has(each.key)).map(({ key }) => `${user.name} lacks ${key} of ${topic}`),
          ),
        );
      await until("all messages are everywhere", () => missing().length === 0, () => [state(), missing().slice(0, 20)]);
      if (process.env.HELIODOR_ROUNDS_SHOWN) console.log(JSON.stringify(state()));
      assert.deepEqual(faults(users).slice(0, 20), [], [JSON.stringify(state()), ...cluster.servers.map(server => server.output)].join("\n"));
    }
    users.forEach(user => user.stop());
    const longest = users
      .flatMap(user => user.followers.map(({ longestToken }) => longestToken))
      .toSorted((a, b) => a.length - b.length)
      .at(-1);
    t.diagnostic(`${messages} messages to 3 users; the longest token has ${longest.length} characters`);
    assert.ok(longest.length <= 200, longest);
  });
});
