import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Cluster } from "../../cluster.mjs";
import { until } from "../../deadline.mjs";
import { chances, Follower, pauses, User } from "../../history-users.mjs";
import { Client } from "../../phoenix-client.mjs";
import { long } from "../../size.mjs";

const KILLS = Number(process.env.HELIODOR_KILLS ?? 3);
const SEED = Number(process.env.HELIODOR_SEED ?? 42);
const TOPICS = Array.from({ length: 8 }, (_, i) => `history:death-${i}`);

/** The others have the messages that a node sent at least this long before its end. */
const UNDER_WAY = 1_000;

describe("history when servers are killed", { skip: long }, () => {
  let cluster;
  before(async () => (cluster = await Cluster.start("a", "b", "c")));
  after(async () => {
    Client.disconnectAll();
    await cluster?.stop();
  });

  test("messages of a topic with members on one node are kept by another one", { timeout: 60_000 }, async () => {
    const topic = "history:alone";
    const [first, second, third] = cluster.servers;
    const ann = new User("ann", TOPICS, Math.random);
    const follower = new Follower(ann, topic);
    const page = new Client(first, { reconnectAfterMs: () => 600_000 });
    const channel = follower.follow(page);
    const push = n => channel.push("shout", { p: "ann", n });
    push(1);
    await until("the first has come back", () => follower.got.size === 1);
    const { token } = follower;
    for (let n = 2; n <= 20; n++) push(n);
    await until("all have come back", () => follower.got.size === 20, () => [...follower.got.keys()]);
    await new Promise(resolve => setTimeout(resolve, 1_000));
    await first.kill();
    for (const server of [second, third]) {
      const late = new Follower(new User("late", TOPICS, Math.random), topic);
      late.token = token;
      late.follow(new Client(server));
      await until("the rest has come", () => late.got.size === 19, () => [...late.got.keys()]);
      assert.deepEqual([...late.latest], [["ann", 20]]);
    }
    await first.restart();
    await cluster.formed(3);
  });

  test("a node that is frozen for 20 s delays no other, and catches up", { timeout: 120_000 }, async t => {
    const users = ["ann", "ben", "cyd"].map(name => new User(name, TOPICS, chances(SEED)));
    await Promise.all(users.map((user, i) => user.connect(cluster.servers[i])));
    const [ann, ben, cyd] = users;
    const latencies = [];
    for (const user of [ann, ben]) {
      user.arrived = ({ at }) => latencies.push(performance.now() - at);
      user.publish();
    }
    await new Promise(resolve => setTimeout(resolve, 1_000));
    latencies.length = 0;
    const paused = pauses();
    await cluster.servers[2].freeze();
    await new Promise(resolve => setTimeout(resolve, 20_000));
    const lag = paused();
    latencies.sort((a, b) => a - b);
    const p99 = latencies[Math.floor(latencies.length * 0.99)];
    const [count, longest] = [latencies.length, latencies.at(-1)];
    cluster.servers[2].thaw();
    await cluster.formed(3);
    await new Promise(resolve => setTimeout(resolve, 1_000));
    users.forEach(user => user.stop());
    const published = topic => [ann, ben].flatMap(user => user.confirmed).filter(each => each.topic === topic).length;
    const rest = follower => published(follower.topic) - follower.got.size;
    const near = [ann, ben].flatMap(user => user.followers);
    await until("the others have got all", () => near.every(each => rest(each) === 0), () => near.map(rest));
    // The frozen node has missed more than is kept: its members get the rest, and are notified of the others.
    await until("the members of the frozen node have got the last ones", () =>
      cyd.followers.every(follower => {
        const last = [ann, ben].map(user => user.confirmed.findLast(({ topic }) => topic === follower.topic));
        return last.every(({ key }) => follower.got.has(key)) && (rest(follower) === 0 || follower.gaps > 0);
      }),
      () => cyd.followers.map(follower => [follower.topic, rest(follower), follower.gaps]),
    );
    t.diagnostic(`p99 among the others ${p99.toFixed(1)} ms, longest ${longest.toFixed(1)} ms, of ${count} (this process itself paused for up to ${Math.round(lag)} ms)`);
    assert.deepEqual(near.flatMap(follower => follower.faults), []);
    // A delay by the frozen node would be that of its suspicion, which takes seconds.
    assert.ok(p99 - lag < 1_000, `p99 ${p99} ms`);
  });

  test(`${KILLS} kills, seed ${SEED}`, { timeout: 60_000 + KILLS * 60_000 }, async t => {
    const random = chances(SEED);
    const users = ["ann", "ben", "cyd"].map(name => new User(name, TOPICS, random));
    const lost = new Set();
    await Promise.all(users.map((user, i) => user.connect(cluster.servers[i])));
    users.forEach(user => user.publish());
    const paused = pauses();
    const gaps = [];
    for (let kill = 0; kill < KILLS; kill++) {
      await new Promise(resolve => setTimeout(resolve, 1_000 + random() * 2_000));
      const victim = cluster.servers[Math.floor(random() * 3)];
      const others = cluster.servers.filter(server => server !== victim);
      const moved = users.filter(user => user.server === victim);
      const stayed = users.filter(user => user.server !== victim);
      stayed.forEach(user => (user.pause = 0));
      const at = performance.now();
      await victim.kill();
      for (const user of moved) {
        for (const { topic, key } of user.confirmed.filter(each => each.at > at - UNDER_WAY)) lost.add(`${topic} ${key}`);
        await user.connect(others[Math.floor(random() * 2)]);
        user.publish();
      }
      await new Promise(resolve => setTimeout(resolve, random() * 2_000));
      gaps.push(...stayed.map(user => user.pause));
      await victim.restart();
      await cluster.formed(3);
      for (const user of moved) {
        await user.connect(victim);
        user.publish();
      }
    }
    await new Promise(resolve => setTimeout(resolve, 1_000));
    users.forEach(user => user.stop());
    const due = users.flatMap(user => user.confirmed).filter(({ topic, key }) => !lost.has(`${topic} ${key}`));
    const missing = () =>
      users.flatMap(user =>
        user.followers.flatMap(follower =>
          due
            .filter(({ topic, key }) => topic === follower.topic && !follower.got.has(key))
            .map(({ topic, key }) => `${user.name} lacks ${key} of ${topic}`),
        ),
      );
    await until("all messages are everywhere", () => missing().length === 0, () => missing().slice(0, 20));
    const lag = paused();
    const longest = Math.max(...gaps);
    t.diagnostic(
      `${due.length} messages to 3 users, ${lost.size} perhaps lost with their node; after a kill the others got nothing for ` +
        `${Math.round(longest)} ms at most (this process itself paused for up to ${Math.round(lag)} ms)`,
    );
    assert.deepEqual(users.flatMap(user => user.followers.flatMap(follower => follower.faults)).slice(0, 20), []);
    assert.equal(users.flatMap(user => user.followers).reduce((sum, follower) => sum + follower.gaps, 0), 0, "signs of messages that are missing");
    assert.ok(longest - lag < 1_000, `a pause of ${longest} ms`);
  });
});
