import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Socket } from "phoenix";
import { until } from "../deadline.mjs";

const JOINED = { status: "ok", response: {} };
const REMOVED = { status: "error", response: { reason: "removed" } };

const sockets = [];
afterEach(() => sockets.splice(0).forEach(socket => socket.disconnect()));

/**
 * Connects phoenix.js, which connects and joins again after a millisecond, to a server that answers joins of `room:*`, refuses and
 * closes `slow:1`, as a server that removes a client while it joins, and does not answer joins of `mute:1`.
 */
function connect() {
  const seen = { connections: 0, joins: [] };
  class Transport {
    readyState = 0;

    constructor() {
      seen.connections++;
      seen.server = this;
      setTimeout(() => {
        this.readyState = 1;
        this.onopen();
      });
    }

    send(text) {
      const [joinRef, ref, topic, event] = JSON.parse(text);
      if (event !== "phx_join") return;
      seen.joins.push(topic);
      seen.joinRef = joinRef;
      if (topic.startsWith("room:")) this.says(joinRef, ref, topic, "phx_reply", JOINED);
      if (topic === "slow:1") {
        this.says(joinRef, ref, topic, "phx_reply", REMOVED);
        this.says(joinRef, joinRef, topic, "phx_close", {});
      }
    }

    says(...frame) {
      setTimeout(() => this.onmessage?.({ data: JSON.stringify(frame) }));
    }

    close(code) {
      this.readyState = 3;
      setTimeout(() => this.onclose?.({ code }));
    }
  }
  const socket = new Socket("ws://nowhere", {
    transport: Transport,
    timeout: 50,
    reconnectAfterMs: () => 1,
    rejoinAfterMs: () => 1,
  });
  sockets.push(socket);
  socket.connect();
  return { socket, seen };
}

/** Waits until another client has joined again twice after its joins timed out: the one under test would have joined again by then. */
async function later() {
  const { socket, seen } = connect();
  socket.channel("mute:1").join();
  await until("three joins", () => seen.joins.length >= 3, () => seen);
}

test("phoenix.js stays away from a topic from which it was removed", async () => {
  const { socket, seen } = connect();
  const channel = socket.channel("room:1");
  let closes = 0;
  channel.onClose(() => closes++);
  channel.join();
  await until("a join", () => channel.state === "joined", () => seen);
  seen.server.says(seen.joinRef, seen.joinRef, "room:1", "phx_close", {});
  await until("a close", () => closes > 0, () => seen);
  await later();
  assert.equal(socket.isConnected(), true);
  assert.deepEqual(seen.joins, ["room:1"]);
});

test("phoenix.js stays away from a topic from which it was removed while it joined", async () => {
  const { socket, seen } = connect();
  const channel = socket.channel("slow:1");
  const refusals = [];
  channel.join().receive("error", refusal => refusals.push(refusal));
  await until("a close", () => channel.state === "closed", () => seen);
  await later();
  assert.deepEqual(refusals, [REMOVED.response]);
  assert.deepEqual(seen.joins, ["slow:1"]);
});

test("phoenix.js gives a page the last event of a kick, and stays away when it disconnects then", async () => {
  const { socket, seen } = connect();
  const kicks = [];
  socket.onMessage(({ topic, event, payload }) => {
    if (topic === "phoenix" && event === "kicked") {
      kicks.push(payload);
      socket.disconnect();
    }
  });
  await until("a connection", () => socket.isConnected(), () => seen);
  seen.server.says(null, null, "phoenix", "kicked", { reason: "spam" });
  await until("a kick", () => kicks.length > 0, () => seen);
  await later();
  assert.deepEqual(kicks, [{ reason: "spam" }]);
  assert.equal(seen.connections, 1);
});

test("phoenix.js comes back after each code, and stays away when a page disconnects after the code of a kick", async () => {
  const { socket, seen } = connect();
  socket.onClose(({ code }) => {
    if (code === 4403) socket.disconnect();
  });
  await until("a connection", () => socket.isConnected(), () => seen);
  seen.server.close(1001);
  await until("another connection", () => seen.connections === 2 && socket.isConnected(), () => seen);
  seen.server.close(4403);
  await later();
  assert.equal(socket.isConnected(), false);
  assert.equal(seen.connections, 2);
});
