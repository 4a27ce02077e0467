import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Cluster } from "../../cluster.mjs";
import { Crowd } from "../../crowd.mjs";
import { until } from "../../deadline.mjs";
import { ask, Client } from "../../phoenix-client.mjs";

const CLIENTS = 60;
const FORMER = "HELIODOR_FORMER_SERVE";
const TODAY = "HELIODOR_SERVE";

/** The versions of the servers, step by step: all are replaced, and one of them is downgraded. */
const STEPS = [
  [0, TODAY],
  [1, TODAY],
  [2, TODAY],
  [1, FORMER],
];

/** One present user on each server. */
class Users {
  constructor(cluster) {
    this.cluster = cluster;
    this.channels = cluster.servers.map((server, i) => {
      const channel = new Client(server).channel("room:upgrade", { user: `user ${i}` });
      channel.join();
      return channel;
    });
  }

  /** Each sees all. */
  async seen() {
    const all = this.channels.map((_, i) => `user ${i}`).join();
    let answers = [];
    await until("all see all users", async () => {
      if (this.channels.some(channel => channel.state !== "joined")) return false;
      answers = await Promise.all(this.channels.map(channel => ask(channel, "who", {})));
      return answers.every(({ status, response }) => status === "ok" && response.users.join() === all);
    }, () => answers);
  }
}

describe("servers of the former wire are replaced by those of today", () => {
  let cluster;
  before(async () => (cluster = await Cluster.startAs(FORMER, "a", "b", "c")));
  after(async () => {
    Client.disconnectAll();
    await cluster?.stop();
  });

  test("each message arrives once and in order, and all see the same users", { timeout: 300_000 }, async t => {
    const crowd = new Crowd(cluster.servers, CLIENTS);
    const users = new Users(cluster);
    await crowd.allJoined();
    await users.seen();
    crowd.publish();
    for (const [number, variable] of STEPS) {
      const server = cluster.servers[number];
      await new Promise(resolve => setTimeout(resolve, 1_000));
      assert.equal(await server.stop(), 0);
      await crowd.allJoined();
      await server.restart(variable);
      await cluster.formed(3);
      await users.seen();
    }
    await new Promise(resolve => setTimeout(resolve, 1_000));
    const messages = await crowd.quiet();
    t.diagnostic(`${messages} kept messages, as many that are not kept`);
    assert.ok(messages > 0);
    assert.deepEqual(crowd.faults.slice(0, 20), []);
  });
});
