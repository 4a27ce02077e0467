import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { after, afterEach, before, describe, test } from "node:test";
import { Presence } from "phoenix";
import { until } from "../deadline.mjs";
import { answer, ask, Client, heard, joined, payloads } from "../phoenix-client.mjs";
import { Server } from "../server.mjs";

const V1 = {
  vsn: "1.0.0",
  encode: (message, done) => done(JSON.stringify(message)),
  decode: (text, done) => done(JSON.parse(text)),
};

let server;
let rooms = 0;
const room = () => `room:presence-${++rooms}`;

before(async () => (server = await Server.start("HELIODOR_SERVE")));
after(() => server?.stop());
afterEach(() => Client.disconnectAll());

/** A client on a topic, and the presences that phoenix.js reports to it. */
class Member {
  joins = [];
  leaves = [];
  syncs = 0;

  constructor(topic, payload, options) {
    this.client = new Client(server, options);
    this.channel = this.client.channel(topic, payload);
    this.presence = new Presence(this.channel);
    this.presence.onJoin((key, current, joined) => this.joins.push([key, current?.metas.length ?? 0, joined.metas.length]));
    this.presence.onLeave((key, current, left) => this.leaves.push([key, current.metas.length, left.metas.length]));
    this.presence.onSync(() => this.syncs++);
  }

  async enter() {
    assert.deepEqual(await answer(this.channel.join()), { status: "ok", response: {} });
    return this;
  }

  /** Subscribes on `realtime:*`, where each client tracks itself with its own metadata. */
  async subscribe() {
    assert.equal((await answer(this.channel.join())).status, "ok");
    return this;
  }

  async says(event, payload) {
    const reply = await ask(this.channel, "presence", { type: "presence", event, payload });
    assert.deepEqual(reply, { status: "ok", response: {} });
  }

  /** The number of presences of each key. */
  get here() {
    return this.presence.list((key, { metas }) => [key, metas.length]).sort();
  }

  /** The refs of a key's presences. */
  refs(key) {
    return (this.presence.state[key]?.metas ?? []).map(({ phx_ref }) => phx_ref);
  }

  sees(...here) {
    return this.until(`sees ${JSON.stringify(here)}`, () => isDeepStrictEqual(this.here, here));
  }

  until(what, condition) {
    return until(`${what} on ${this.channel.topic}`, condition, () => this.state());
  }

  state() {
    return { here: this.here, joins: this.joins, leaves: this.leaves, syncs: this.syncs, ...this.client.state() };
  }
}

for (const [vsn, options] of [
  ["2.0.0", {}],
  ["1.0.0", V1],
]) {
  const enter = (topic, user, more) => new Member(topic, user === undefined ? {} : { user }, { ...options, ...more }).enter();
  const subscribe = (topic, presence) => new Member(topic, { config: { presence } }, options).subscribe();

  describe(`presence of phoenix.js, version ${vsn}`, () => {
    test("a client that joins gets the state after the reply", async () => {
      const topic = room();
      await enter(topic, "ann");
      const bo = await enter(topic, "bo");
      await bo.sees(["ann", 1], ["bo", 1]);
      assert.equal(bo.channel.seen[0][0], "phx_reply");
      assert.equal(payloads(bo.channel, "presence_state").length, 1);
      for (const { metas } of Object.values(bo.presence.state)) {
        const [{ phx_ref, online_at, ...more }] = metas;
        assert.equal(typeof phx_ref, "string");
        assert.ok(Number.isInteger(online_at) && online_at > 1.7e12, `${online_at}`);
        assert.deepEqual(more, {});
      }
      assert.notDeepEqual(bo.refs("ann"), bo.refs("bo"));
    });

    test("the others get joins and leaves", async () => {
      const topic = room();
      const ann = await enter(topic, "ann");
      await ann.sees(["ann", 1]);
      const before = ann.syncs;
      const bo = await enter(topic, "bo");
      await ann.sees(["ann", 1], ["bo", 1]);
      assert.deepEqual(ann.joins.at(-1), ["bo", 0, 1]);
      assert.ok(ann.syncs > before);
      await answer(bo.channel.leave());
      await ann.sees(["ann", 1]);
      assert.deepEqual(ann.leaves, [["bo", 0, 1]]);
    });

    test("two windows of one user are one key with two presences", async () => {
      const topic = room();
      const ann = await enter(topic, "ann");
      const [one, two] = [await enter(topic, "bo"), await enter(topic, "bo")];
      for (const member of [ann, one, two]) await member.sees(["ann", 1], ["bo", 2]);
      const [first, second] = ann.refs("bo");
      assert.notEqual(first, second);
      one.client.socket.disconnect();
      for (const member of [ann, two]) {
        await member.sees(["ann", 1], ["bo", 1]);
        assert.deepEqual(member.leaves, [["bo", 1, 1]]);
        assert.deepEqual(member.refs("bo"), [second]);
      }
      two.client.socket.disconnect();
      await ann.sees(["ann", 1]);
    });

    test("a client without a user gets the changes, and is not present", async () => {
      const topic = room();
      const guest = await enter(topic);
      const ann = await enter(topic, "ann");
      const [{ joins, leaves }] = await heard(guest.channel, "presence_diff");
      assert.deepEqual(Object.keys(joins), ["ann"]);
      assert.deepEqual(leaves, {});
      await ann.sees(["ann", 1]);
      await answer(ann.channel.leave());
      await guest.until("ann is gone", () => payloads(guest.channel, "presence_diff").some(({ leaves }) => leaves.ann));
      assert.deepEqual(payloads(guest.channel, "presence_state"), []);
    });

    test("the event who is answered to present clients and to others", async () => {
      const topic = room();
      const guest = await enter(topic);
      const who = async () => (await ask(guest.channel, "who", {})).response;
      assert.deepEqual(await who(), { users: [] });
      const [bo, ann] = [await enter(topic, "bo"), await enter(topic, "ann")];
      await enter(topic, "bo");
      await enter(room(), "cy");
      for (const member of [ann, bo]) await member.sees(["ann", 1], ["bo", 2]);
      assert.deepEqual(await who(), { users: ["ann", "bo"] });
      await answer(ann.channel.leave());
      await bo.sees(["bo", 2]);
      assert.deepEqual(await who(), { users: ["bo"] });
    });

    test("a client whose connection is cut leaves", async () => {
      const topic = room();
      const ann = await enter(topic, "ann");
      const bo = await enter(topic, "bo", { reconnectAfterMs: () => 60_000 });
      await ann.sees(["ann", 1], ["bo", 1]);
      bo.client.socket.conn.terminate();
      await ann.sees(["ann", 1]);
      assert.deepEqual(ann.leaves, [["bo", 0, 1]]);
    });

    test("a client that joins again has a new presence, and those of the others are unchanged", async () => {
      const topic = room();
      const [ann, bo] = [await enter(topic, "ann"), await enter(topic, "bo")];
      for (const member of [ann, bo]) await member.sees(["ann", 1], ["bo", 1]);
      const [oldAnn, [oldBo]] = [bo.refs("ann"), bo.refs("bo")];
      const joins = bo.joins.filter(([key]) => key === "ann").length;
      bo.client.socket.conn.terminate();
      for (const member of [ann, bo]) {
        await member.until("bo anew", () => !member.refs("bo").includes(oldBo) && isDeepStrictEqual(member.here, [["ann", 1], ["bo", 1]]));
        assert.deepEqual(member.refs("ann"), oldAnn);
      }
      assert.deepEqual(ann.refs("bo"), bo.refs("bo"));
      assert.equal(bo.joins.filter(([key]) => key === "ann").length, joins);
      assert.deepEqual(bo.leaves.filter(([key]) => key === "ann"), []);
    });

    test("an update is a join with the ref of the replaced presence, and a leave of that one", async () => {
      const topic = `realtime:update-${++rooms}`;
      const members = [await subscribe(topic, { key: "ann" }), await subscribe(topic, { key: "bo" })];
      for (const { channel } of members) await heard(channel, "presence_state");
      const [, bo] = members;
      await bo.says("track", { n: 1 });
      for (const member of members) await member.sees(["bo", 1]);
      const [old] = bo.refs("bo");
      await bo.says("track", { n: 2 });
      for (const member of members) {
        await member.until("the update", () => member.leaves.length > 0);
        const [ref] = member.refs("bo");
        assert.notEqual(ref, old);
        assert.deepEqual({ ...member.presence.state }, { bo: { metas: [{ n: 2, phx_ref: ref, phx_ref_prev: old }] } });
        assert.deepEqual(member.joins, [["bo", 0, 1], ["bo", 1, 1]]);
        assert.deepEqual(member.leaves, [["bo", 1, 1]]);
      }
    });

    test("diffs that come before the state are applied after it, and the result is the same", async () => {
      const topic = `realtime:pending-${++rooms}`;
      const [bo, cy] = [await subscribe(topic, { key: "bo" }), await subscribe(topic, { key: "cy" })];
      for (const { channel } of [bo, cy]) await heard(channel, "presence_state");
      // It gets the state when it is present itself, and every change before that.
      const late = await subscribe(topic, { key: "late", enabled: false });
      const changes = [
        [bo, "track", { n: 1 }],
        [bo, "untrack"],
        [cy, "track", { n: 2 }],
        [cy, "track", { n: 3 }],
      ];
      for (const [index, [member, event, payload]] of changes.entries()) {
        await member.says(event, payload);
        await heard(late.channel, "presence_diff", index + 1);
      }
      assert.deepEqual([late.here, payloads(late.channel, "presence_state")], [[], []]);
      await late.says("track", { n: 4 });
      for (const member of [late, bo, cy]) await member.sees(["cy", 1], ["late", 1]);
      assert.equal(payloads(late.channel, "presence_state").length, 1);
      assert.equal(cy.presence.state.cy.metas[0].n, 3);
      for (const member of [late, bo]) assert.deepEqual(member.presence.state, cy.presence.state);
    });

    test("a channel that crashed is present again when it has joined again", async () => {
      const topic = room();
      const [ann, bo] = [await enter(topic, "ann"), await enter(topic, "bo")];
      for (const member of [ann, bo]) await member.sees(["ann", 1], ["bo", 1]);
      const [old] = ann.refs("bo");
      bo.channel.push("crash", {});
      await heard(bo.channel, "phx_error");
      await joined(bo.channel);
      for (const member of [ann, bo]) {
        await member.until("bo anew", () => !member.refs("bo").includes(old) && isDeepStrictEqual(member.here, [["ann", 1], ["bo", 1]]));
      }
    });
  });
}

describe("presence of phoenix.js", () => {
  const enter = (topic, user, options) => new Member(topic, { user }, options).enter();

  for (const key of ["__proto__", "constructor", "toString", "", "é🟡", 'a"b\\c/\n', "0", "é".repeat(500)]) {
    test(`a key may be ${JSON.stringify(key.slice(0, 12))}`, async () => {
      const topic = room();
      const ann = await enter(topic, "ann");
      await ann.sees(["ann", 1]);
      const odd = await enter(topic, key);
      for (const member of [ann, odd]) await member.sees(...[["ann", 1], [key, 1]].sort());
      assert.deepEqual((await ask(ann.channel, "who", {})).response.users.length, 2);
      odd.client.socket.disconnect();
      await ann.sees(["ann", 1]);
      assert.deepEqual(ann.leaves, [[key, 0, 1]]);
    });
  }

  test("fifty clients that join at once all see fifty", async () => {
    const topic = room();
    const members = await Promise.all(Array.from({ length: 50 }, (_, n) => enter(topic, `user-${n}`)));
    for (const member of members) {
      await member.until("all fifty", () => member.here.length === 50);
      assert.ok(member.here.every(([, metas]) => metas === 1));
    }
    members.slice(1).forEach(({ client }) => client.socket.disconnect());
    await members[0].sees(["user-0", 1]);
  });

  test("a user that is kicked leaves, and is present again", async () => {
    const topic = room();
    const ann = await enter(topic, "ann");
    const bo = await enter(topic, "bo", { params: { user_id: "bo-of-presence" } });
    await ann.sees(["ann", 1], ["bo", 1]);
    const [old] = ann.refs("bo");
    await ask(ann.channel, "kick", { user_id: "bo-of-presence" });
    await ann.until("bo anew", () => ann.refs("bo").length === 1 && !ann.refs("bo").includes(old));
    await ann.sees(["ann", 1], ["bo", 1]);
    assert.deepEqual(bo.client.closes, [1001]);
  });

  test("a second channel on the topic replaces the presence of the first", async () => {
    const topic = room();
    const ann = await enter(topic, "ann");
    const bo = await enter(topic, "bo");
    await ann.sees(["ann", 1], ["bo", 1]);
    const second = bo.client.channel(topic, { user: "bob" });
    assert.equal((await answer(second.join())).status, "ok");
    await ann.sees(["ann", 1], ["bob", 1]);
  });

  test("clients of both versions see each other", async () => {
    const topic = room();
    const [ann, bo] = [await enter(topic, "ann"), await enter(topic, "bo", V1)];
    for (const member of [ann, bo]) await member.sees(["ann", 1], ["bo", 1]);
    assert.deepEqual(ann.presence.state, bo.presence.state);
  });

  test("after the server was killed and started again, all see the same users", async () => {
    const topic = room();
    const members = [await enter(topic, "ann"), await enter(topic, "bo"), await enter(topic, "bo"), await enter(topic, "dee", { reconnectAfterMs: () => 60_000 })];
    const back = members.slice(0, 3);
    for (const member of members) await member.sees(["ann", 1], ["bo", 2], ["dee", 1]);
    const old = ["ann", "bo"].flatMap(key => members[0].refs(key));
    await server.kill();
    for (const { client } of members) await until("the loss", () => client.closes.length > 0, () => client.state());
    await server.restart();
    for (const member of back) {
      await joined(member.channel);
      await member.sees(["ann", 1], ["bo", 2]);
      const refs = ["ann", "bo"].flatMap(key => member.refs(key));
      assert.deepEqual(refs.filter(ref => old.includes(ref)), []);
      assert.deepEqual(member.presence.state, back[0].presence.state);
      assert.deepEqual(member.leaves.filter(([key]) => key === "dee"), [["dee", 0, 1]]);
    }
  });
});
