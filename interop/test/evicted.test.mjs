import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Socket } from "phoenix";
import { pass, startClock, stopClock } from "../clock.mjs";

const JOINED = { status: "ok", response: {} };
const REMOVED = { status: "error", response: { reason: "removed" } };

/** Enough for an answer of the server below. */
const AN_ANSWER = 100;

const sockets = [];
beforeEach(stopClock);
afterEach(() => {
  sockets.splice(0).forEach(socket => socket.disconnect());
  startClock();
});

/**
 * Connects phoenix.js, with its own timeouts, to a server that answers heartbeats and joins of `room:*`, refuses and closes `slow:1`,
 * as a server that removes a client while it joins, and does not answer joins of `mute:1`.
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
      if (event === "heartbeat") this.says(null, ref, topic, "phx_reply", JOINED);
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
  const socket = new Socket("ws://nowhere", { transport: Transport });
  sockets.push(socket);
  socket.connect();
  return { socket, seen };
}

/** Lets time pass in which another client joins again and again: the one under test would have joined again by then. */
function later() {
  const { socket, seen } = connect();
  socket.channel("mute:1").join();
  pass();
  assert.ok(seen.joins.length >= 3, `${seen.joins}`);
  assert.equal(seen.connections, 1);
}

test("phoenix.js stays away from a topic from which it was removed", () => {
  const { socket, seen } = connect();
  const channel = socket.channel("room:1");
  let closes = 0;
  channel.onClose(() => closes++);
  channel.join();
  pass(AN_ANSWER);
  assert.equal(channel.state, "joined");
  seen.server.says(seen.joinRef, seen.joinRef, "room:1", "phx_close", {});
  pass(AN_ANSWER);
  assert.equal(closes, 1);
  later();
  assert.equal(socket.isConnected(), true);
  assert.equal(seen.connections, 1);
  assert.deepEqual(seen.joins, ["room:1"]);
});

test("phoenix.js stays away from a topic from which it was removed while it joined", () => {
  const { socket, seen } = connect();
  const channel = socket.channel("slow:1");
  const refusals = [];
  channel.join().receive("error", refusal => refusals.push(refusal));
  pass(AN_ANSWER);
  assert.equal(channel.state, "closed");
  later();
  assert.deepEqual(refusals, [REMOVED.response]);
  assert.deepEqual(seen.joins, ["slow:1"]);
});

test("phoenix.js gives a page the last event of a kick, and stays away when it disconnects then", () => {
  const { socket, seen } = connect();
  const kicks = [];
  socket.onMessage(({ topic, event, payload }) => {
    if (topic === "phoenix" && event === "kicked") {
      kicks.push(payload);
      socket.disconnect();
    }
  });
  pass(AN_ANSWER);
  assert.equal(socket.isConnected(), true);
  seen.server.says(null, null, "phoenix", "kicked", { reason: "spam" });
  later();
  assert.deepEqual(kicks, [{ reason: "spam" }]);
  assert.equal(seen.connections, 1);
});

test("phoenix.js comes back after each code, and stays away when a page disconnects after the code of a kick", () => {
  const { socket, seen } = connect();
  socket.onClose(({ code }) => {
    if (code === 4403) socket.disconnect();
  });
  pass(AN_ANSWER);
  assert.equal(socket.isConnected(), true);
  seen.server.close(1001);
  pass(AN_ANSWER);
  assert.equal(seen.connections, 2);
  assert.equal(socket.isConnected(), true);
  seen.server.close(4403);
  later();
  assert.equal(socket.isConnected(), false);
  assert.equal(seen.connections, 2);
});
