import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, test } from "node:test";
import { until } from "../deadline.mjs";
import { RawClient } from "../raw-client.mjs";
import { Server } from "../server.mjs";

const FAILED = /No connection can be accepted/g;

// A process of its own: the limit of descriptors is one of processes.
process.env.FEW_DESCRIPTORS = `sh -c 'ulimit -n 260 && exec ${process.env.HELIODOR_SERVE} "$@"' few`;

const begin = performance.now();
const server = await Server.start("FEW_DESCRIPTORS");
const silent = [];

after(async () => {
  RawClient.terminateAll();
  silent.forEach(socket => socket.destroy());
  assert.equal(await server.stop(), 0);
});

test("without a descriptor left, connected clients are served and new ones wait", async () => {
  const member = await RawClient.open(server);
  await member.join("room:a");
  // To load a class takes a descriptor, too: without this the handler of an echo could not be loaded below.
  await member.echoes("room:a");

  for (let i = 0; i < 300; i++) silent.push(connect(server.port, "127.0.0.1").on("error", () => {}));
  await until("an accept fails", () => FAILED.test(server.output), () => server.output);
  for (let ref = 2; ref < 100; ref++) await member.echoes("room:a", "1", `${ref}`);

  silent.forEach(socket => socket.destroy());
  const late = await RawClient.open(server);
  await late.join("room:a");
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  assert.match(metrics, /^heliodor_accepts_failed_total(\{.*\})? [1-9]/m);
  const lines = server.output.match(FAILED).length;
  const seconds = (performance.now() - begin) / 1000;
  assert.ok(lines <= seconds + 1, `one line a second at the most, not ${lines} in ${seconds} s`);
});
