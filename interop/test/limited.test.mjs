import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { after, afterEach, before, test } from "node:test";
import { ask, Client } from "../phoenix-client.mjs";
import { Server } from "../server.mjs";

let server;

before(async () => (server = await Server.start("HELIODOR_SERVE")));
after(() => server?.stop());
afterEach(() => Client.disconnectAll());

test("ten echoes pass at once, ten a second, and one after the time in a refusal", async () => {
  const channel = await new Client(server).join("limited:1");
  const begin = performance.now();
  const replies = await Promise.all(Array.from({ length: 200 }, (_, n) => ask(channel, "echo", { n })));
  const most = 10 + Math.ceil((performance.now() - begin) / 100);
  const passed = replies.filter(({ status }) => status === "ok");
  assert.ok(passed.length >= 10 && passed.length <= most, `${passed.length} of at least 10 and at most ${most}`);
  replies.forEach(({ status, response }, n) => {
    if (status === "ok") return assert.deepEqual(response, { n });
    const { retry_after_ms: wait, ...rest } = response;
    assert.deepEqual(rest, { reason: "rate_limited" });
    assert.ok(Number.isInteger(wait) && wait >= 1 && wait <= 100 * replies.length, `retry_after_ms is ${wait}`);
  });

  // On a slow machine a later message of the 200 took the token of the first refusal: the next one comes within 100 ms.
  const first = replies.find(({ status }) => status !== "ok")?.response.retry_after_ms ?? 0;
  await pause(Math.max(first, 100) + 20);
  assert.deepEqual(await ask(channel, "echo", { again: true }), { status: "ok", response: { again: true } });
});

test("each channel has a limit of its own", async () => {
  const client = new Client(server);
  const [one, two] = [await client.join("limited:1"), await client.join("limited:2")];
  await Promise.all(Array.from({ length: 50 }, () => ask(one, "echo", {})));
  assert.deepEqual(await ask(two, "echo", { n: 1 }), { status: "ok", response: { n: 1 } });
  const room = await client.join("room:1");
  const replies = await Promise.all(Array.from({ length: 50 }, (_, n) => ask(room, "echo", { n })));
  assert.ok(replies.every(({ status }) => status === "ok"));
});
