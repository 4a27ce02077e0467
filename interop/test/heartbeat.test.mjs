import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Socket } from "phoenix";
import { until } from "../deadline.mjs";

const REFUSED = { status: "error", response: { reason: "rate_limited", retry_after_ms: 100 } };

let socket;
afterEach(() => socket?.disconnect());

/** Connects phoenix.js to a server that serves heartbeats only, and answers each with the result of `answer`. */
function connect(answer) {
  const seen = { heartbeats: 0, closes: 0 };
  class Transport {
    readyState = 0;

    constructor() {
      setTimeout(() => {
        this.readyState = 1;
        this.onopen();
      });
    }

    send(text) {
      const [, ref, topic, event] = JSON.parse(text);
      assert.deepEqual([topic, event], ["phoenix", "heartbeat"]);
      seen.heartbeats++;
      const payload = answer();
      if (payload) setTimeout(() => this.onmessage({ data: JSON.stringify([null, ref, topic, "phx_reply", payload]) }));
    }

    close(code) {
      this.readyState = 3;
      seen.closes++;
      this.onclose?.({ code });
    }
  }
  socket = new Socket("ws://nowhere", { transport: Transport, heartbeatIntervalMs: 30, reconnectAfterMs: () => 10_000 });
  socket.connect();
  return seen;
}

test("phoenix.js accepts a refused heartbeat as an answer, and stays connected", async () => {
  const seen = connect(() => REFUSED);
  await until("ten heartbeats", () => seen.heartbeats >= 10, () => seen);
  assert.equal(seen.closes, 0);
});

test("phoenix.js closes a connection whose heartbeat is not answered", async () => {
  const seen = connect(() => undefined);
  await until("a close", () => seen.closes > 0, () => seen);
  assert.equal(seen.heartbeats, 1);
});
