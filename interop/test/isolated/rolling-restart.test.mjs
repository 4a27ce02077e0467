import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Cluster } from "../../cluster.mjs";
import { Crowd } from "../../crowd.mjs";
import { Client } from "../../phoenix-client.mjs";
import { long } from "../../size.mjs";

const CLIENTS = 300;

describe("a rolling restart under clients that count", { skip: long }, () => {
  let cluster;
  before(async () => (cluster = await Cluster.start("a", "b", "c")));
  after(async () => {
    Client.disconnectAll();
    await cluster?.stop();
  });

  test("each message arrives once and in order, and with a history also messages during a restart", { timeout: 300_000 }, async t => {
    const crowd = new Crowd(cluster.servers, CLIENTS);
    await crowd.allJoined();
    crowd.publish();
    for (const server of cluster.servers) {
      await new Promise(resolve => setTimeout(resolve, 1_000));
      assert.equal(await server.stop(), 0);
      await crowd.allJoined();
      await server.restart();
      await cluster.formed(3);
    }
    await new Promise(resolve => setTimeout(resolve, 1_000));
    const messages = await crowd.quiet();
    t.diagnostic(`${messages} kept messages, as many that are not kept`);
    assert.ok(messages > 0);
    assert.deepEqual(crowd.faults.slice(0, 20), []);
  });
});
