import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, mock, test } from "node:test";
import { connect } from "../../npm/client/heliodor.mjs";
import { FakePage } from "../fake-page.mjs";
import { FakeTransport } from "../fake-transport.mjs";

// The client in a page that is hidden, frozen, shown and left, over the versions of phoenix.js that the package permits, the oldest and
// the newest among them, with a clock that the test moves.

const page = FakePage.make();
const kinds = {};
for (const module of ["phoenix170", "phoenix1721", "phoenix17", "phoenix180", "phoenix"]) kinds[module] = await import(module);
// phoenix.js listens for as long as the page lives.
const listeners = () => page.count + page.document.count;

const settled = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

async function pass(ms) {
  for (let left = ms; left > 0; left -= 50) {
    mock.timers.tick(Math.min(50, left));
    await settled();
  }
}

/** A connection whose end takes a while, as on a network. */
class SlowTransport extends FakeTransport {
  close(code) {
    if (this.readyState >= 2) return;
    this.readyState = 2;
    if (!this.isDead) setTimeout(() => super.close(code), 20);
  }

  /** Its peer is gone, and neither side is told. */
  die() {
    this.isDead = true;
    this.bufferedAmount = 1;
    FakeTransport.open = FakeTransport.open.filter(each => each !== this);
  }

  send(text) {
    if (!this.isDead) super.send(text);
  }
}

for (const [kind, { Socket }] of Object.entries(kinds)) {
  describe(`a page with ${kind}`, () => {
    let socket;
    let client;
    let connection;

    beforeEach(() => {
      mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
      FakeTransport.open = [];
      FakeTransport.made = 0;
      page.document.visibilityState = "visible";
    });
    afterEach(async () => {
      client.disconnect();
      await pass(5000);
      mock.timers.reset();
    });

    function make(options, more) {
      socket = new Socket("ws://test/socket", { transport: SlowTransport, ...more });
      client = connect(socket, options);
      return client;
    }

    async function accept() {
      await settled();
      const opening = FakeTransport.open.filter(({ readyState }) => readyState === 0);
      assert.equal(opening.length, 1, `${FakeTransport.open.map(({ readyState }) => readyState)}`);
      connection = opening[0].accept();
    }

    const joins = frames => frames.filter(({ event }) => event === "phx_join");

    async function joined(channel, reply = {}) {
      channel.join();
      if (!socket.isConnected()) await accept();
      connection.reply(joins(connection.take())[0], reply);
      return channel;
    }

    /** The page comes back to where it was: a reload from the browser's cache of pages. */
    async function leaveAndReturn() {
      page.fire("pagehide");
      await pass(500);
      page.fire("pageshow");
    }

    for (const pause of [0, 10, 300]) {
      test(`a disconnect is final, also for a page that is left after ${pause} ms and shown again`, async () => {
        make();
        const channel = await joined(client.channel("a"));
        client.disconnect();
        await pass(pause);
        await leaveAndReturn();
        await pass(120_000);
        assert.deepEqual([FakeTransport.made, client.status.phase, channel.status.phase], [1, "idle", "joining"]);
      });
    }

    test("a disconnect is final, also if the connection is dead and a heartbeat was under way", async () => {
      make();
      await joined(client.channel("a"));
      connection.die();
      await pass(30_000);
      client.disconnect();
      await pass(300_000);
      assert.equal(FakeTransport.made, 1);
    });

    test("a disconnect is final, also if phoenix.js was about to poll instead", async () => {
      make({}, { longPollFallbackMs: 2500 });
      const replaced = mock.fn();
      const replace = socket.replaceTransport.bind(socket);
      socket.replaceTransport = transport => {
        replaced();
        replace(transport);
        socket.transport = SlowTransport;
      };
      client.connect();
      await settled();
      const [only] = FakeTransport.open;
      client.disconnect();
      only.onerror?.({});
      await pass(60_000);
      assert.deepEqual([FakeTransport.made, client.status.phase], [1, "idle"]);
    });

    test("a final refusal is final, also for a page that is left and shown again", async () => {
      make();
      await joined(client.channel("a"));
      connection.receive(null, null, "phoenix", "refused", { status: 403, reason: "no" });
      await leaveAndReturn();
      await pass(120_000);
      assert.deepEqual([FakeTransport.made, client.status.phase], [1, "refused"]);
    });

    test("a page that has disconnected comes back when it connects", async () => {
      make();
      const channel = await joined(client.channel("a"));
      client.disconnect();
      await leaveAndReturn();
      client.connect();
      await pass(5000);
      await accept();
      connection.reply(joins(connection.take())[0]);
      assert.deepEqual([client.status.phase, channel.status.phase, FakeTransport.made], ["open", "joined", 2]);
    });
  });
}
