import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Socket } from "phoenix";
import { pass, startClock, stopClock } from "../clock.mjs";

const REFUSED = { status: "error", response: { reason: "rate_limited", retry_after_ms: 100 } };

/** The interval of phoenix.js. */
const INTERVAL = 30_000;

let socket;
beforeEach(stopClock);
afterEach(() => {
  socket?.disconnect();
  startClock();
});

/** Connects phoenix.js to a server that serves heartbeats only, and answers each with the result of `answer`. */
function connect(answer) {
  const seen = { connections: 0, heartbeats: 0, closes: 0 };
  class Transport {
    readyState = 0;

    constructor() {
      seen.connections++;
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
  socket = new Socket("ws://nowhere", { transport: Transport });
  socket.connect();
  return seen;
}

test("phoenix.js accepts a refused heartbeat as an answer, and stays connected", () => {
  const seen = connect(() => REFUSED);
  pass(10.5 * INTERVAL);
  assert.deepEqual(seen, { connections: 1, heartbeats: 10, closes: 0 });
});

test("phoenix.js closes a connection whose heartbeat is not answered, and connects again", () => {
  const seen = connect(() => undefined);
  pass(1.9 * INTERVAL);
  assert.deepEqual(seen, { connections: 1, heartbeats: 1, closes: 0 });
  pass(0.5 * INTERVAL);
  assert.deepEqual(seen, { connections: 2, heartbeats: 1, closes: 1 });
});
