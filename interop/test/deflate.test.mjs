import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { ok, RawClient } from "../raw-client.mjs";
import { Server } from "../server.mjs";

const T = "room:deflate";
const WORDS = { text: "the same words again, ".repeat(200) };

let server;
before(async () => {
  process.env.COMPRESSING = `${process.env.HELIODOR_SERVE} --compress`;
  server = await Server.start("COMPRESSING");
});
after(() => server?.stop());
afterEach(() => RawClient.terminateAll());

async function member(options) {
  const client = await RawClient.open(server, options);
  await client.join(T);
  return client;
}

const received = client => client.ws._socket.bytesRead;

test("ws negotiates compression with its default offer", async () => {
  const client = await member();
  assert.equal(client.ws.extensions, "permessage-deflate");
  await client.echoes(T);
});

test("a client that does not offer compression is served without it", async () => {
  const client = await member({ perMessageDeflate: false });
  assert.equal(client.ws.extensions, "");
  await client.says(["1", "2", T, "echo", WORDS], ok("1", "2", T, WORDS));
});

test("a client that requests a smaller window than ours is served without compression", async () => {
  const client = await member({ perMessageDeflate: { serverMaxWindowBits: 10 } });
  assert.equal(client.ws.extensions, "");
  await client.echoes(T);
});

for (const [what, perMessageDeflate] of [
  ["its defaults", true],
  ["a small window", { clientMaxWindowBits: 9 }],
  ["everything compressed, however small", { threshold: 0 }],
]) {
  test(`an echo with ${what} comes back the same, in few bytes`, async () => {
    const client = await member({ perMessageDeflate });
    assert.equal(client.ws.extensions, "permessage-deflate");
    const start = received(client);
    for (let ref = 2; ref < 22; ref++) await client.says(["1", `${ref}`, T, "echo", WORDS], ok("1", `${ref}`, T, WORDS));
    assert.ok(received(client) - start < 20 * 400, `20 echoes of 4 400 bytes in ${received(client) - start}`);
    await client.echoes(T);
  });
}

test("shouts reach members with and without compression in their order", async () => {
  const members = [await member(), await member({ perMessageDeflate: false }), await member()];
  const start = received(members[2]);
  for (let n = 0; n < 50; n++) members[0].send(["1", null, T, "shout", n % 2 ? { n } : { n, ...WORDS }]);
  for (const client of members) {
    for (let n = 0; n < 50; n++) await client.nextIs([null, null, T, "shout", n % 2 ? { n } : { n, ...WORDS }]);
  }
  assert.ok(received(members[2]) - start < 50 * 400, `50 shouts in ${received(members[2]) - start} bytes`);
});

test("a message of half a mebibyte in fragments is read", async () => {
  const client = await member();
  const text = Array.from({ length: 40_000 }, (_, n) => `${n * n} `).join("");
  const frame = JSON.stringify(["1", "2", T, "echo", { text }]);
  for (let at = 0; at < frame.length; at += 50_000) {
    client.ws.send(frame.slice(at, at + 50_000), { compress: true, fin: at + 50_000 >= frame.length });
  }
  await client.nextIs(ok("1", "2", T, { text }));
});
