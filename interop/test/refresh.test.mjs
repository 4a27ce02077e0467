import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { after, afterEach, before, test } from "node:test";
import { onRefused, refresh } from "../../npm/client/heliodor.mjs";
import { until } from "../deadline.mjs";
import { answer, Client } from "../phoenix-client.mjs";
import { Server } from "../server.mjs";

const token = async (...args) => {
  const command = process.env.HELIODOR_SERVE.replace(/ serve$/, " token");
  const { stdout } = await promisify(execFile)("sh", ["-c", `exec ${command} "$@"`, "token", ...args]);
  return stdout.trim();
};

let server;
let ann;
let ben;

before(async () => {
  server = await Server.start("HELIODOR_SERVE");
  [ann, ben] = await Promise.all([token("--user", "ann"), token("--user", "ben")]);
});
after(() => server?.stop());
afterEach(() => Client.disconnectAll());

const ok = { status: "ok", response: {} };

test("a fresh token gives rights and takes them away, on the same connection", async () => {
  const client = new Client(server);
  const channel = client.channel("own:ann");
  assert.deepEqual(await answer(channel.join()), { status: "error", response: { reason: "unauthorized" } });
  assert.deepEqual(await refresh(client.socket, ann), ok);
  await until("phoenix.js joins again by itself", () => channel.state === "joined", () => client.state());

  assert.deepEqual(await refresh(client.socket, "wrong"), {
    status: "error",
    response: { status: 401, reason: "unauthorized" },
  });
  assert.equal(channel.state, "joined");

  const closes = [];
  channel.onClose(payload => closes.push(payload));
  assert.deepEqual(await refresh(client.socket, ben), ok);
  await until("the channel ends", () => channel.state === "closed", () => client.state());
  assert.deepEqual(closes, [{ reason: "unauthorized" }]);
  await client.join("own:ben");
  assert.equal(channel.state, "closed");
  assert.deepEqual(client.closes, []);
});

test("two lines of a page send a token", async () => {
  const client = new Client(server);
  const { socket } = client;
  const send = () => socket.push({ topic: "phoenix", event: "refresh", payload: { token: ann }, ref: socket.makeRef() });
  send();
  const channel = client.channel("own:ann");
  channel.join();
  await until("the channel is joined", () => channel.state === "joined", () => client.state());
});

test("a client that polls sends a token", async () => {
  const client = new Client(server, { transport: (await import("phoenix")).LongPoll });
  await client.isOpen();
  assert.deepEqual(await refresh(client.socket, ann), ok);
  await client.join("own:ann");
});

/** A client that the server refuses. */
function refused(status) {
  return new Client({ socket: server.socket.replace(/socket$/, "refusing") }, { params: { status } });
}

/** The same with the page's lines. */
function refusedPage(status) {
  const refusals = [];
  const client = refused(status);
  onRefused(client.socket, refusal => refusals.push(refusal));
  return { client, refusals };
}

for (const status of [401, 403, 404]) {
  test(`a page receives ${status}, and stays away`, async () => {
    const { client, refusals } = refusedPage(status);
    await until("the page is refused", () => refusals.length > 0, () => client.state());
    await until("the connection has ended", () => client.socket.connectionState() === "closed", () => client.state());
    assert.deepEqual(refusals, [{ status, reason: "as requested", final: true }]);
  });
}

test("a page receives 503, and would come back", async () => {
  const { client, refusals } = refusedPage(503);
  await until("the page is refused", () => refusals.length > 0, () => client.state());
  assert.deepEqual(refusals, [{ status: 503, reason: "as requested", final: false }]);
  client.socket.disconnect();
});

test("a page without these lines gets the code, and not at once", async () => {
  for (const [status, code] of [[401, 4401], [403, 4403], [503, 4503]]) {
    const client = refused(status);
    client.socket.onClose(() => client.socket.disconnect());
    await until("the server closes", () => client.closes.length > 0, () => client.state());
    assert.equal(client.closes[0], code);
  }
});
