import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Presence, Socket } from "phoenix";
import { until } from "../deadline.mjs";

const sockets = [];
afterEach(() => sockets.splice(0).forEach(socket => socket.disconnect()));

/** Connects phoenix.js to a server that accepts each join and then sends frames as `FollowWireTests` has them. */
function join(frames) {
  class Transport {
    readyState = 0;

    constructor() {
      setTimeout(() => {
        this.readyState = 1;
        this.onopen();
      });
    }

    send(text) {
      const [joinRef, ref, topic, event] = JSON.parse(text);
      if (event !== "phx_join") return;
      this.says(joinRef, ref, topic, "phx_reply", { status: "ok", response: {} });
      for (const [name, payload] of frames) this.says(joinRef, null, topic, name, payload);
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
  return socket.channel("desk:1");
}

const metas = (ticket, ref) => ({ metas: [{ ticket, phx_ref: ref }] });
const names = presence => presence.list(name => name).sort();

test("two presences of phoenix.js on one channel have the lists of two followed topics", async () => {
  const channel = join([
    ["agents_state", { ann: metas("1", "a1") }],
    ["guests_state", {}],
    ["agents_diff", { joins: { ben: metas("2", "b1") }, leaves: {} }],
    ["guests_diff", { joins: { gus: metas("", "g1") }, leaves: {} }],
    ["agents_diff", { joins: { ben: metas("3", "b2") }, leaves: { ben: metas("2", "b1") } }],
    ["agents_diff", { joins: {}, leaves: { ann: metas("1", "a1") } }],
    ["presence_state", { own: metas("", "o1") }],
    ["done", {}],
  ]);
  const following = name => new Presence(channel, { events: { state: `${name}_state`, diff: `${name}_diff` } });
  const [agents, guests, own] = [following("agents"), following("guests"), new Presence(channel)];
  const changes = [];
  agents.onJoin((name, before) => changes.push(`${name} ${before ? "changed" : "came"}`));
  agents.onLeave((name, { metas: left }) => changes.push(`${name} ${left.length ? "stayed" : "went"}`));
  let done = false;
  channel.on("done", () => (done = true));
  channel.join();
  await until("all frames came", () => done);
  assert.deepEqual([names(agents), names(guests), names(own)], [["ben"], ["gus"], ["own"]]);
  assert.deepEqual(agents.list((name, { metas: [{ ticket }] }) => `${name} ${ticket}`), ["ben 3"]);
  assert.deepEqual(changes, ["ann came", "ben came", "ben changed", "ben stayed", "ann went"]);
});

test("a count is an event of the channel", async () => {
  const channel = join([["viewers_count", { count: 10_000 }], ["viewers_count", { count: 9_999 }]]);
  const counts = [];
  channel.on("viewers_count", ({ count }) => counts.push(count));
  channel.join();
  await until("both counts", () => counts.length === 2);
  assert.deepEqual(counts, [10_000, 9_999]);
});
