import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, mock, test } from "node:test";
import * as phoenix from "phoenix";
import * as phoenix17 from "phoenix17";
import * as phoenix180 from "phoenix180";
import { connect } from "../../npm/client/heliodor.mjs";
import { FakeTransport } from "../fake-transport.mjs";

// The client over unchanged phoenix.js, with a server that is this test, and a clock that it moves.

const settled = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

/** Moves the clock step by step, so that promises settle before and between timers. */
async function pass(ms, step = 50) {
  await settled();
  for (let left = ms; left > 0; left -= step) {
    mock.timers.tick(Math.min(step, left));
    await settled();
  }
}

/** A stopped clock that runs timers with a longer delay than 2^31 - 1 ms at once, as browsers and Node.js do. */
function stopClock() {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  for (const name of ["setTimeout", "setInterval"]) {
    const start = globalThis[name];
    mock.method(globalThis, name, (run, delay, ...values) => start(run, delay < 2 ** 31 ? delay : 1, ...values));
  }
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The next exception that the client reports. */
const reported = () => new Promise(resolve => (globalThis.reportError = resolve));

const kinds = { "phoenix 1.8": phoenix, "phoenix 1.8.0": phoenix180, "phoenix 1.7": phoenix17 };
for (const [kind, { Socket }] of Object.entries(kinds)) {
  describe(`the client over ${kind}`, () => {
    let socket;
    let client;
    let connection;

    beforeEach(() => {
      stopClock();
      FakeTransport.open = [];
      FakeTransport.made = 0;
    });
    afterEach(() => {
      client?.disconnect();
      delete globalThis.reportError;
      mock.restoreAll();
      mock.timers.reset();
    });

    function make(options) {
      socket = new Socket("ws://test/socket", { transport: FakeTransport });
      client = connect(socket, options);
      return client;
    }

    /** Accepts the connection that the client is opening. */
    async function accept() {
      await settled();
      const [only, ...others] = FakeTransport.open;
      assert.ok(only && others.length === 0, `${FakeTransport.open.length} connections`);
      connection = only.accept();
    }

    const joins = frames => frames.filter(({ event }) => event === "phx_join");

    async function joined(channel, reply = {}) {
      channel.join();
      if (!client.socket.isConnected()) await accept();
      const [join] = joins(connection.take());
      connection.reply(join, reply);
      return join;
    }

    async function lose() {
      connection.close(1006);
      await pass(2000);
      await accept();
    }

    test("nothing is opened before the first join", async () => {
      make();
      const channel = client.channel("ticket:1");
      channel.on("changed", () => {});
      await settled();
      assert.equal(FakeTransport.made, 0);
      assert.deepEqual([client.status, channel.status], [{ phase: "idle" }, { phase: "idle" }]);
      assert.throws(() => channel.push("x"), /push\("x"\) on "ticket:1" before join\(\): call join\(\) first/);
      await assert.rejects(channel.call("x"), /call\("x"\) on "ticket:1" before join\(\)/);
    });

    test("a channel joins, gets its state and its events, and each status once", async () => {
      make();
      const statuses = [];
      const connections = [];
      client.onStatus(({ phase }) => connections.push(phase));
      const channel = client.channel("ticket:1", { user: "ann" });
      const seen = [];
      channel.onStatus(({ phase }) => statuses.push(phase));
      channel.onState(state => seen.push(["state", state]));
      const stop = channel.on("changed", payload => seen.push(["changed", payload]));
      const { payload } = await joined(channel, { title: "t" });
      assert.deepEqual(payload, { user: "ann" });
      connection.receive(null, null, "ticket:1", "changed", { n: 1 });
      connection.receive(null, null, "ticket:2", "changed", { n: 2 });
      stop();
      connection.receive(null, null, "ticket:1", "changed", { n: 3 });
      assert.deepEqual(seen, [["state", { title: "t" }], ["changed", { n: 1 }]]);
      assert.deepEqual(statuses, ["joining", "joined"]);
      assert.deepEqual(connections, ["connecting", "open"]);
      assert.deepEqual(channel.status, { phase: "joined", reply: { title: "t" } });
    });

    test("the payload of a function is asked for at each join, and states come anew", async () => {
      make();
      let n = 0;
      const channel = client.channel("ticket:1", () => ({ n: ++n }));
      const states = [];
      channel.onState(({ v }) => states.push(v));
      assert.equal((await joined(channel, { v: 1 })).payload.n, 1);
      await lose();
      assert.deepEqual(channel.status, { phase: "joining", reply: { v: 1 } });
      const [again] = joins(connection.take());
      assert.equal(again.payload.n, 2);
      connection.reply(again, { v: 2 });
      assert.deepEqual(states, [1, 2]);
    });

    test("a join that recovers gives no state, and has the token of the last message", async () => {
      make();
      const channel = client.channel("board:1");
      const seen = [];
      channel.onState(() => seen.push("state"));
      channel.onRecovered(({ recovered }) => seen.push(recovered));
      await joined(channel, { history: { recovered: false, token: "@a1" } });
      connection.receive(null, "@a2", "board:1", "changed", {});
      await lose();
      const [again] = joins(connection.take());
      assert.deepEqual(again.payload, { since: "@a2" });
      connection.reply(again, { history: { recovered: true, token: "@a2" } });
      assert.deepEqual(seen, [false, "state", true]);
    });

    test("after a gap a channel joins anew if it has a state, and not otherwise", async () => {
      for (const [topic, hasState] of [["board:1", true], ["board:2", false]]) {
        if (!client || topic === "board:1") make();
        const channel = client.channel(topic);
        if (hasState) channel.onState(() => {});
        await joined(channel, { history: { recovered: false, token: "@a1" } });
        connection.receive(null, "@a3~", topic, "changed", {});
        await pass(1000);
        assert.equal(joins(connection.take()).length, hasState ? 1 : 0, topic);
      }
    });

    test("channels of a topic share one membership, and the last one that leaves ends it", async () => {
      make();
      const [one, two] = [client.channel("ticket:1", { user: "ann" }), client.channel("ticket:1", { user: "ann" })];
      one.join();
      two.join();
      await accept();
      const [join, ...others] = connection.take();
      assert.deepEqual([join.payload, others], [{ user: "ann" }, []]);
      connection.reply(join, {});
      assert.deepEqual([one.status.phase, two.status.phase], ["joined", "joined"]);
      const seen = [];
      two.on("x", () => seen.push("two"));
      one.on("x", () => seen.push("one"));
      one.leave();
      await pass(50);
      connection.receive(null, null, "ticket:1", "x", {});
      assert.deepEqual([seen, connection.take()], [["two"], []]);
      assert.equal(one.status.phase, "left");
      two.leave();
      await pass(50);
      assert.deepEqual(connection.take().map(({ event }) => event), ["phx_leave"]);
    });

    test("channels that leave and join again at once, as under StrictMode, cause no second join", async () => {
      make();
      const both = [client.channel("ticket:1"), client.channel("ticket:1")];
      for (const channel of both) channel.join();
      for (const channel of both) channel.leave();
      for (const channel of both) channel.join();
      await accept();
      await pass(100);
      assert.deepEqual(connection.take().map(({ event }) => event), ["phx_join"]);
    });

    test("another channel that joins while the last one leaves joins with its own payload", async () => {
      make();
      const one = client.channel("ticket:1", { user: "ann" });
      await joined(one);
      one.leave();
      client.channel("ticket:1", { user: "bo" }).join();
      await pass(100);
      const frames = connection.take();
      assert.deepEqual(frames.map(({ event }) => event), ["phx_leave", "phx_join"]);
      assert.deepEqual(frames[1].payload, { user: "bo" });
    });

    test("a late callback gets the state, by a join anew if an event came since", async () => {
      make();
      const channel = client.channel("ticket:1");
      const seen = [];
      await joined(channel, { v: 1 });
      channel.onState(({ v }) => seen.push(v));
      assert.deepEqual(seen, [1]);
      connection.receive(null, null, "ticket:1", "changed", {});
      const late = client.channel("ticket:1");
      late.onState(({ v }) => seen.push(`late ${v}`));
      late.join();
      await pass(50);
      const [join] = joins(connection.take());
      connection.reply(join, { v: 2 });
      assert.deepEqual(seen, [1, 2, "late 2"]);
    });

    test("a refused join is final, or is tried again if its reason passes or the page decides so", async () => {
      make();
      const refused = async (topic, reason, options) => {
        const channel = client.channel(topic, {}, options);
        channel.join();
        if (!socket.isConnected()) await accept();
        connection.reply(joins(connection.take())[0], { reason }, "error");
        const { status } = channel;
        await pass(20_000);
        const again = joins(connection.take()).some(join => join.topic === topic);
        return [status, again, channel];
      };
      const [forbidden, triedAgain, channel] = await refused("a", "forbidden");
      assert.deepEqual([forbidden, triedAgain], [{ phase: "refused", error: { reason: "forbidden" }, final: true }, false]);
      assert.deepEqual((await refused("b", "overloaded")).slice(0, 2), [{ phase: "refused", error: { reason: "overloaded" }, final: false }, true]);
      assert.equal((await refused("c", "too early", { retries: ({ reason }) => reason === "too early" }))[1], true);
      assert.equal((await refused("d", "overloaded", { retries: () => false }))[1], false);
      assert.deepEqual(await channel.call("x"), { status: "closed" });
      assert.equal(channel.push("x"), false);
      channel.join();
      assert.deepEqual(joins(connection.take()).map(({ topic }) => topic), ["a"]);
    });

    test("whenJoined is one promise until a final refusal and a further join", async () => {
      make();
      const channel = client.channel("a");
      const first = channel.whenJoined();
      assert.equal(channel.whenJoined(), first);
      channel.join();
      await accept();
      connection.reply(joins(connection.take())[0], { reason: "forbidden" }, "error");
      await assert.rejects(first, ({ message, status }) => message === '"a" is refused: forbidden' && status.final);
      channel.join();
      const second = channel.whenJoined();
      connection.reply(joins(connection.take())[0], { v: 1 });
      assert.deepEqual(await second, { v: 1 });
    });

    test("a channel that the server closes stays closed", async () => {
      make();
      const channel = client.channel("a");
      const { joinRef } = await joined(channel);
      const call = channel.call("slow");
      connection.receive(joinRef, null, "a", "phx_close", { reason: "removed" });
      assert.deepEqual(channel.status, { phase: "closed", reason: "removed" });
      assert.deepEqual(await call, { status: "closed" });
      await pass(20_000);
      assert.deepEqual(joins(connection.take()), []);
    });

    test("a crashed channel joins again", async () => {
      make();
      const channel = client.channel("a");
      const { joinRef } = await joined(channel);
      connection.receive(joinRef, joinRef, "a", "phx_error", {});
      assert.equal(channel.status.phase, "joining");
      await pass(2000);
      assert.equal(joins(connection.take()).length, 1);
    });

    test("calls have results: replies, errors, timeouts, the end of the channel", async () => {
      make();
      const channel = client.channel("a");
      await joined(channel);
      const calls = ["ok", "error", "timeout", "left"].map(name => channel.call(name, { name }, { timeout: name === "timeout" ? 100 : undefined }));
      const [ok, error] = connection.take();
      connection.reply(ok, { n: 1 });
      connection.reply(error, { reason: "closed" }, "error");
      await pass(150);
      channel.leave();
      await pass(50);
      assert.deepEqual(await Promise.all(calls), [
        { status: "ok", reply: { n: 1 } },
        { status: "error", error: { reason: "closed" } },
        { status: "timeout" },
        { status: "closed" },
      ]);
    });

    test("a call whose time ends before it is sent was not sent", async () => {
      make();
      const channel = client.channel("a");
      await joined(channel);
      connection.close(1006);
      const calls = [channel.call("x", {}, { timeout: 100 }), channel.call("x", {}, { repeat: true, timeout: 100 })];
      await pass(150);
      assert.deepEqual(await calls[0], { status: "not_sent" });
      await pass(5 * 60_000);
      assert.notEqual((await calls[1]).status, "ok");
    });

    test("the server answers calls whose channel ends: they are closed, and repeated ones only with the channel", async () => {
      make();
      const channel = client.channel("a");
      const { joinRef } = await joined(channel);
      const ends = [];
      const calls = [channel.call("x"), channel.call("y", {}, { repeat: true })].map(call => call.then(result => ends.push(result.status)));
      const [first, second] = connection.take();
      connection.reply(first, { reason: "channel_closed" }, "error");
      connection.reply(second, { reason: "channel_closed" }, "error");
      await settled();
      assert.deepEqual(ends, ["closed"]);
      connection.receive(joinRef, joinRef, "a", "phx_close", {});
      await Promise.all(calls);
      assert.deepEqual(ends, ["closed", "closed"]);
    });

    test("a call before the reply to the join is sent after it", async () => {
      make();
      const channel = client.channel("a").join();
      const call = channel.call("x", { n: 1 });
      await accept();
      const [join, ...others] = connection.take();
      assert.deepEqual(others, []);
      connection.reply(join);
      const [request] = connection.take();
      assert.deepEqual([request.event, request.payload], ["x", { n: 1 }]);
      connection.reply(request, { n: 2 });
      assert.deepEqual(await call, { status: "ok", reply: { n: 2 } });
    });

    test("a repeated call is sent again after a lost connection, a timeout and an error that passes", async () => {
      make();
      const channel = client.channel("a");
      await joined(channel);
      const call = channel.call("pay", { key: "k" }, { repeat: true, timeout: 5000 });
      connection.take();
      await lose();
      connection.reply(joins(connection.take())[0]);
      await settled();
      const requests = () => connection.take().filter(({ event }) => event === "pay");
      assert.deepEqual(requests().map(({ payload }) => payload), [{ key: "k" }]);
      await pass(5050);
      const [second] = requests();
      connection.reply(second, { reason: "rate_limited", retry_after_ms: 100 }, "error");
      await pass(300);
      const [third] = requests();
      connection.reply(third, { receipt: 1 });
      assert.deepEqual(await call, { status: "ok", reply: { receipt: 1 } });
    });

    test("a repeated call ends at the second close for a message that is too large", async () => {
      make();
      const channel = client.channel("a");
      await joined(channel);
      const call = channel.call("pay", { key: "k" }, { repeat: true });
      for (let sent = 0; sent < 2; sent++) {
        assert.equal(connection.take().filter(({ event }) => event === "pay").length, 1);
        connection.close(1009);
        await pass(2000);
        await accept();
        connection.reply(joins(connection.take())[0]);
        await settled();
      }
      assert.deepEqual(await call, { status: "timeout" });
      assert.deepEqual(connection.take().filter(({ event }) => event === "pay"), []);
      assert.equal(client.status.phase, "open");
    });

    test("a repeated call ends after five minutes", async () => {
      make();
      const channel = client.channel("a");
      await joined(channel);
      const call = channel.call("pay", {}, { repeat: true });
      await pass(5 * 60_000 + 10_000);
      assert.deepEqual(await call, { status: "timeout" });
      assert.equal(connection.take().filter(({ event }) => event === "pay").length, 30);
      await pass(60_000);
      assert.deepEqual(connection.take(), []);
    });

    test("a call that is not repeated is sent once, and times out after a lost connection", async () => {
      make();
      const channel = client.channel("a");
      await joined(channel);
      const call = channel.call("pay");
      connection.take();
      await lose();
      connection.reply(joins(connection.take())[0]);
      await pass(10_000);
      assert.deepEqual([await call, connection.take().filter(({ event }) => event === "pay")], [{ status: "timeout" }, []]);
    });

    test("presences follow states and diffs, by key, as values of their own", async () => {
      make();
      const channel = client.channel("a");
      const people = channel.presence();
      const seen = [];
      people.onChange(map => seen.push([...map].map(([key, { metas }]) => `${key}${metas.length}`).join()));
      await joined(channel);
      const send = (event, payload) => connection.receive(null, null, "a", event, payload);
      send("presence_diff", { joins: { ghost: { metas: [{ phx_ref: "0" }] } }, leaves: {} });
      send("presence_state", JSON.parse('{"ann": {"metas": [{"phx_ref": "1"}], "name": "Ann"}, "__proto__": {"metas": [{"phx_ref": "2"}]}}'));
      const before = people.value;
      send("presence_diff", { joins: { ann: { metas: [{ phx_ref: "3" }] }, bo: { metas: [{ phx_ref: "4" }] } }, leaves: {} });
      send("presence_diff", { joins: { bo: { metas: [{ phx_ref: "5", phx_ref_prev: "4" }] } }, leaves: { bo: { metas: [{ phx_ref: "4" }] }, no: { metas: [{ phx_ref: "9" }] } } });
      send("presence_diff", { joins: {}, leaves: { ann: { metas: [{ phx_ref: "1" }, { phx_ref: "3" }] } } });
      assert.deepEqual(seen, ["ann1,__proto__1", "ann2,__proto__1,bo1", "ann2,__proto__1,bo1", "__proto__1,bo1"]);
      assert.deepEqual([...before.keys(), before.get("ann").name], ["ann", "__proto__", "Ann"]);
      assert.deepEqual(people.value.get("bo").metas, [{ phx_ref: "5", phx_ref_prev: "4" }]);
      channel.leave();
      assert.equal(people.value.size, 0);
    });

    test("presences that are asked for late come by a join anew", async () => {
      make();
      const channel = client.channel("a");
      await joined(channel);
      const viewers = channel.count("viewers");
      const agents = channel.presence("agents");
      await pass(50);
      const frames = joins(connection.take());
      assert.equal(frames.length, 1);
      connection.reply(frames[0]);
      connection.receive(null, null, "a", "viewers_count", { count: 3 });
      connection.receive(null, null, "a", "agents_state", { bo: { metas: [] } });
      assert.deepEqual([viewers.value, [...agents.value.keys()]], [3, ["bo"]]);
      const other = client.channel("a").join();
      assert.deepEqual([other.count("viewers").value, other.presence("agents").value.size], [3, 1]);
      await pass(50);
      assert.deepEqual(connection.take(), []);
    });

    test("an exception of a callback stops no other one", async () => {
      make();
      const channel = client.channel("a");
      const seen = [];
      channel.on("x", () => {
        throw new Error("of the page");
      });
      channel.on("x", () => seen.push("x"));
      await joined(channel);
      const uncaught = reported();
      connection.receive(null, null, "a", "x", {});
      assert.deepEqual(seen, ["x"]);
      assert.equal((await uncaught).message, "of the page");
    });

    test("a final refusal and a final close keep the client away until it connects", async () => {
      for (const refuse of [
        () => connection.receive(null, null, "phoenix", "refused", { status: 403, reason: "no" }),
        () => connection.close(4403),
      ]) {
        make();
        const channel = client.channel("a").join();
        await accept();
        refuse();
        assert.equal(client.status.phase, "refused");
        assert.equal(client.status.final, true);
        FakeTransport.made = 0;
        client.channel("b").join();
        await pass(20_000);
        assert.equal(FakeTransport.made, 0);
        client.connect();
        await accept();
        // phoenix.js 1.7 keeps each of the joins that had no reply meanwhile.
        assert.deepEqual([...new Set(joins(connection.take()).map(({ topic }) => topic))].sort(), ["a", "b"]);
        assert.equal(channel.status.phase, "joining");
        client.disconnect();
        await pass(2000);
      }
    });

    test("after 429 the client connects again by itself", async () => {
      make();
      client.connect();
      await accept();
      connection.receive(null, null, "phoenix", "refused", { status: 429, reason: "busy", retry_after: 2 });
      assert.deepEqual(client.status, { phase: "refused", status: 429, reason: "busy", retry_after: 2, final: false });
      await pass(1950);
      assert.equal(FakeTransport.made, 1);
      await pass(2100);
      await accept();
      assert.equal(client.status.phase, "open");
    });

    test("a disconnect and a connect at once give one connection, and its channels join", async () => {
      make();
      const channel = client.channel("a");
      await joined(channel);
      client.disconnect();
      assert.equal(client.status.phase, "idle");
      client.connect();
      await pass(2000);
      if (!socket.isConnected()) await accept();
      assert.equal(FakeTransport.open.length, 1);
      connection.reply(joins(FakeTransport.open[0].take())[0]);
      assert.equal(channel.status.phase, "joined");
    });

    test("messages to the connection come by name", async () => {
      make();
      const seen = [];
      client.on("notified", payload => seen.push(payload));
      client.connect();
      await accept();
      connection.receive(null, null, "phoenix", "notified", { body: 1 });
      assert.deepEqual(seen, [{ body: 1 }]);
    });

    test("a fresh token goes to the server, and lets channels in that had no right", async () => {
      let n = 0;
      make({ token: async () => `t${++n}`, refreshEvery: 60_000 });
      const channel = client.channel("a").join();
      await accept();
      connection.reply(joins(connection.take())[0], { reason: "unauthorized" }, "error");
      assert.equal(channel.status.final, true);
      await pass(60_000);
      const request = connection.take().find(({ event }) => event === "refresh");
      assert.deepEqual(request.payload, { token: "t2" });
      connection.reply({ ...request, joinRef: null });
      await settled();
      assert.deepEqual(joins(connection.take()).map(({ topic }) => topic), ["a"]);
    });

    test("refresh without a token is an error that names both ways", async () => {
      make();
      client.connect();
      await accept();
      await assert.rejects(client.refresh(), /refresh\(\) has no token: give it one, or give connect\(socket, \{ token \}\) a function/);
    });

    test("an expired token is replaced once; a second refusal is final", async () => {
      let n = 0;
      make({ token: () => `t${++n}` });
      client.connect();
      await accept();
      connection.receive(null, null, "phoenix", "refused", { status: 401, reason: "expired" });
      await pass(1000);
      await accept();
      assert.equal(n, 2);
      connection.receive(null, null, "phoenix", "refused", { status: 401, reason: "expired" });
      await pass(20_000);
      assert.deepEqual([n, client.status.phase, client.status.final, FakeTransport.open.length], [2, "refused", true, 0]);
    });

    test("a handshake that fails is repeated with a fresh token, since it may have been refused", async () => {
      let n = 0;
      make({ token: async () => `t${++n}` });
      client.channel("a").join();
      await accept();
      await pass(6000);
      connection.close(1006);
      await pass(100);
      assert.equal(n, 2);
      FakeTransport.open[0]?.close(1006);
      await pass(1000);
      assert.equal(n, 2, "once in five seconds");
      await accept();
      if (kind !== "phoenix 1.7") assert.equal(connection.protocols[1], `base64url.bearer.phx.${btoa("t2").replace(/=/g, "")}`);
    });

    test("a channel that ends has no presences, and gets them anew", async () => {
      make();
      const channel = client.channel("a");
      const people = channel.presence();
      const { joinRef } = await joined(channel);
      const present = { ann: { metas: [{ phx_ref: "1" }] } };
      connection.receive(joinRef, null, "a", "presence_state", present);
      connection.receive(joinRef, null, "a", "phx_close", { reason: "removed" });
      assert.equal(people.value.size, 0);
      channel.join();
      const [join] = joins(connection.take());
      connection.reply(join);
      connection.receive(join.joinRef, null, "a", "presence_state", present);
      assert.equal(people.value.size, 1);
    });

    test("presences make no state old", async () => {
      make();
      const channel = client.channel("a");
      channel.presence();
      const { joinRef } = await joined(channel, { v: 1 });
      connection.receive(joinRef, null, "a", "presence_state", {});
      const seen = [];
      channel.onState(({ v }) => seen.push(v));
      await pass(50);
      assert.deepEqual([seen, connection.take()], [[1], []]);
    });

    test("a channel joins again after a connection whose end was never reported", async () => {
      make();
      const channel = client.channel("a");
      await joined(channel);
      connection.close = () => (connection.readyState = 2);
      client.disconnect();
      client.connect();
      await pass(5000);
      FakeTransport.open = FakeTransport.open.filter(each => each !== connection);
      await accept();
      assert.deepEqual(joins(connection.take()).map(({ topic }) => topic), ["a"]);
      assert.equal(channel.status.phase, "joining");
    });

    test("messages that wait for a join are bounded, and those that waited too long make room", async () => {
      make();
      const channel = client.channel("a").join();
      for (let i = 0; i < 1000; i++) assert.equal(channel.push("x", { i }), true);
      assert.equal(channel.push("x", { i: 1000 }), false);
      const beyond = [channel.call("x"), channel.call("x", {}, { repeat: true })];
      await pass(1000);
      assert.deepEqual(await beyond[0], { status: "not_sent" });
      assert.throws(() => channel.push("x", { n: 1n }), TypeError);
      await pass(10_050);
      assert.equal(channel.push("x", { i: 1001 }), true);
      if (!socket.isConnected()) await accept();
      for (const join of joins(connection.take())) connection.reply(join);
      await pass(20_000);
      for (const join of joins(connection.take())) connection.reply(join);
      assert.ok(connection.take().filter(({ event }) => event === "x").length <= 2);
      channel.leave(); // ends the call that is repeated
      await pass(50);
      assert.deepEqual(await beyond[1], { status: "closed" });
    });

    test("a disconnect and a connect while the connection still sends give a new connection", async () => {
      make();
      const stop = client.onStatus(({ phase }) => phase === "idle" && client.connect());
      const channel = client.channel("a");
      await joined(channel);
      connection.bufferedAmount = 1;
      const before = connection;
      client.disconnect();
      await pass(100);
      before.bufferedAmount = 0;
      await pass(5000);
      stop();
      assert.notEqual(FakeTransport.open[0], before);
      await accept();
      assert.equal(client.status.phase, "open");
    });

    test("a callback that comes during an outage gets the state, though the history recovers all", async () => {
      make();
      const channel = client.channel("board:1");
      await joined(channel, { v: 1, history: { recovered: false, token: "@a1" } });
      connection.close(1006);
      const seen = [];
      channel.onState(({ v }) => seen.push(v));
      await pass(2000);
      await accept();
      connection.reply(joins(connection.take())[0], { v: 2, history: { recovered: true, token: "@a1" } });
      await pass(50);
      const [anew] = joins(connection.take());
      assert.deepEqual(anew.payload, {});
      connection.reply(anew, { v: 3, history: { recovered: false, token: "@a2" } });
      assert.deepEqual(seen, [3]);
    });

    test("a gap is not forgotten if the connection breaks before the join anew", async () => {
      make();
      const channel = client.channel("board:1");
      channel.onState(() => {});
      await joined(channel, { history: { recovered: false, token: "@a1" } });
      connection.receive(null, "@a3~", "board:1", "changed", {});
      await lose();
      const [anew] = joins(connection.take());
      assert.deepEqual(anew.payload, {});
    });

    test("a join anew for presences alone misses no kept message", async () => {
      make();
      const channel = client.channel("board:1");
      await joined(channel, { history: { recovered: false, token: "@a1" } });
      connection.receive(null, "@a2", "board:1", "changed", {});
      channel.presence();
      await pass(50);
      assert.deepEqual(joins(connection.take())[0].payload, { since: "@a2" });
    });

    test("a join anew waits for the replies to calls", async () => {
      make();
      const channel = client.channel("a");
      const { joinRef } = await joined(channel);
      const call = channel.call("x");
      const [request] = connection.take();
      channel.presence();
      await pass(5000);
      assert.deepEqual(connection.take(), []);
      connection.receive(joinRef, request.ref, "a", "phx_reply", { status: "ok", response: { n: 1 } });
      assert.deepEqual(await call, { status: "ok", reply: { n: 1 } });
      assert.equal(joins(connection.take()).length, 1);
    });

    test("a token that the page has kept is for the first join alone", async () => {
      make();
      const channel = client.channel("board:1", { since: "@old" });
      channel.onState(() => {});
      const first = await joined(channel, { history: { recovered: true, token: "@old" } });
      connection.receive(null, "@a3~", "board:1", "changed", {});
      await pass(1000);
      const [anew] = joins(connection.take());
      assert.deepEqual([first.payload, anew.payload], [{ since: "@old" }, {}]);
    });

    test("a payload or a decision of the page that throws stops no other topic", async () => {
      make();
      let fails = false;
      const payload = () => {
        if (fails) throw new Error("of the payload");
        return { n: 1 };
      };
      const [one, two] = [client.channel("a", payload, { retries: payload }), client.channel("b")];
      await joined(one);
      await joined(two);
      fails = true;
      const failure = reported();
      await lose();
      const again = joins(connection.take());
      assert.equal((await failure).message, "of the payload");
      assert.deepEqual(again.map(({ topic, payload: sent }) => [topic, sent]), [["a", { n: 1 }], ["b", {}]]);
      const decision = reported();
      connection.reply(again[0], { reason: "no" }, "error");
      assert.equal((await decision).message, "of the payload");
      assert.equal(one.status.final, true);
      assert.throws(() => client.channel("c", payload).join(), /of the payload/);
    });

    test("of two tokens the one that was fetched last counts", async () => {
      const waiting = [];
      make({ token: () => new Promise(resolve => waiting.push(resolve)), refreshEvery: 60_000 });
      client.connect();
      waiting.shift()("t1");
      await accept();
      await pass(60_000);
      client.disconnect();
      client.connect();
      await pass(2000);
      const [old, fresh] = waiting;
      old("t2");
      await pass(0);
      fresh("t3");
      await pass(2000);
      await accept();
      assert.deepEqual(connection.take().filter(([, , , event]) => event === "refresh"), []);
      assert.equal(client.status.phase, "open");
      if (kind !== "phoenix 1.7") assert.equal(connection.protocols[1], `base64url.bearer.phx.${btoa("t3").replace(/=/g, "")}`);
    });

    test("a topic without a right is joined again with the next identity", async () => {
      make();
      const channel = client.channel("a").join();
      await accept();
      connection.reply(joins(connection.take())[0], { reason: "unauthorized" }, "error");
      client.disconnect();
      await pass(2000);
      client.connect();
      await accept();
      connection.reply(joins(connection.take())[0]);
      assert.equal(channel.status.phase, "joined");
    });

    test("a channel that joins late has its status before its state", async () => {
      make();
      await joined(client.channel("a"), { v: 1 });
      const late = client.channel("a");
      const seen = [];
      late.onState(() => seen.push(late.status.phase, late.push("x")));
      late.join();
      assert.deepEqual(seen, ["joined", true]);
    });

    test("a channel that was left takes messages until the end of the turn, which come before the leave, and throws nothing", async () => {
      make();
      const channel = client.channel("a");
      await joined(channel);
      channel.leave();
      assert.equal(channel.push("bye"), true);
      const call = channel.call("bye");
      await pass(50);
      assert.deepEqual(connection.take().map(({ event }) => event), ["bye", "bye", "phx_leave"]);
      assert.deepEqual(await call, { status: "closed" });
      assert.equal(channel.push("x"), false);
      assert.deepEqual(await channel.call("x"), { status: "closed" });
    });

    test("what a channel of a hook takes before its join is sent in its order, is bounded, and ends after its timeout", async () => {
      make();
      let isMounted = true;
      const channel = client.channel("a", {}, { awaitsJoin: () => isMounted });
      assert.equal(channel.push("late", {}, { timeout: 100 }), true);
      const late = channel.call("late", {}, { timeout: 100 });
      await pass(150);
      assert.deepEqual(await late, { status: "not_sent" });
      assert.throws(() => channel.push("x", { n: 1n }), TypeError);
      for (let i = 0; i < 999; i++) assert.equal(channel.push("x", { i }), true);
      const call = channel.call("y");
      assert.equal(channel.push("x", { i: 1000 }), false);
      await joined(channel);
      const sent = connection.take();
      assert.deepEqual([sent.length, sent[0].payload, sent.at(-1).event], [1000, { i: 0 }, "y"]);
      connection.reply(sent.at(-1), { n: 1 });
      assert.deepEqual(await call, { status: "ok", reply: { n: 1 } });
      channel.leave();
      await pass(50);
      assert.equal(channel.push("hidden"), true);
      channel.join();
      connection.reply(joins(connection.take())[0]);
      assert.deepEqual(connection.take().map(({ event }) => event), ["hidden"]);
      channel.leave();
      isMounted = false;
      await pass(50);
      assert.deepEqual([channel.push("gone"), await channel.call("gone")], [false, { status: "closed" }]);
    });

    test("another payload joins anew at once, and a function is called for joins and further calls of join only", async () => {
      make();
      const payload = { n: 1 };
      let calls = 0;
      const channel = client.channel("a", () => {
        calls++;
        return { ...payload };
      });
      const seen = [];
      channel.onState(({ v }) => seen.push(v));
      channel.on("x", () => seen.push("x"));
      await joined(channel, { v: 1 });
      channel.join();
      await pass(50);
      assert.deepEqual([connection.take(), calls], [[], 2]);
      payload.n = 2;
      channel.join();
      await pass(50);
      const [anew] = joins(connection.take());
      assert.deepEqual([anew.payload, channel.status], [{ n: 2 }, { phase: "joined", reply: { v: 1 } }]);
      connection.receive(null, null, "a", "x", {});
      connection.reply(anew, { v: 2 });
      assert.deepEqual([seen, channel.status.reply], [[1, "x", 2], { v: 2 }]);
    });

    test("a payload that changes while the topic is joined is followed by a join anew, and nothing of the first one is seen", async () => {
      make();
      const payload = { n: 1 };
      const channel = client.channel("a", () => ({ ...payload }));
      const seen = [];
      channel.onStatus(({ phase }) => seen.push(phase));
      channel.onState(({ v }) => seen.push(v));
      channel.onRecovered(() => seen.push("recovered"));
      channel.on("x", () => seen.push("x"));
      channel.join();
      await accept();
      const [first] = joins(connection.take());
      payload.n = 2;
      channel.join();
      await pass(50);
      connection.reply(first, { v: 1 });
      connection.receive(null, null, "a", "x", {});
      await pass(50);
      const [second] = joins(connection.take());
      connection.reply(second, { v: 2 });
      connection.receive(null, null, "a", "x", {});
      assert.deepEqual([first.payload, second.payload, seen], [{ n: 1 }, { n: 2 }, ["joining", "joined", "recovered", 2, "x"]]);
    });

    test("when the first channel of a topic leaves, the payload is that of the next, at once", async () => {
      make();
      const [one, two, three] = [{ user: "ann" }, { user: "bo" }, { user: "bo" }].map(payload => client.channel("a", payload));
      await joined(one);
      two.join();
      three.join();
      one.leave();
      await pass(50);
      const [anew] = joins(connection.take());
      assert.deepEqual(anew.payload, { user: "bo" });
      connection.reply(anew);
      two.leave();
      await pass(50);
      assert.deepEqual(connection.take(), [], "an equal one changes nothing");
      one.join();
      for (const channel of [three, one]) channel.leave();
      for (const channel of [three, one]) channel.join();
      await pass(50);
      assert.deepEqual(connection.take(), [], "nor do channels that leave and join again at once");
    });

    test("what waits for a join under way is sent before the leave, and before a disconnect", async () => {
      for (const end of [channel => channel.leave(), () => client.disconnect()]) {
        make();
        const channel = client.channel("a").join();
        await accept();
        channel.push("x", { n: 1 });
        const call = channel.call("y");
        const sent = connection;
        end(channel);
        await pass(50);
        const frames = sent.take();
        assert.deepEqual(frames.map(({ event }) => event).slice(0, 3), ["phx_join", "x", "y"]);
        assert.deepEqual([...new Set(frames.map(({ joinRef }) => joinRef))].length, 1);
        assert.deepEqual(await call, { status: "closed" });
        client.disconnect();
        await pass(2000);
      }
    });

    test("what waits for a connection when a channel leaves is sent first, and the topic is left after it", async () => {
      make();
      const channel = client.channel("a", { user: "ann" }).join();
      channel.push("x");
      channel.leave();
      await pass(3000);
      await accept();
      const [join] = joins(connection.take());
      connection.reply(join);
      await pass(50);
      assert.deepEqual([join.payload, connection.take().map(({ event }) => event)], [{ user: "ann" }, ["x", "phx_leave"]]);
    });

    test("a topic is left when the time of what waits is over", async () => {
      make();
      const channel = await joined(client.channel("a")).then(() => client.channel("a").join());
      connection.close(1006);
      channel.push("x", {}, { timeout: 1000 });
      const call = channel.call("y", {}, { timeout: 1500 });
      channel.leave();
      client.channel("b").join();
      await pass(5000);
      assert.deepEqual(await call, { status: "not_sent" });
    });

    test("another channel that joins while messages of the one before wait joins after them, with its own payload", async () => {
      make();
      const one = client.channel("a", { user: "ann" });
      await joined(one);
      connection.close(1006);
      one.push("x");
      one.leave();
      const two = client.channel("a", { user: "bo" }).join();
      const states = [];
      two.onState(state => states.push(state.v));
      await pass(2000);
      await accept();
      const [first] = joins(connection.take());
      connection.reply(first, { v: 1 });
      await pass(50);
      const frames = connection.take();
      assert.deepEqual([first.payload, frames.map(({ event }) => event), frames[1].payload], [{ user: "ann" }, ["x", "phx_join"], { user: "bo" }]);
      assert.equal(two.status.phase, "joining");
      connection.reply(frames[1], { v: 2 });
      assert.deepEqual([states, two.status], [[2], { phase: "joined", reply: { v: 2 } }]);
    });

    test("a message is sent under the payload for which it was taken, whatever the membership had before", async () => {
      make();
      let user = "ann";
      const channel = client.channel("a", () => ({ user }));
      const states = [];
      channel.onState(({ v }) => states.push(v));
      await joined(channel, { v: 0 });
      const asked = channel.call("ask");
      const [ask] = connection.take();
      for (user of ["bo", "cy"]) {
        channel.join();
        assert.equal(channel.push("of", { user }), true);
      }
      const called = channel.call("who", {}, { timeout: 60_000 });
      user = "dee"; // and back within the turn
      channel.join();
      user = "cy";
      channel.join();
      await pass(50);
      channel.push("late", { user });
      assert.deepEqual(connection.take(), [], "the reply to a call is awaited");
      connection.reply(ask, {});
      assert.equal((await asked).status, "ok");
      for (const [n, name] of ["bo", "cy"].entries()) {
        await pass(50);
        const [join, ...others] = connection.take();
        assert.deepEqual([join.event, join.payload.user, others], ["phx_join", name, []]);
        connection.reply(join, { v: n + 1 });
        const sent = connection.take();
        assert.deepEqual(sent.map(({ event, payload }) => [event, payload.user]), name === "bo" ? [["of", "bo"]] : [["of", "cy"], ["who", undefined], ["late", "cy"]]);
        if (name === "cy") connection.reply(sent[1], { it: name });
      }
      assert.deepEqual(await called, { status: "ok", reply: { it: "cy" } });
      channel.push("now", { user });
      await pass(50);
      assert.deepEqual([connection.take().map(({ event }) => event), states], [["now"], [0, 2]]);
    });

    test("what waits for another payload is bounded, ends after its timeout and with the topic, and is sent before a leave", async () => {
      make();
      let user = "ann";
      const channel = client.channel("a", () => ({ user }));
      await joined(channel);
      const asked = channel.call("ask", {}, { timeout: 60_000 });
      const [ask] = connection.take();
      const change = name => {
        user = name;
        channel.join();
      };
      change("bo");
      const short = channel.call("short", {}, { timeout: 100 });
      channel.push("short", {}, { timeout: 100 });
      await pass(150);
      assert.deepEqual(await short, { status: "not_sent" });
      change("cy"); // nothing is left for bo
      for (let i = 0; i < 1000; i++) assert.equal(channel.push("x", { i }), true);
      assert.equal(channel.push("x"), false);
      channel.leave();
      await pass(50);
      assert.deepEqual(connection.take(), []);
      connection.reply(ask, {});
      await asked;
      await pass(50);
      const [join] = connection.take();
      assert.deepEqual(join.payload, { user: "cy" });
      connection.reply(join);
      await pass(50);
      const events = connection.take().map(({ event }) => event);
      assert.deepEqual([events.length, events[0], events.at(-1)], [1001, "x", "phx_leave"]);

      const other = client.channel("b", () => ({ user }));
      user = "ann";
      const { topic, joinRef } = await joined(other);
      user = "bo";
      other.join();
      const waits = other.call("ask");
      connection.receive(joinRef, null, topic, "phx_close", {});
      assert.deepEqual(await waits, { status: "closed" });
    });

    test("a refusal of one payload leaves what was taken for the next", async () => {
      make();
      let user = "ann";
      const channel = client.channel("a", () => ({ user }));
      await joined(channel);
      for (user of ["bo", "cy"]) {
        channel.join();
        channel.push("of", { user });
      }
      await pass(50);
      connection.reply(joins(connection.take())[0], { reason: "no such user" }, "error");
      await pass(50);
      const [second] = joins(connection.take());
      assert.deepEqual(second.payload, { user: "cy" });
      connection.reply(second);
      assert.deepEqual([channel.status.phase, connection.take().map(({ payload }) => payload.user)], ["joined", ["cy"]]);
    });

    test("what is sent is what the page had at the call", async () => {
      make();
      const channel = client.channel("a", {}).join();
      const payload = { m: "first" };
      const bytes = new Uint8Array([1]);
      channel.push("x", payload);
      channel.call("y", bytes.buffer);
      const once = channel.call("z", payload, { repeat: true });
      payload.m = "second";
      bytes[0] = 2;
      await accept();
      const sent = [];
      const { send } = connection;
      connection.send = data => (typeof data === "string" ? send.call(connection, data) : sent.push(new Uint8Array(data).at(-1)));
      connection.reply(joins(connection.take())[0]);
      await settled();
      const frames = connection.take();
      assert.deepEqual([frames.map(each => each.payload.m), sent], [["first", "first"], [1]]);
      connection.reply(frames[1], { reason: "unavailable" }, "error");
      await pass(2_000);
      const [again] = connection.take();
      assert.equal(again.payload.m, "first");
      connection.reply(again);
      await once;
    });

    test("a payload of a join that cannot be written is an error of that join, and stops no other topic", async () => {
      make();
      const cycle = {};
      cycle.of = cycle;
      for (const payload of [{ n: 7n }, cycle]) {
        for (const params of [payload, () => payload]) assert.throws(() => client.channel("bad", params).join(), TypeError);
      }
      const other = client.channel("other", {}).join();
      other.push("x");
      let n = 1;
      const later = client.channel("later", () => ({ n })).join();
      await accept();
      const first = connection.take();
      assert.deepEqual(first.map(({ topic }) => topic).sort(), ["later", "other"]);
      for (const join of first) connection.reply(join);
      assert.deepEqual([client.status.phase, other.status.phase, connection.take().length], ["open", "joined", 1]);
      assert.throws(() => client.channel("other", { n: 7n }).join(), TypeError, "also where the payload is that of another channel");

      n = 7n;
      const failure = reported();
      later.join();
      assert.match((await failure).message, /BigInt/);
      const again = reported();
      await lose();
      assert.match((await again).message, /BigInt/);
      const joinsAgain = joins(connection.take());
      assert.deepEqual(joinsAgain.map(({ topic, payload }) => [topic, payload]).sort(), [["later", { n: 1 }], ["other", {}]]);
      n = 8;
      later.join();
      for (const join of joinsAgain) connection.reply(join);
      await pass(50);
      assert.deepEqual(joins(connection.take()).map(({ payload }) => payload), [{ n: 8 }]);
    });

    test("a repeated call ends with the result that the page decides on", async () => {
      make();
      const channel = client.channel("a");
      await joined(channel);
      const results = [];
      const repeat = result => results.push(result.error?.reason ?? result.status) < 3;
      const call = channel.call("x", {}, { repeat });
      connection.reply(connection.take()[0], { reason: "overloaded" }, "error");
      await pass(2_000);
      await lose();
      connection.reply(joins(connection.take())[0]);
      await settled();
      connection.reply(connection.take()[0], { reason: "unavailable" }, "error");
      assert.deepEqual(await call, { status: "error", error: { reason: "unavailable" } });
      assert.deepEqual(results, ["overloaded", "timeout", "unavailable"]);
    });

    test("a refusal of a payload that has changed meanwhile is not the last word", async () => {
      make();
      let user = "ann";
      const channel = client.channel("a", () => ({ user })).join();
      await accept();
      const [first] = joins(connection.take());
      user = "bo";
      channel.join();
      await pass(50);
      connection.reply(first, { reason: "no such user" }, "error");
      await pass(50);
      const [second] = joins(connection.take());
      assert.deepEqual(second.payload, { user: "bo" });
      connection.reply(second, { v: 1 });
      assert.equal(channel.status.phase, "joined");
    });

    test("after a disconnect the next connection, which may be another user's, sends nothing of before", async () => {
      make();
      const channel = client.channel("a");
      await joined(channel);
      const repeated = channel.call("pay", {}, { repeat: true });
      connection.reply(connection.take()[0], { reason: "unavailable", retry_after_ms: 4000 }, "error");
      connection.close(1006);
      const call = channel.call("pay");
      channel.push("x");
      client.disconnect();
      assert.deepEqual(await call, { status: "closed" });
      await pass(2000);
      client.connect();
      await pass(1000);
      await accept();
      for (const join of joins(connection.take())) connection.reply(join);
      await pass(9000);
      assert.deepEqual([channel.status.phase, connection.take().map(({ event }) => event)], ["joined", []]);
      assert.deepEqual(await repeated, { status: "closed" });
    });

    test("a status that a callback changes is not followed by the one before", async () => {
      make();
      const [one, two] = [client.channel("a"), client.channel("a")];
      two.join();
      const { joinRef } = await joined(one);
      one.onStatus(({ phase }) => phase === "closed" && one.join());
      const seen = [];
      two.onStatus(({ phase }) => seen.push(phase));
      connection.receive(joinRef, null, "a", "phx_close", {});
      assert.deepEqual([one.status.phase, two.status.phase, seen.at(-1)], ["joining", "joining", "joining"]);
    });

    test("options that cannot work are refused", async () => {
      assert.throws(() => make({ refreshEvery: 1000 }), /refreshEvery needs a function that gives the tokens/);
      for (const refreshEvery of [NaN, -5, 0, 0.2, 999, Infinity, "60000"]) {
        const expected = `refreshEvery is ${refreshEvery}: give at least 1000 ms, such as 5 * 60_000, or leave it out for never`;
        assert.throws(() => make({ token: () => "t", refreshEvery }), { name: "RangeError", message: expected });
      }
      make({ token: () => "t", refreshEvery: undefined });
      const channel = client.channel("a").join();
      for (const timeout of [NaN, -1, 0, 2 ** 31, Infinity]) {
        const range = `is ${timeout}: give milliseconds above 0, at most 2147483647, or leave it out`;
        assert.throws(() => channel.push("x", {}, { timeout }), { name: "RangeError", message: `the timeout of push("x") ${range}` });
        await assert.rejects(channel.call("x", {}, { timeout }), { name: "RangeError", message: `the timeout of call("x") ${range}` });
      }
    });

    test("a refresh after 30 days is one after 30 days", async () => {
      let n = 0;
      make({ token: () => `t${++n}`, refreshEvery: 30 * DAY });
      client.connect();
      await accept();
      await pass(1000);
      assert.equal(n, 1);
      await pass(30 * DAY - HOUR, HOUR);
      assert.equal(n, 1);
      await pass(2 * HOUR, HOUR);
      assert.equal(n, 2);
    });

    test("a refresh waits for the one before", async () => {
      const waiting = [];
      make({ token: () => new Promise(resolve => waiting.push(resolve)), refreshEvery: 1000 });
      client.connect();
      await settled();
      waiting[0]("t1");
      await accept();
      await pass(9000);
      assert.equal(waiting.length, 2);
      waiting[1]("t2");
      await pass(900);
      assert.equal(connection.take().filter(({ event }) => event === "refresh").length, 1);
      await pass(5000);
      assert.equal(waiting.length, 2, "no other call before the reply");
    });

    test("a server that takes a client again after 30 days is left alone until then, and one without a time for 5 seconds", async () => {
      make();
      client.connect();
      for (const [retry_after, quiet, late] of [[30 * 86_400, 30 * DAY - HOUR, 31 * DAY], [0, 3900, 6000], [-3, 3900, 6000]]) {
        await accept();
        const { made } = FakeTransport;
        connection.receive(null, null, "phoenix", "refused", { status: 503, reason: "busy", retry_after });
        await pass(1000);
        assert.equal(FakeTransport.made, made);
        await pass(quiet, quiet > HOUR ? HOUR : 50);
        assert.equal(FakeTransport.made, made);
        await pass(late, quiet > HOUR ? HOUR : 50);
        assert.equal(FakeTransport.made, made + 1);
      }
    });

    test("a repeated call ends after five minutes, whatever time the server names", async () => {
      make();
      const channel = client.channel("a");
      await joined(channel);
      const call = channel.call("pay", {}, { repeat: true });
      const [request] = connection.take();
      connection.reply(request, { reason: "rate_limited", retry_after_ms: 30 * DAY }, "error");
      await pass(5 * 60_000);
      const ended = await Promise.race([call, settled().then(() => "it waits")]);
      assert.deepEqual(ended, { status: "error", error: { reason: "rate_limited", retry_after_ms: 30 * DAY } });
      await pass(61 * DAY, DAY);
      assert.deepEqual(connection.take(), []);
    });

    test("without a token the client is refused for good, and no request is sent", async () => {
      make({ token: async () => undefined });
      client.connect();
      await pass(10_000);
      assert.deepEqual(client.status, { phase: "refused", status: 401, reason: "no token", final: true });
      assert.equal(FakeTransport.made, 0);
    });

    test("the status is joined when the state comes, so that calls can be sent", async () => {
      make();
      const channel = client.channel("a");
      const phases = [];
      channel.onRecovered(() => phases.push(channel.status.phase));
      channel.onState(() => phases.push(channel.status.phase));
      await joined(channel);
      assert.deepEqual(phases, ["joined", "joined"]);
    });

    test("a function that fails to give a token is called again", async () => {
      const uncaught = reported();
      let n = 0;
      make({
        token() {
          if (++n === 1) throw new Error("offline");
          return "t";
        },
      });
      client.connect();
      assert.equal((await uncaught).message, "offline");
      await pass(10_050);
      await accept();
      assert.equal(n, 2);
    });

    /** A function that gives the tokens as `settle` says, and what the client has reported. */
    function tokens() {
      const reports = [];
      globalThis.reportError = ({ message }) => reports.push(message);
      const waiting = [];
      return { reports, waiting, token: () => new Promise((resolve, reject) => waiting.push({ resolve, reject })) };
    }

    const NO_TOKEN = "the function `token` gave none within 10 s";

    test("a token that never comes is asked for again, and counts no more when it comes", async () => {
      const { reports, waiting, token } = tokens();
      make({ token });
      client.channel("a").join();
      await pass(9_900);
      assert.deepEqual([waiting.length, reports], [1, []]);
      await pass(100 + 10_050);
      assert.deepEqual([waiting.length, reports, client.status.phase, FakeTransport.made], [2, [NO_TOKEN], "connecting", 0]);
      waiting[1].resolve("t2");
      await accept();
      waiting[0].resolve(undefined); // as of a user who has signed out
      await settled();
      assert.deepEqual([client.status.phase, FakeTransport.made], ["open", 1]);
      if (kind !== "phoenix 1.7") assert.equal(connection.protocols[1], `base64url.bearer.phx.${btoa("t2").replace(/=/g, "")}`);
      await pass(60_000);
      assert.deepEqual([waiting.length, reports.length], [2, 1]);
    });

    test("a token that never comes after a refusal is asked for again", async () => {
      const { reports, waiting, token } = tokens();
      make({ token });
      client.connect();
      await settled();
      waiting[0].resolve("t1");
      await accept();
      connection.receive(null, null, "phoenix", "refused", { status: 401, reason: "expired" });
      await pass(20_050);
      assert.deepEqual([waiting.length, reports, client.status.phase], [3, [NO_TOKEN], "reconnecting"]);
      waiting[1].reject(new Error("late")); // no unhandled rejection
      waiting[2].resolve("t3");
      await pass(1000);
      await accept();
      assert.equal(client.status.phase, "open");
    });

    test("a disconnect ends the wait for a token, and a connect begins another", async () => {
      const { reports, waiting, token } = tokens();
      make({ token });
      client.connect();
      await pass(100);
      client.disconnect();
      client.connect();
      await settled();
      waiting[0].resolve("of another user");
      await settled();
      assert.equal(FakeTransport.made, 0);
      waiting[1].resolve("t2");
      await accept();
      await pass(20_000);
      assert.deepEqual([reports, client.status.phase, waiting.length], [[], "open", 2]);
    });

    test("refresh ends without a token and without a reply", async () => {
      const { reports, waiting, token } = tokens();
      make({ token });
      client.connect();
      await settled();
      waiting[0].resolve("t1");
      await accept();
      const unfetched = assert.rejects(client.refresh(), new Error(NO_TOKEN));
      await pass(10_050);
      await unfetched;
      const listeners = () => Object.values(socket.stateChangeCallbacks).flat().length;
      const before = listeners();
      const unanswered = client.refresh("t2");
      await pass(10_050);
      assert.deepEqual(await unanswered, { status: "timeout", response: {} });
      assert.deepEqual([reports, client.status.phase, listeners()], [[], "open", before]);
    });

    test("a token that cannot be sent is a final refusal with its reason", async () => {
      const { reports, waiting, token } = tokens();
      const ascii = 'a token is ASCII, and has no "€": encode it, such as with encodeURIComponent';
      for (const [wrong, reason] of [["a€", ascii], [7, "a token is a string, not number"], [{}, "a token is a string, not object"]]) {
        make({ token });
        const channel = client.channel("a").join();
        await settled();
        waiting.pop().resolve(wrong);
        await pass(20_000);
        const refused = { phase: "refused", status: 400, reason, final: true };
        assert.deepEqual([client.status, FakeTransport.made, waiting.length, reports], [refused, 0, 0, []]);
        assert.equal(channel.status.phase, "joining");
      }
      client.connect(); // as after a mend of the page's state
      waiting.pop().resolve("right");
      await accept();
      assert.equal(client.status.phase, "open");
      await assert.rejects(client.refresh("ü"), /refresh\(\) of a token that cannot be sent: a token is ASCII, and has no "ü"/);
      const anew = client.refresh();
      waiting.pop().resolve("ü");
      await assert.rejects(anew, /refresh\(\) has no token, since the function `token` gave none that can be sent/);
      assert.deepEqual([client.status.status, connection.take().filter(({ event }) => event === "refresh")], [400, []]);
    });

    test("an exception of phoenix.js at a connection is a final refusal with its reason", async () => {
      const { reports } = tokens();
      make();
      socket.params = () => {
        throw new Error("no user yet");
      };
      client.connect();
      await pass(20_000);
      const refused = { phase: "refused", status: 400, reason: "no user yet", final: true };
      assert.deepEqual([client.status, reports, FakeTransport.made], [refused, ["no user yet"], 0]);
      socket.params = () => ({});
      client.connect();
      await accept();
      assert.equal(client.status.phase, "open");
    });

    test("a token that is fetched first is not lost to one that hangs", async () => {
      const { waiting, token } = tokens();
      make({ token });
      client.connect();
      await settled();
      const refreshed = assert.rejects(client.refresh(), new Error(NO_TOKEN));
      waiting[0].resolve("t1");
      await accept();
      if (kind !== "phoenix 1.7") assert.equal(connection.protocols[1], `base64url.bearer.phx.${btoa("t1").replace(/=/g, "")}`);
      await pass(10_050);
      await refreshed;
    });

    if (kind !== "phoenix 1.7") {
      test("the token is that of the connection", async () => {
        make({ token: async () => "secret" });
        client.connect();
        await accept();
        assert.deepEqual(connection.protocols, ["phoenix", `base64url.bearer.phx.${btoa("secret")}`]);
      });
    }
  });
}
