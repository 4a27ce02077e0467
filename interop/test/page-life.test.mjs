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

/** Moves the clock step by step, so that promises settle between timers. */
async function pass(ms) {
  const step = ms > 20_000 ? 1000 : 50;
  for (let left = ms; left > 0; left -= step) {
    mock.timers.tick(Math.min(step, left));
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

    test("nothing but the client connects its socket, before its first connect and after its end", async () => {
      make();
      page.show();
      socket.connect(); // as versions of 1.8 do when a page becomes visible
      assert.equal(FakeTransport.made, 0);
      await joined(client.channel("a"));
      client.disconnect();
      await pass(2000);
      socket.connect();
      assert.equal(FakeTransport.made, 1);
    });

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

    const wakes = {
      "is shown": () => page.show(),
      resumes: () => page.document.fire("resume"),
      "is online": () => page.fire("online"),
      "is shown by its history": () => page.fire("pageshow"),
    };
    for (const [what, wake] of Object.entries(wakes)) {
      test(`a connection that died is replaced 3 s after the page ${what}`, async () => {
        make();
        const seen = [];
        client.onStatus(({ phase }) => seen.push(phase));
        const [one, two] = [await joined(client.channel("a")), await joined(client.channel("b"))];
        const joining = client.channel("c").join();
        const call = one.call("x", {}, { repeat: true });
        const dead = connection;
        connection.die();
        wake();
        await pass(2950);
        assert.deepEqual([FakeTransport.made, client.status.phase], [1, "open"]);
        await pass(100);
        await accept();
        const again = joins(connection.take());
        assert.deepEqual(again.map(({ topic }) => topic).sort(), ["a", "b", "c"]);
        for (const join of again) connection.reply(join);
        assert.deepEqual([one, two, joining].map(({ status }) => status.phase), ["joined", "joined", "joined"]);
        await pass(200);
        const [repeated] = connection.take();
        connection.reply(repeated, { n: 1 });
        assert.deepEqual(await call, { status: "ok", reply: { n: 1 } });
        dead.onclose({ code: 1006 }); // when the browser has given it up
        await pass(60_000);
        assert.deepEqual([FakeTransport.made, seen], [2, ["connecting", "open", "reconnecting", "open"]]);
      });
    }

    test("a connection that lives stays, and several events at once cause one heartbeat", async () => {
      make();
      await joined(client.channel("a"));
      let sent = 0;
      const send = connection.send.bind(connection);
      connection.send = text => {
        if (JSON.parse(text)[3] === "heartbeat") sent++;
        send(text);
      };
      for (const wake of Object.values(wakes)) wake();
      assert.equal(sent, 1);
      await pass(10_000);
      assert.deepEqual([FakeTransport.made, client.status.phase], [1, "open"]);
      page.show();
      assert.equal(sent, 2);
    });

    test("messages that come before the answer show that a connection lives, for 3 s each", async () => {
      make();
      await joined(client.channel("a"));
      connection.send = () => {}; // no answer
      page.show();
      for (let i = 0; i < 4; i++) {
        await pass(2900);
        connection.receive(null, null, "a", "news", {});
      }
      assert.equal(FakeTransport.made, 1);
      await pass(3050);
      await accept();
      assert.equal(FakeTransport.made, 2);
    });

    test("a hidden page sends no heartbeat, and none is awaited", async () => {
      make();
      await joined(client.channel("a"));
      const sent = [];
      connection.send = text => sent.push(text);
      page.document.visibilityState = "hidden";
      page.fire("online");
      page.document.fire("resume");
      assert.deepEqual(sent, []);
      page.show();
      assert.equal(sent.length, 1);
      page.hide();
      await pass(20_000);
      assert.equal(FakeTransport.made, 1);
      page.show();
      assert.equal(sent.length, 2);
    });

    test("nothing happens after a disconnect, not even of a heartbeat under way, and the page is let go", async () => {
      const before = listeners();
      make();
      const own = listeners();
      await joined(client.channel("a"));
      connection.die();
      page.show();
      client.disconnect();
      assert.equal(listeners(), own);
      for (const wake of Object.values(wakes)) wake();
      await pass(120_000);
      assert.deepEqual([FakeTransport.made, client.status.phase, listeners() >= before], [1, "idle", true]);
    });

    test("a page that is left and shown again is back, with a fresh token", async () => {
      let n = 0;
      make({ token: async () => `t${++n}` });
      const channel = await joined(client.channel("a"));
      await pass(10_000);
      await leaveAndReturn();
      await pass(2000);
      await accept();
      connection.reply(joins(connection.take())[0]);
      assert.deepEqual([client.status.phase, channel.status.phase], ["open", "joined"]);
      await pass(20_000);
      assert.deepEqual([FakeTransport.made, socket.isConnected(), n >= 2], [2, true, true]);
    });

    test("a page that waits for the time of a refusal is not hurried", async () => {
      make();
      await joined(client.channel("a"));
      connection.receive(null, null, "phoenix", "refused", { status: 429, reason: "busy", retry_after: 60 });
      await pass(1000);
      for (const wake of Object.values(wakes)) wake();
      await pass(30_000);
      assert.equal(FakeTransport.made, 1);
    });

    test("a page that is left sends what waits for a join that was sent", async () => {
      make();
      const channel = client.channel("a").join();
      await accept();
      channel.push("x");
      const sent = connection;
      page.fire("pagehide");
      assert.deepEqual(sent.take().map(({ event }) => event), ["phx_join", "x"]);
    });

    test("the last messages of a page follow what waits, whenever it listens, once for each time that it is left", async () => {
      make();
      let n = 0;
      let user = "ann";
      const early = client.onPageHide(() => other.push("last", { n: ++n }));
      const channel = client.channel("a", () => ({ user })).join();
      const other = client.channel("b").join();
      await accept();
      other.push("waits");
      channel.push("waits");
      const [join] = joins(connection.take());
      connection.reply(join);
      user = "bo";
      channel.join();
      channel.push("of", { user });
      channel.call("x", {});
      const sent = connection;
      connection.take();
      page.fire("pagehide");
      assert.deepEqual(
        sent.take().map(({ topic, event, payload }) => [topic, event, ...Object.values(payload)].join(" ")),
        ["a phx_join bo", "a of bo", "a x", "b waits", "b last 1"],
      );
      early();
      await pass(500);
      page.fire("pageshow");
      await pass(2000);
      await accept();
      page.fire("pagehide");
      assert.equal(n, 1);
    });

    test("a page that is left without a connection is told, and its last message waits for it to be shown again", async () => {
      make();
      const channel = await joined(client.channel("a"));
      let left = 0;
      client.onPageHide(() => left++ || channel.push("last", {}, { timeout: 60_000 }));
      connection.close(1006);
      socket.disconnect(); // phoenix.js does not try any more
      await pass(1000);
      page.fire("pagehide");
      assert.equal(left, 1);
      page.fire("pageshow");
      await pass(3000);
      await accept();
      connection.reply(joins(connection.take())[0]);
      assert.deepEqual(connection.take().map(({ event }) => event), ["last"]);
    });

    test("a page that disconnects when it is left sends its last messages before, and is told of nothing later", async () => {
      make();
      const channel = await joined(client.channel("a"));
      let left = 0;
      client.onPageHide(() => channel.push("last", { n: ++left }));
      const sent = connection;
      client.disconnect();
      page.fire("pagehide");
      assert.deepEqual([left, sent.take()], [0, []]);
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
