import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { Server } from "../server.mjs";
import { Member } from "../supabase-client.mjs";

let server;
let topics = 0;
const topic = () => `supabase-${++topics}`;

before(async () => (server = await Server.start("HELIODOR_SERVE")));
after(() => server?.stop());
afterEach(() => Member.disconnectAll());

const subscribe = (name, options) => Member.subscribed(server, name, options);
const replies = ({ messages, channel }) =>
  messages.filter(({ event, topic: name, ref }) => event === "phx_reply" && name === channel.topic && ref !== channel.channelAdapter.joinPush.ref);

/** The metadata of all present users. */
const said = ({ present }) => Object.values(present).flat().sort((a, b) => a.n - b.n);

/** Earlier messages of the server to the listener would arrive before the new message of the speaker. */
async function barrier(speaker, listener) {
  const count = listener.broadcasts.length;
  await speaker.send("barrier", {});
  await listener.until("the barrier", () => listener.broadcasts.slice(count).some(({ event }) => event === "barrier"));
}

for (const vsn of ["2.0.0", "1.0.0"]) {
  describe(`supabase-js of version ${vsn}`, () => {
    const join = (name, options) => subscribe(name, { vsn, ...options });
    const pair = async (options, others = options) => {
      const name = topic();
      return [await join(name, options), await join(name, others)];
    };
    const watching = (key, track) => ({ watch: true, track, config: { presence: { key } } });

    test("is subscribed", async () => {
      const member = await join(topic());
      assert.deepEqual(member.statuses, [["SUBSCRIBED"]]);
      const { payload } = member.messages.find(({ event }) => event === "phx_reply");
      assert.deepEqual(payload, { status: "ok", response: { postgres_changes: [] } });
    });

    test("a broadcast reaches the others, and requests no reply", async () => {
      const [ann, bo] = await pair();
      const said = { x: 1.5, text: "é🟡", none: null, list: [[], {}] };
      assert.equal(await ann.send("cursor", said), "ok");
      assert.deepEqual(await bo.heard(), [["cursor", said]]);
      assert.deepEqual(bo.broadcasts, [{ type: "broadcast", event: "cursor", payload: said }]);
      await barrier(bo, ann);
      assert.deepEqual(await ann.heard(), [["barrier", {}]]);
      assert.deepEqual(replies(ann), []);
    });

    test("a broadcast stays on its channel", async () => {
      const [ann, bo] = await pair();
      const other = await join(topic(), { config: { broadcast: { self: true } } });
      await ann.send("cursor", {});
      await bo.heard();
      await barrier(other, other);
      assert.deepEqual(await other.heard(), [["barrier", {}]]);
    });

    test("broadcasts of one sender keep their order", async () => {
      const [ann, bo] = await pair();
      for (let n = 0; n < 100; n++) await ann.send("n", n);
      assert.deepEqual((await bo.heard(100)).map(([, n]) => n), [...Array(100).keys()]);
    });

    test("with self a broadcast comes back to its sender", async () => {
      const [ann, bo] = await pair({ config: { broadcast: { self: true } } });
      await ann.send("cursor", { x: 1 });
      assert.deepEqual(await ann.heard(), [["cursor", { x: 1 }]]);
      assert.deepEqual(await bo.heard(), [["cursor", { x: 1 }]]);
    });

    test("with ack a broadcast is confirmed by the server", async () => {
      const [ann, bo] = await pair({ config: { broadcast: { ack: true } } });
      assert.equal(await ann.send("cursor", { x: 1 }), "ok");
      assert.deepEqual(replies(ann).map(({ payload }) => payload), [{ status: "ok", response: {} }]);
      assert.deepEqual(await bo.heard(), [["cursor", { x: 1 }]]);
    });

    test("a client that tracks is seen by itself and by others, and joins once", async () => {
      const name = topic();
      const ann = await join(name, watching("ann"));
      assert.equal(await ann.channel.track({ mood: "fine", tags: [null, 1] }), "ok");
      await ann.sees({ ann: [{ mood: "fine", tags: [null, 1] }] });
      assert.deepEqual(ann.changes("join"), [["ann", [{ mood: "fine", tags: [null, 1] }]]]);
      const bo = await join(name, watching("bo", { mood: "sleepy" }));
      for (const member of [ann, bo]) await member.sees({ ann: [{ mood: "fine", tags: [null, 1] }], bo: [{ mood: "sleepy" }] });
      assert.deepEqual(ann.changes("join").slice(1), [["bo", [{ mood: "sleepy" }]]]);
      assert.ok(bo.presences.some(({ event }) => event === "sync"));
    });

    test("each presence has a ref that the server made", async () => {
      const name = topic();
      const forged = { phx_ref: "mine", phx_ref_prev: "old", mood: "fine" };
      const ann = await join(name, watching("ann", forged));
      await ann.sees({ ann: [{ mood: "fine" }] });
      const [{ presence_ref }] = ann.channel.presenceState().ann;
      assert.equal(typeof presence_ref, "string");
      assert.notEqual(presence_ref, "mine");
    });

    test("a client that untracks leaves, and may track again", async () => {
      const name = topic();
      const ann = await join(name, watching("ann"));
      const bo = await join(name, watching("bo", { n: 1 }));
      await ann.sees({ bo: [{ n: 1 }] });
      assert.equal(await bo.channel.untrack(), "ok");
      await ann.sees({});
      assert.deepEqual(ann.changes("leave"), [["bo", [{ n: 1 }]]]);
      await bo.sees({});
      assert.equal(await bo.channel.track({ n: 2 }), "ok");
      await ann.sees({ bo: [{ n: 2 }] });
      await bo.sees({ bo: [{ n: 2 }] });
    });

    test("a client that unsubscribes leaves", async () => {
      const name = topic();
      const ann = await join(name, watching("ann"));
      const bo = await join(name, watching("bo", { n: 1 }));
      await ann.sees({ bo: [{ n: 1 }] });
      assert.equal(await bo.client.removeChannel(bo.channel), "ok");
      await ann.sees({});
      assert.ok(bo.statuses.some(([status]) => status === "CLOSED"));
    });

    test("a client without a key gets one", async () => {
      const name = topic();
      const [ann, bo] = [await join(name, { watch: true, track: { n: 1 } }), await join(name, { watch: true, track: { n: 2 } })];
      await ann.until("two present", () => Object.keys(ann.present).length === 2);
      for (const key of Object.keys(ann.present)) assert.match(key, /^[0-9a-f]{8}-[0-9a-f-]{27}$/);
      await bo.sees(ann.present);
    });

    test("a client that does not listen to presence gets the state only after it tracks", async () => {
      const name = topic();
      const ann = await join(name, watching("ann", { n: 1 }));
      await ann.sees({ ann: [{ n: 1 }] });
      const bo = await join(name, { config: { presence: { key: "bo" } } });
      await bo.channel.untrack();
      // The next message comes after any state that its join had requested.
      await ann.channel.track({ n: 1, again: true });
      await bo.until("the diff", () => bo.messages.some(({ event, payload }) => event === "presence_diff" && payload.joins.ann?.metas[0].again));
      assert.ok(!bo.messages.some(({ event }) => event === "presence_state"));
      assert.equal(await bo.channel.track({ n: 2 }), "ok");
      for (const member of [ann, bo]) await member.isTold({ ann: [{ n: 1, again: true }], bo: [{ n: 2 }] });
    });

    test("a client that tracks again replaces its metadata", async () => {
      const name = topic();
      const ann = await join(name, watching("ann"));
      const bo = await join(name, watching("bo", { n: 1 }));
      await ann.isTold({ bo: [{ n: 1 }] });
      assert.equal(await bo.channel.track({ n: 2 }), "ok");
      for (const member of [ann, bo]) await member.isTold({ bo: [{ n: 2 }] });
    });

    test("two clients of one key are one user with two presences", async () => {
      const name = topic();
      const ann = await join(name, watching("ann"));
      const [phone, desk] = [await join(name, watching("bo", { on: "phone" })), await join(name, watching("bo"))];
      await ann.isTold({ bo: [{ on: "phone" }] });
      await desk.channel.track({ on: "desk" });
      await ann.isTold({ bo: [{ on: "phone" }, { on: "desk" }] });
      phone.client.disconnect();
      for (const member of [ann, desk]) await member.isTold({ bo: [{ on: "desk" }] });
      await desk.channel.untrack();
      await ann.isTold({});
    });

    test("a client whose connection is cut leaves, reconnects, and is present again", async () => {
      const name = topic();
      const ann = await join(name, { watch: true, track: { n: 1 } });
      const bo = await join(name, { watch: true, track: { n: 2 } });
      for (const member of [ann, bo]) await member.until("both", () => said(member).length === 2);
      const [[before]] = Object.entries(ann.present).filter(([, [{ n }]]) => n === 2);
      bo.cut();
      await bo.has("SUBSCRIBED", 2);
      assert.equal(bo.statuses[1][0], "CHANNEL_ERROR");
      await ann.until("bo left", () => ann.changes("leave").length === 1);
      assert.deepEqual(ann.changes("leave"), [[before, [{ n: 2 }]]]);
      for (const member of [ann, bo]) {
        await member.until("both anew", () => !member.present[before] && said(member).length === 2);
        assert.deepEqual(said(member), [{ n: 1 }, { n: 2 }]);
      }
      await ann.send("cursor", { x: 1 });
      assert.deepEqual(await bo.heard(), [["cursor", { x: 1 }]]);
    });

    test("a new access token is accepted without a reply", async () => {
      const ann = await join(topic(), { config: { broadcast: { ack: true } } });
      await ann.client.setAuth("a.b.c");
      assert.equal(await ann.send("cursor", {}), "ok");
      assert.equal(replies(ann).length, 1);
    });

    test("events other than track and untrack are refused", async () => {
      const ann = await join(topic());
      assert.equal(await ann.channel.send({ type: "presence", event: "dance", payload: {} }), "error");
      assert.equal(await ann.channel.track([1]), "error");
      assert.equal(await ann.channel.send({ type: "postgres_changes", event: "x" }), "error");
      assert.deepEqual(replies(ann).map(({ payload }) => payload.response.reason), [
        "unknown_presence_event",
        "invalid_payload",
        "unhandled_event",
      ]);
      assert.deepEqual(ann.statuses, [["SUBSCRIBED"]]);
    });

    test("a key of more than 1000 bytes is refused", async () => {
      const ann = new Member(server, topic(), { vsn, config: { presence: { key: "é".repeat(501) } } });
      await ann.has("CHANNEL_ERROR");
      assert.match(ann.statuses[0][1], /invalid_payload.*config\.presence\.key/);
      assert.equal((await join(topic(), { config: { presence: { key: "é".repeat(500) } } })).statuses.length, 1);
    });

    test("changes of a database are not sent, which the client detects", async () => {
      const ann = new Member(server, topic(), { vsn });
      const other = ann.client.channel(topic());
      const statuses = [];
      other.on("postgres_changes", { event: "*", schema: "public" }, () => {});
      other.subscribe((status, error) => statuses.push([status, error?.message]));
      await ann.until("the mismatch", () => statuses.some(([, message]) => /mismatch/.test(message)));
    });
  });
}

describe("bytes broadcast by supabase-js", () => {
  const bytes = Uint8Array.from([0, 255, 1, 34, 128]).buffer;
  const hex = payload => Buffer.from(payload).toString("hex");

  test("reach the others", async () => {
    const name = topic();
    const [ann, bo] = [await subscribe(name), await subscribe(name)];
    await ann.send("picture", bytes);
    const [[event, payload]] = await bo.heard();
    assert.equal(event, "picture");
    assert.ok(payload instanceof ArrayBuffer);
    assert.equal(hex(payload), hex(bytes));
    await barrier(bo, ann);
    assert.equal(ann.broadcasts.length, 1);
  });

  test("come back with self, and are confirmed with ack", async () => {
    const ann = await subscribe(topic(), { config: { broadcast: { self: true, ack: true } } });
    assert.equal(await ann.send("picture", bytes), "ok");
    assert.equal(hex((await ann.heard())[0][1]), hex(bytes));
    assert.equal(replies(ann).length, 1);
  });

  test("are not sent to clients of version 1, which receive all other messages", async () => {
    const name = topic();
    const [ann, bo, old] = [await subscribe(name), await subscribe(name), await subscribe(name, { vsn: "1.0.0" })];
    await ann.send("picture", bytes);
    await ann.send("cursor", { x: 1 });
    assert.equal((await bo.heard(2)).length, 2);
    assert.deepEqual(await old.heard(), [["cursor", { x: 1 }]]);
    await old.send("cursor", { x: 2 });
    for (const member of [ann, bo]) {
      await member.until("the old client's", () => member.broadcasts.at(-1)?.payload.x === 2);
      assert.deepEqual(member.broadcasts.at(-1), { type: "broadcast", event: "cursor", payload: { x: 2 } });
    }
  });
});

test("after the server was killed and started again, all are subscribed and present again", async () => {
  const name = topic();
  const [ann, bo] = [await subscribe(name, { watch: true, track: { n: 1 } }), await subscribe(name, { watch: true, track: { n: 2 } })];
  for (const member of [ann, bo]) await member.until("both", () => said(member).length === 2);
  const before = Object.keys(ann.present);
  await server.kill();
  await server.restart();
  for (const member of [ann, bo]) {
    await member.has("SUBSCRIBED", 2);
    await member.until("both anew", () => said(member).length === 2 && !before.some(key => key in member.present));
    assert.deepEqual(said(member), [{ n: 1 }, { n: 2 }]);
  }
  await ann.send("cursor", { x: 1 });
  assert.deepEqual(await bo.heard(), [["cursor", { x: 1 }]]);
});
