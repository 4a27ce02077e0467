import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { withHistory } from "../../npm/client/heliodor.mjs";
import { until } from "../deadline.mjs";
import { answer, ask, Client, heard } from "../phoenix-client.mjs";
import { Proxy } from "../proxy.mjs";
import { ok, RawClient } from "../raw-client.mjs";
import { Server } from "../server.mjs";
import { long } from "../size.mjs";

let server;
let topics = 0;
const topic = (kind = "history") => `${kind}:${++topics}`;

before(async () => (server = await Server.start("HELIODOR_SERVE")));
after(() => server?.stop());
afterEach(() => {
  Client.disconnectAll();
  RawClient.terminateAll();
});

const TOKEN = /^@[A-Za-z0-9._~@-]{1,1023}$/;

/** Sends a kept broadcast, and returns its token. */
async function kept(client, name, event, payload) {
  const [joinRef, token, ...rest] = await client.next();
  assert.deepEqual([joinRef, ...rest], [null, name, event, payload]);
  assert.match(token, TOKEN);
  return token;
}

/** Shouts these numbers, and returns their tokens, which all differ. */
async function shouts(client, name, from, to) {
  const tokens = [];
  for (let n = from; n <= to; n++) tokens.push(await kept(client, name, "shout", { n }));
  assert.equal(new Set(tokens).size, tokens.length);
  return tokens;
}

/** Joins on the wire, and returns the history in the reply. */
async function join(client, name, payload = {}) {
  client.send(["1", "1", name, "phx_join", payload]);
  const [joinRef, ref, about, event, { status, response }] = await client.next();
  assert.deepEqual([joinRef, ref, about, event, status], ["1", "1", name, "phx_reply", "ok"]);
  assert.deepEqual(Object.keys(response), ["history"]);
  return response.history;
}

async function member(name, payload) {
  const client = await RawClient.open(server);
  return [client, await join(client, name, payload)];
}

describe("history on the wire", () => {
  test("a first join gets a token, and nothing was recovered", async () => {
    const [, history] = await member(topic());
    assert.match(history.token, TOKEN);
    assert.deepEqual(history, { token: history.token, recovered: false });
  });

  test("only shout and note carry tokens", async () => {
    const name = topic();
    const [ann] = await member(name);
    const [bo] = await member(name);
    ann.send(["1", null, name, "shout", { n: 1 }]);
    ann.send(["1", null, name, "whisper", { n: 2 }]);
    ann.send(["1", null, name, "note", { n: 3 }]);
    const first = await kept(ann, name, "shout", { n: 1 });
    const second = await kept(ann, name, "note", { n: 3 });
    assert.equal(await kept(bo, name, "shout", { n: 1 }), first);
    await bo.nextIs([null, null, name, "whisper", { n: 2 }]);
    assert.equal(await kept(bo, name, "note", { n: 3 }), second);
    await ann.says(["1", "7", name, "push_me", { n: 4 }], ["1", null, name, "pushed", { n: 4 }]);
    await ann.nextIs(ok("1", "7", name));
  });

  test("a client that joins again gets the missed messages after the reply and before newer ones", async () => {
    const name = topic();
    const [ann] = await member(name);
    const [bo] = await member(name);
    for (let n = 1; n <= 5; n++) ann.send(["1", null, name, "shout", { n }]);
    await shouts(ann, name, 1, 5);
    const [, since] = await shouts(bo, name, 1, 2);
    bo.ws.terminate();
    const [back, history] = await member(name, { since });
    ann.send(["1", null, name, "shout", { n: 6 }]);
    assert.deepEqual(history, { token: since, recovered: true });
    await shouts(back, name, 3, 6);
  });

  test("100 broadcasts are kept, and the reply to a client that missed more reports it", async () => {
    const name = topic();
    const [ann] = await member(name);
    for (let n = 1; n <= 102; n++) ann.send(["1", null, name, "shout", { n }]);
    const tokens = await shouts(ann, name, 1, 102);
    const [late, tooLate] = await member(name, { since: tokens[0] });
    assert.deepEqual(tooLate, { token: tokens[101], recovered: false });
    const [back, history] = await member(name, { since: tokens[1] });
    assert.deepEqual(history, { token: tokens[1], recovered: true });
    assert.deepEqual(await shouts(back, name, 3, 102), tokens.slice(2));
    ann.send(["1", null, name, "shout", { n: 103 }]);
    for (const client of [late, back]) await shouts(client, name, 103, 103);
  });

  test("an invalid since recovers nothing and refuses no join", async () => {
    const name = topic();
    const [ann, { token: before }] = await member(name);
    ann.send(["1", null, name, "shout", {}]);
    const token = await kept(ann, name, "shout", {});
    for (const since of [
      "@another-1.0",
      token.replace(/-.*/, "-zz.0"),
      token.slice(0, -1),
      `${token}.`,
      token.slice(1),
      `x${token}`,
      "@",
      "",
      "@" + "x".repeat(2000),
      { epoch: "another", offset: 0 },
      [before],
      { since: before },
      null,
      [],
      0,
      "0",
    ]) {
      const [client, history] = await member(name, { since });
      assert.deepEqual(history, { token, recovered: false }, JSON.stringify(since));
      await client.echoes(name);
    }
  });

  test("version 1 carries tokens in ref, live and repeated", async () => {
    const name = topic();
    const [ann, { token }] = await member(name);
    const old = async payload => {
      const client = await RawClient.open(server, { query: "vsn=1.0.0" });
      client.send(JSON.stringify({ topic: name, event: "phx_join", payload, ref: "1", join_ref: "1" }));
      return [client, (await client.next()).payload.response.history];
    };
    const [bo] = await old({});
    ann.send(["1", null, name, "shout", { n: 1 }]);
    const shout = await bo.next();
    assert.deepEqual(shout, { topic: name, event: "shout", payload: { n: 1 }, ref: shout.ref });
    assert.match(shout.ref, TOKEN);
    const [back, history] = await old({ since: token });
    assert.deepEqual(history, { token, recovered: true });
    assert.deepEqual(await back.next(), shout);
  });

  test("presence is not kept", async () => {
    const name = topic();
    const [ann, { token }] = await member(name, { user: "ann" });
    const [, about, event] = (await ann.next()).slice(1);
    assert.deepEqual([about, event], [name, "presence_state"]);
    const [back, history] = await member(name, { since: token });
    assert.deepEqual(history, { token, recovered: true });
    back.send(["1", "2", name, "who", {}]);
    // The diff with ann follows her state, so it may come after this join.
    let answer = await back.next();
    if (answer[3] === "presence_diff") {
      answer = await back.next();
    }
    assert.deepEqual(answer, ok("1", "2", name, { users: ["ann"] }));
  });

  test("a topic with a history does the same as a room", async () => {
    const name = topic();
    const [client] = await member(name);
    await client.echoes(name);
    await client.says(["1", "2", name, "node", {}], ok("1", "2", name, { node: "local" }));
    client.send(["1", null, name, "crash", {}]);
    await client.nextIs(["1", "1", name, "phx_error", { reason: "channel_crash" }]);
  });
});

describe("notes", () => {
  const note = (client, name, payload) => client.send(["1", null, name, "note", payload]);

  test("a join without a user is refused", async () => {
    const client = await RawClient.open(server);
    const name = topic("notes");
    for (const payload of [{}, { user: 3 }, { user: null }]) {
      client.send(["1", "1", name, "phx_join", payload]);
      const [, , , , { status, response }] = await client.next();
      assert.equal(status, "error");
      assert.deepEqual([response.reason, response.field], ["invalid_payload", "user"]);
    }
  });

  test("the copy of each member names that member", async () => {
    const name = topic("notes");
    const clients = {};
    for (const user of ["ann", "bo"]) {
      clients[user] = await RawClient.open(server);
      await clients[user].says(["1", "1", name, "phx_join", { user }], ok("1", "1", name));
    }
    note(clients.ann, name, { text: "hi", list: [1, { a: null }], for: "nobody" });
    for (const user of ["ann", "bo"]) {
      const [joinRef, ref, about, event, payload] = await clients[user].next();
      assert.deepEqual([joinRef, ref, about, event], [null, null, name, "note"]);
      assert.deepEqual(payload, { text: "hi", list: [1, { a: null }], for: user });
    }
  });
});

for (const kind of ["room", "history"]) {
  describe(`bin on ${kind}:*`, () => {
    test("the same bytes reach every member, and the sender gets a reply", async () => {
      const name = topic(kind);
      const [ann, bo] = await Promise.all([new Client(server).join(name), new Client(server).join(name)]);
      const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i);
      assert.deepEqual(await ask(ann, "bin", bytes.buffer), { status: "ok", response: {} });
      for (const channel of [ann, bo]) {
        const [came] = await heard(channel, "bin");
        assert.deepEqual(new Uint8Array(came), bytes);
      }
      assert.deepEqual(await ask(bo, "bin", new ArrayBuffer(0)), { status: "ok", response: {} });
      assert.equal((await heard(ann, "bin", 2))[1].byteLength, 0);
    });
  });
}

/** A channel that records the received numbers, their refs, and its recovery at each join. */
function follow(client, name, payload) {
  const channel = withHistory(client.socket, name, payload);
  channel.heard = [];
  channel.refs = [];
  channel.recoveries = [];
  channel.on("shout", ({ n }, ref) => {
    channel.refs.push(ref);
    channel.heard.push(n);
  });
  channel.onRecovered(recovery => channel.recoveries.push(recovery));
  return channel;
}

const recoveryOf = (channel, times) =>
  until(`${channel.topic} joined ${times} times`, () => channel.recoveries.length >= times, () => channel.recoveries).then(all => channel.recoveries[times - 1]);

const heardSoFar = (channel, count) =>
  until(`${count} shouts on ${channel.topic}`, () => channel.heard.length >= count, () => channel.heard.slice(-5)).then(() => channel.heard);

const numbers = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe("heliodor.mjs", () => {
  async function speaker(name) {
    const [client] = await member(name);
    return (from, to) => {
      for (let n = from; n <= to; n++) client.send(["1", null, name, "shout", { n }]);
    };
  }

  test("a page resumes at a position that it has kept itself", async () => {
    const name = topic();
    const [client] = await member(name);
    for (let n = 1; n <= 3; n++) client.send(["1", null, name, "shout", { n }]);
    const [since] = await shouts(client, name, 1, 3);
    const page = new Client(server, { reconnectAfterMs: () => 100 });
    const channel = follow(page, name, { since });
    await answer(channel.join());
    assert.deepEqual(channel.recoveries[0], { recovered: true, token: since });
    assert.deepEqual(await heardSoFar(channel, 2), numbers(2, 3));
    page.socket.conn.close();
    client.send(["1", null, name, "shout", { n: 4 }]);
    assert.equal((await recoveryOf(channel, 2)).recovered, true);
    assert.deepEqual(await heardSoFar(channel, 3), numbers(2, 4));
  });

  test("a connection that is cut misses nothing, on each of its channels", async () => {
    const names = [topic(), topic()];
    const speak = await Promise.all(names.map(speaker));
    const client = new Client(server, { reconnectAfterMs: () => 100 });
    const channels = names.map(name => follow(client, name, { user: "ann" }));
    for (const channel of channels) {
      await answer(channel.join());
      assert.equal(channel.recoveries[0].recovered, false);
    }
    let last = 0;
    for (let cut = 1; cut <= 5; cut++) {
      speak.forEach(say => say(last + 1, last + 3));
      for (const channel of channels) await heardSoFar(channel, last + 3);
      client.socket.conn.close();
      speak.forEach(say => say(last + 4, last + 7));
      last += 7;
      for (const channel of channels) {
        assert.equal((await recoveryOf(channel, cut + 1)).recovered, true);
        assert.deepEqual(await heardSoFar(channel, last), numbers(1, last));
      }
    }
  });

  test("a connection that the server cuts misses nothing", async () => {
    const name = topic();
    const say = await speaker(name);
    const client = new Client(server, { params: { user_id: name } });
    const channel = follow(client, name, () => ({ user: "ann" }));
    await answer(channel.join());
    say(1, 2);
    await heardSoFar(channel, 2);
    channel.push("kick", { user_id: name });
    await until("the connection is cut", () => client.closes.length > 0, () => client.state());
    say(3, 4);
    assert.equal((await recoveryOf(channel, 2)).recovered, true);
    assert.deepEqual(await heardSoFar(channel, 4), numbers(1, 4));
  });

  test("a channel that crashed misses nothing while its connection stays", async () => {
    const name = topic();
    const say = await speaker(name);
    const channel = follow(new Client(server, { rejoinAfterMs: () => 100 }), name);
    await answer(channel.join());
    say(1, 1);
    await heardSoFar(channel, 1);
    channel.push("crash", {});
    await until("the channel has crashed", () => channel.state === "errored", () => channel.state);
    say(2, 3);
    assert.equal((await recoveryOf(channel, 2)).recovered, true);
    assert.deepEqual(await heardSoFar(channel, 3), numbers(1, 3));
  });

  test("a client that missed too much is notified, and resumes from there", async t => {
    const name = topic();
    const say = await speaker(name);
    const [witness] = await member(name);
    const proxy = await Proxy.to(server);
    t.after(() => proxy.close());
    const client = new Client(proxy);
    const channel = follow(client, name);
    await answer(channel.join());
    say(1, 1);
    await heardSoFar(channel, 1);
    proxy.cut();
    say(2, 150);
    await shouts(witness, name, 1, 150);
    proxy.mend();
    const recovery = await recoveryOf(channel, 2);
    assert.equal(recovery.recovered, false);
    say(151, 151);
    assert.deepEqual(await heardSoFar(channel, 2), [1, 151]);
    client.socket.conn.close();
    say(152, 153);
    assert.equal((await recoveryOf(channel, 3)).recovered, true);
    assert.deepEqual((await heardSoFar(channel, 4)).slice(-3), numbers(151, 153));
  });

  test("a server that starts again has no history, and its reply reports it", async () => {
    const name = topic();
    const other = await Server.start("HELIODOR_SERVE");
    try {
      const client = new Client(other);
      const channel = follow(client, name);
      await answer(channel.join());
      for (let n = 1; n <= 3; n++) channel.push("shout", { n });
      await heardSoFar(channel, 3);
      await other.kill();
      await other.restart();
      const recovery = await recoveryOf(channel, 2);
      assert.equal(recovery.recovered, false);
      assert.notEqual(recovery.token, channel.recoveries[0].token);
      channel.push("shout", { n: 1 });
      assert.deepEqual(await heardSoFar(channel, 4), [1, 2, 3, 1]);
    } finally {
      await other.stop();
    }
  });

  test("a channel without a history works as before", async () => {
    const name = topic("room");
    const channel = follow(new Client(server), name);
    await answer(channel.join());
    channel.push("shout", { n: 1 });
    assert.deepEqual(await heardSoFar(channel, 1), [1]);
    assert.deepEqual(channel.refs, [null]);
    assert.deepEqual(channel.recoveries, [{ recovered: false, token: undefined }]);
  });
});

describe("under load", { skip: long }, () => {
  const RETURNS = 100;
  const A_SECOND = 1000;
  const KEPT = 2000;

  test(`${RETURNS} returns while ${A_SECOND} messages a second flow`, { timeout: 300_000 }, async t => {
    process.env.HELIODOR_SERVE_2000 = `${process.env.HELIODOR_SERVE} --history ${KEPT}`;
    const loaded = await Server.start("HELIODOR_SERVE_2000");
    let flow;
    try {
      const name = topic();
      const speaker = await RawClient.open(loaded);
      await join(speaker, name);
      speaker.ws.removeAllListeners("message");
      const begin = performance.now();
      let sent = 0;
      flow = setInterval(() => {
        for (const due = ((performance.now() - begin) * A_SECOND) / 1000; sent < due; ) {
          speaker.send(["1", null, name, "shout", { n: ++sent }]);
        }
      }, 5);

      const client = new Client(loaded, { reconnectAfterMs: () => Math.random() * 300 });
      const channel = withHistory(client.socket, name);
      const lost = [];
      const wrong = [];
      const away = [];
      let recovered = 0;
      let joins = 0;
      let next = 1;
      // The next message may be any one.
      let anew = true;
      let seen = 0;
      let left;
      channel.on("shout", ({ n }) => {
        if (anew) lost.push(n - next);
        else if (n !== next) wrong.push([next, n]);
        anew = false;
        next = n + 1;
        seen++;
      });
      channel.onRecovered(recovery => {
        if (joins++ > 0) away.push(performance.now() - left);
        if (recovery.recovered) recovered++;
        else anew = true;
      });
      await answer(channel.join());
      for (let i = 1; i <= RETURNS; i++) {
        const before = seen;
        await until("messages flow", () => seen > before + 20, () => ({ seen, sent, joins }));
        left = performance.now();
        client.socket.conn.close();
        await until("the client is back", () => joins > i, () => client.state());
      }
      clearInterval(flow);
      const total = sent;
      await until("the last message", () => next === total + 1, () => ({ next, total }));
      away.sort((a, b) => a - b);
      const quick = away.filter(ms => ms <= 500).length;
      const rate = Math.round(total / ((performance.now() - begin) / 1000));
      t.diagnostic(
        `${total} messages at ${rate} a second, ${seen} seen; ${RETURNS} returns, ${quick} within 500 ms ` +
          `(median ${Math.round(away[RETURNS / 2])} ms, longest ${Math.round(away.at(-1))} ms), ${recovered} recovered`,
      );
      assert.deepEqual(wrong, [], "[expected, got] of messages out of order, repeated or after a gap");
      assert.equal(recovered + lost.length, RETURNS + 1);
      assert.ok(lost[0] >= 0, `${lost}`);
      assert.ok(lost.slice(1).every(n => n >= KEPT), `only a client that missed more than is kept is not recovered: ${lost}`);
      assert.ok(recovered > 0);
      assert.equal(lost.reduce((sum, n) => sum + n, seen), total);
    } finally {
      clearInterval(flow);
      await loaded.stop();
    }
  });
});
