import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { withHistory } from "../../npm/client/heliodor.mjs";
import { Cluster } from "../cluster.mjs";
import { until } from "../deadline.mjs";
import { answer, ask, Client } from "../phoenix-client.mjs";
import { Proxy } from "../proxy.mjs";
import { long } from "../size.mjs";

const JOINS = long ? 150 : 2_000;
const CHANGES_PER_SECOND = 500;
const SLOWEST_JOIN = 40;
const AT_ONCE = 12;

let cluster;
before(async () => (cluster = await Cluster.start("a", "b", "c")));
after(async () => {
  Client.disconnectAll();
  await cluster?.stop();
});

/** Changes the numbers of all nodes until it is stopped. */
async function changes(topic) {
  const channels = await Promise.all(cluster.servers.map(server => new Client(server).join(topic)));
  let due = performance.now();
  let n = 0;
  const timer = setInterval(() => {
    for (; due < performance.now(); due += 1_000 / CHANGES_PER_SECOND) channels[n++ % channels.length].push("bump", {});
  }, 2);
  return { stop: () => clearInterval(timer), channels, count: () => n };
}

describe("the state of a join", () => {
  test(`${JOINS} joins of phoenix.js at ${CHANGES_PER_SECOND} changes a second miss nothing, and get nothing twice`, { timeout: 600_000 }, async t => {
    const topic = "state:busy";
    const changing = await changes(topic);
    let begun = 0;
    let seen = 0;
    const joining = cluster.servers.flatMap(server => Array.from({ length: AT_ONCE / 3 }, () => visit(server)));

    async function visit(server) {
      const client = new Client(server);
      while (begun < JOINS) {
        begun++;
        const channel = client.channel(topic, { ms: Math.floor(Math.random() * (SLOWEST_JOIN + 1)) });
        const join = channel.join();
        // phoenix.js takes a leave as done at once, so what comes before the reply may be of the membership before.
        join.receive("ok", () => (channel.seen.length = 0));
        const reply = await answer(join);
        assert.equal(reply.status, "ok", JSON.stringify(reply));
        const { v, node } = reply.response;
        const bumps = () => channel.seen.filter(([event, payload]) => event === "bumped" && payload.node === node).map(([, payload]) => payload.v);
        await until("three changes after the state", () => bumps().length >= 3, () => [v, channel.seen.slice(-5)]);
        const got = bumps();
        assert.deepEqual(got, got.map((_, i) => v + 1 + i), `after a state of ${v} at ${node}`);
        seen += got.length;
        await answer(channel.leave());
      }
    }

    await Promise.all(joining);
    changing.stop();
    t.diagnostic(`${begun} joins, ${seen} changes after them, ${changing.count()} changes in all`);
  });

  test("a page whose connection breaks ends with the number of its node, by its token or by the state anew", { timeout: 120_000 }, async () => {
    const topic = "state:breaks";
    const [server] = cluster.servers;
    const changing = await changes(topic);
    const proxy = await Proxy.to(server);
    const client = new Client(proxy);
    const page = withHistory(client.socket, topic, { ms: 5 });
    let number;
    let states = 0;
    const faults = [];
    page.onState(state => {
      number = state.v;
      states++;
    });
    page.on("bumped", ({ v, node }) => {
      if (node !== "a@127.0.0.1") return;
      if (v !== number + 1) faults.push(`${v} after ${number}`);
      number = v;
    });
    await answer(page.join());
    for (let i = 0; i < 12; i++) {
      // Longer than the history of 100 messages of a node lasts, each third time.
      await new Promise(resolve => setTimeout(resolve, 150));
      proxy.cut();
      await new Promise(resolve => setTimeout(resolve, i % 3 === 2 ? 1_500 : 100));
      proxy.mend();
      await until("it has joined again", () => page.state === "joined", () => client.state());
    }
    changing.stop();
    const last = (await ask(changing.channels[0], "bump", {})).response.v;
    await until("the page has the last number", () => number === last, () => [number, last]);
    assert.deepEqual(faults, []);
    assert.ok(states > 1, "some return recovered nothing");
  });
});
