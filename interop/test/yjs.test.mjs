import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, mock, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { minifySync } from "vite";
import { Awareness, encodeAwarenessUpdate } from "y-protocols/awareness";
import * as Y from "yjs";
import { docOf, ModelServer, Random } from "../document-model.mjs";
import { PackedClient } from "../react.mjs";

// The provider against a model of the server, with a clock that the test moves.

const SEEDS = { short: 20, long: 2_000 }[process.env.HELIODOR_TESTS] ?? 60;
const FIRST_SEED = Number(process.env.HELIODOR_SEED ?? 1);

const settled = async () => {
  for (let i = 0; i < 12; i++) await Promise.resolve();
};

async function pass(ms) {
  for (let left = ms; left > 0; left -= 20) {
    mock.timers.tick(20);
    await settled();
  }
}

describe("the provider of Yjs", () => {
  let packed;
  let openDocument;
  let providers;
  let complaints;

  before(async () => {
    packed = await PackedClient.make("yjs", "y-protocols", "phoenix");
    await packed.add("yjs");
    ({ openDocument } = await import(pathToFileURL(`${packed.folder}/node_modules/@heliodor/yjs/yjs.mjs`)));
  });
  after(() => packed?.remove());
  beforeEach(() => {
    providers = [];
    complaints = [];
    globalThis.reportError = error => complaints.push(error);
    mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  });
  afterEach(() => {
    for (const provider of providers) provider.destroy();
    delete globalThis.reportError;
    mock.timers.reset();
    mock.restoreAll();
  });

  const steady = () => {
    const server = new ModelServer(new Random(1));
    server.random.chance = () => false;
    return server;
  };

  function open(page, { doc = new Y.Doc(), ...options } = {}) {
    const provider = openDocument(page.client, "doc:1", doc, options);
    providers.push(provider);
    return provider;
  }

  const text = ({ doc }) => doc.getText("t").toString();
  const type = ({ doc }, typed) => doc.getText("t").insert(doc.getText("t").length, typed);
  const inStore = ({ store }) => docOf([...store.log.values()]).getText("t").toString();

  async function until(what, check, ms = 120_000) {
    for (let left = ms; left > 0 && !check(); left -= 100) await pass(100);
    assert.ok(check(), what());
  }

  test("what one page types is stored, and reaches the others and those who come later", async () => {
    const server = steady();
    const [ann, bo] = [open(server.page("ann", 0)), open(server.page("bo", 1))];
    await pass(1_000);
    assert.deepEqual([ann.status.phase, ann.status.saved], ["synced", true]);
    type(ann, "Hello");
    assert.equal(ann.status.saved, false);
    await pass(1_000);
    assert.deepEqual([ann.status.saved, text(bo), inStore(server)], [true, "Hello", "Hello"]);
    const cy = open(server.page("cy", 2));
    let wasSynced = false;
    cy.whenSynced().then(() => (wasSynced = true));
    await pass(1_000);
    assert.deepEqual([wasSynced, text(cy)], [true, "Hello"]);
  });

  test("a document that has content before the join is stored once", async () => {
    const server = steady();
    const ann = open(server.page("ann", 0));
    type(ann, "from the store");
    await pass(3_000); // until the gap before its first position is read
    const written = server.executed.write;
    const copy = new Y.Doc();
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(ann.doc));
    open(server.page("bo", 0), { doc: copy });
    await pass(2_000);
    assert.equal(server.executed.write, written, "the store has it all");
    const own = new Y.Doc();
    own.getText("t").insert(0, "mine, ");
    const cy = open(server.page("cy", 0), { doc: own });
    await pass(2_000);
    assert.equal(server.executed.write, written + 1);
    assert.equal(text(cy), text(ann));
    assert.match(inStore(server), /mine, /);
  });

  test("after the loss of the store the pages fill it again", async () => {
    const server = steady();
    const [ann, bo] = [open(server.page("ann", 0)), open(server.page("bo", 1))];
    type(ann, "kept by pages");
    await pass(2_000);
    server.store.clear();
    server.kill(0);
    await until(() => inStore(server), () => inStore(server) === "kept by pages");
    assert.equal(text(bo), "kept by pages");
  });

  test("after the loss of the store a page is not saved until it has compared", async () => {
    mock.method(Math, "random", () => 0.99);
    const server = steady();
    const ann = open(server.page("ann", 0));
    type(ann, "kept by pages");
    await pass(3_000);
    assert.equal(ann.status.saved, true);
    server.store.clear();
    [...server.pages][0].cut(100);
    await pass(1_000);
    assert.deepEqual([ann.status.saved, ann.status.phase, inStore(server)], [false, "joining", ""]);
    await pass(3_000);
    assert.deepEqual([ann.status.saved, ann.status.phase, inStore(server)], [true, "synced", "kept by pages"]);
  });

  test("after the loss of the store a page writes also what waits for an update that it lacks", async () => {
    const other = new Y.Doc();
    const updates = [];
    other.on("update", update => updates.push(update));
    for (const at of [0, 1]) other.getText("t").insert(at, `${at}`);
    other.getText("t").delete(0, 1);
    const [zero, ...later] = updates;
    const server = steady();
    for (const update of later) server.store.write(update, 0);
    const ann = open(server.page("ann", 0));
    type(ann, "ann"); // a log without any update is not another one
    await pass(3_000);
    server.store.clear();
    server.kill(0);
    await pass(10_000);
    const bo = open(server.page("bo", 0), { snapshotEvery: 1 });
    await pass(3_000);
    type(bo, "bo");
    await pass(3_000);
    server.store.write(zero, 0);
    server.kill(0);
    await pass(10_000);
    for (const each of ["1", "ann", "bo"]) assert.ok(text(bo).includes(each), text(bo));
    assert.deepEqual([text(ann), inStore(server)], [text(bo), text(bo)]);
    assert.ok(!text(bo).includes("0"), text(bo));
    const { write } = server.executed;
    server.kill(0);
    await pass(10_000);
    assert.equal(server.executed.write, write, "the store has it all");
  });

  test("a lost broadcast is found by the gap before the next one, or after 45 s at most", async () => {
    const server = steady();
    const [ann, bo] = [open(server.page("ann", 0)), open(server.page("bo", 1))];
    await pass(1_000);
    const loses = [...server.pages][1];
    const { deliver } = loses;
    loses.deliver = () => {};
    type(ann, "lost ");
    await pass(1_000);
    loses.deliver = deliver;
    type(ann, "found");
    await pass(3_000);
    assert.equal(text(bo), "lost found");
    loses.deliver = () => {};
    type(ann, " late");
    await pass(2_000);
    assert.equal(text(bo), "lost found");
    await pass(46_000);
    assert.equal(text(bo), "lost found late");
  });

  test("a write that is refused is repeated, and the text is saved then", async () => {
    const server = steady();
    const ann = open(server.page("ann", 0));
    await pass(1_000);
    const { execute } = server;
    server.execute = (page, name, request, reply) => reply({ status: "error", error: { reason: "unavailable" } });
    type(ann, "kept");
    await pass(500);
    assert.deepEqual([ann.status.error, ann.status.saved], ["unavailable", false]);
    const late = open(server.page("late", 0));
    await pass(1_000);
    assert.deepEqual([late.status.phase, late.status.error], ["joining", "unavailable"]);
    await pass(60_000);
    server.execute = execute;
    await pass(41_000);
    assert.deepEqual([ann.status.error, ann.status.saved, inStore(server), text(late)], [undefined, true, "kept", "kept"]);
  });

  test("the status has an error of the store from the first refused write to the first accepted one, and writes go on", async () => {
    const server = steady();
    const ann = open(server.page("ann", 0));
    await pass(1_000);
    const { execute } = server;
    server.execute = (page, name, request, reply) =>
      name === "write" ? reply({ status: "error", error: { reason: "unavailable" } }) : execute.call(server, page, name, request, reply);
    const errors = [];
    ann.onStatus(({ error }) => error !== errors.at(-1) && errors.push(error));
    type(ann, "kept");
    await pass(60_000);
    type(ann, ", too");
    server.execute = execute;
    await pass(41_000);
    type(ann, "!");
    await pass(1_000);
    assert.deepEqual([errors, ann.status.saved, inStore(server)], [["unavailable", undefined], true, "kept, too!"]);
  });

  test("the end of a provider while the store is not available waits for it as long as for a connection", async () => {
    const server = steady();
    const { execute } = server;
    for (const isLate of [false, true]) {
      const ann = open(server.page("ann", 0));
      await pass(3_000);
      server.execute = (page, name, request, reply) => reply({ status: "error", error: { reason: "unavailable" } });
      type(ann, "kept");
      if (isLate) await pass(500);
      const ended = ann.destroy();
      await pass(10_000);
      server.execute = execute;
      await pass(5_000);
      assert.deepEqual([await ended, inStore(server)], [{ saved: true }, isLate ? "keptkept" : "kept"]);
    }
  });

  const losses = {
    request: () => {},
    reply: (execute, page, name, request) => execute(page, name, request, () => {}),
  };
  for (const [what, lose] of Object.entries(losses)) {
    test(`a ${what} of a write that is lost on a connection which lives is found within seconds`, async () => {
      const server = steady();
      const [ann, bo] = [open(server.page("ann", 0)), open(server.page("bo", 1))];
      await pass(3_000);
      const execute = server.execute.bind(server);
      server.execute = (page, name, ...others) => {
        if (name !== "write") return execute(page, name, ...others);
        server.execute = execute;
        return lose(execute, page, name, ...others);
      };
      type(ann, "one");
      await pass(1_000);
      type(ann, " two");
      await pass(8_000);
      assert.equal(ann.status.saved, false);
      await pass(3_000);
      assert.deepEqual([ann.status.saved, inStore(server), text(bo), ann.status.error], [true, "one two", "one two", undefined]);
    });
  }

  test("a page that reads its own update has saved it, whatever became of the reply", async () => {
    const server = steady();
    const [ann, bo] = [open(server.page("ann", 0)), open(server.page("bo", 1))];
    type(bo, "first ");
    await pass(5_000);
    const execute = server.execute.bind(server);
    server.execute = (page, name, request, reply) => {
      execute(page, name, request, () => {});
      server.execute = execute;
    };
    type(ann, "one");
    await pass(500);
    type(ann, " two");
    type(bo, " gap");
    await pass(4_000);
    const { write } = server.executed;
    assert.deepEqual([ann.status.saved, text(ann).length, text(bo)], [true, "first one two gap".length, text(ann)]);
    await pass(30_000);
    assert.equal(server.executed.write, write, "nothing is written twice");
  });

  test("a store that is slow gets few repetitions, and they end", async () => {
    const server = steady();
    const ann = open(server.page("ann", 0));
    await pass(1_000);
    const execute = server.execute.bind(server);
    server.execute = (...all) => void setTimeout(execute, 45_000, ...all);
    type(ann, "slow");
    await pass(400_000);
    assert.deepEqual([ann.status.saved, inStore(server)], [true, "slow"]);
    assert.ok(server.executed.write <= 4, `${server.executed.write} writes`);
  });

  test("an observer that throws does not end the reads and writes", async () => {
    const server = steady();
    const [ann, bo] = [open(server.page("ann", 0)), open(server.page("bo", 0))];
    await pass(3_000);
    bo.doc.on("afterTransaction", () => {
      throw new Error("of the page");
    });
    type(ann, "one ");
    await pass(3_000);
    type(ann, "two");
    await pass(3_000);
    assert.equal(text(bo), "one two");
    assert.ok(complaints.every(({ message }) => message === "of the page") && complaints.length > 0);
    complaints.length = 0;
  });

  test("a store that is full has room again after a snapshot of what it has", async () => {
    const server = steady();
    const ann = open(server.page("ann", 0));
    await pass(3_000);
    for (let i = 0; i < 20; i++) {
      type(ann, "x".repeat(100));
      ann.doc.getText("t").delete(0, 100);
      await pass(100);
    }
    await pass(3_000);
    const { execute } = server;
    let isFull = true;
    server.execute = (page, name, request, reply) => {
      const isUpdate = name === "write" && new DataView(request).getBigUint64(0) === 0n;
      if (name === "write" && !isUpdate) isFull = false;
      return isUpdate && isFull ? reply({ status: "error", error: { reason: "full" } }) : execute.call(server, page, name, request, reply);
    };
    type(ann, "last");
    await pass(1_000);
    assert.equal(ann.status.error, "full");
    await pass(61_000);
    assert.deepEqual([isFull, ann.status.error, ann.status.saved, inStore(server)], [false, undefined, true, "last"]);
  });

  test("the whole log is read for a change that is too large, later and later, and the page saves again after it was taken back", async () => {
    const server = steady();
    const ann = open(server.page("ann", 0));
    await pass(1_000);
    type(ann, "a ");
    await pass(5_000);
    const reads = [];
    const { execute } = server;
    server.execute = (page, name, request, reply) => {
      if (name === "read" && request.after === 0) reads.push(request);
      return execute.call(server, page, name, request, reply);
    };
    ann.doc.getMap("m").set("image", "x".repeat(server.maxBytes + 1));
    await pass(200_000);
    assert.deepEqual([ann.status.error, ann.status.saved], ["too_large", false]);
    assert.ok(reads.length >= 2 && reads.length <= 3, `${reads.length} reads of the whole log in 200 s`);
    ann.doc.getMap("m").delete("image");
    type(ann, "small");
    await pass(700_000);
    assert.deepEqual([ann.status.error, ann.status.saved, inStore(server)], [undefined, true, "a small"]);
  });

  test("a page with content that it has not compared is not saved", async () => {
    const server = steady();
    const own = new Y.Doc();
    own.getText("t").insert(0, "offline");
    const ann = open(server.page("ann", 0), { doc: own });
    assert.equal(ann.status.saved, false);
    await pass(3_000);
    assert.equal(ann.status.saved, true);
  });

  test("an awareness has the id of its document also after Yjs has changed that, and others see it", async () => {
    mock.method(console, "warn", () => {});
    mock.method(console, "log", () => {});
    const server = steady();
    const members = ["ann", "bo"].map(name => {
      const doc = new Y.Doc();
      const awareness = new Awareness(doc);
      awareness.setLocalState({ user: { name } });
      return { awareness, ...open(server.page(name, 0), { doc, awareness }) };
    });
    const [ann, bo] = members;
    await pass(3_000);
    type(ann, "hello");
    await pass(1_000);
    const id = ann.doc.clientID;
    const forged = docOf([Y.encodeStateAsUpdate(ann.doc)]);
    forged.clientID = id;
    forged.getText("t").insert(0, "forged ");
    server.store.write(Y.encodeStateAsUpdate(forged), 0);
    [...server.pages][0].cut(100);
    await pass(10_000);
    assert.notEqual(ann.doc.clientID, id);
    assert.equal(ann.awareness.clientID, ann.doc.clientID);
    assert.ok(bo.awareness.getStates().has(ann.doc.clientID));
    for (const { awareness } of members) awareness.destroy();
  });

  test("awareness in the name of another client is dropped", async () => {
    const server = steady();
    const doc = new Y.Doc();
    const awareness = new Awareness(doc);
    open(server.page("ann", 0), { doc, awareness });
    await pass(1_000);
    const state = clients => {
      const bytes = [clients.length];
      for (const client of clients) bytes.push(client, 1, 2, 0x7b, 0x7d); // {}
      const message = new Uint8Array(8 + bytes.length + 16); // the owner is 0
      message.set(bytes, 8);
      message[7] = clients[0];
      return message.buffer;
    };
    const [page] = server.pages;
    page.present(new Map([5, 6, 7, 8, 9].map(client => [`${client}`, { metas: [{ phx_ref: `${client}`, owner: "00".repeat(16) }] }])));
    for (const clients of [[5, 6], [7]]) page.deliver("awareness", state(clients));
    const forged = state([9]);
    new Uint8Array(forged)[7] = 8;
    page.deliver("awareness", forged);
    await pass(1_000);
    assert.deepEqual([5, 6, 7, 8, 9].map(client => awareness.getStates().has(client)), [false, false, true, false, false]);
    awareness.destroy();
  });

  test("a page that is back reads what it missed at once", async () => {
    const server = steady();
    const [ann, bo] = [open(server.page("ann", 0)), open(server.page("bo", 1))];
    type(ann, "before, ");
    await pass(3_000);
    [...server.pages][1].cut(2_000);
    type(ann, "meanwhile");
    await pass(1_900);
    assert.deepEqual([bo.status.phase, text(bo)], ["joining", "before, "]);
    await pass(1_000);
    assert.deepEqual([bo.status.phase, text(bo)], ["synced", "before, meanwhile"]);
  });

  test("a connection that is refused for good is in the status, until the page connects again", async () => {
    mock.method(console, "warn", () => {});
    const server = steady();
    const page = server.page("ann", 0);
    const ann = open(page);
    page.cut(Infinity);
    let reason;
    ann.whenSynced().catch(({ message }) => (reason = message));
    page.connect({ phase: "refused", status: 401, reason: "no token", final: true });
    await pass(20);
    assert.deepEqual([ann.status.phase, ann.status.error, reason], ["refused", "no token", "The document is refused: no token."]);
    page.cut(Infinity); // phoenix.js before 1.8.16 reports the end of the connection now
    await pass(20);
    assert.equal(ann.status.phase, "refused");
    page.connect({ phase: "connecting" });
    assert.deepEqual([ann.status.phase, ann.status.error], ["joining", undefined]);
    page.cut(0);
    await pass(3_000);
    assert.equal(ann.status.phase, "synced");
    page.cut(Infinity);
    type(ann, "kept");
    page.connect({ phase: "refused", code: 4403, final: true });
    let ended;
    ann.destroy().then(end => (ended = end));
    await pass(20);
    assert.deepEqual([ended.saved, ended.reason], [false, "4403"]);
    const late = server.page("late", 0);
    late.connect({ phase: "refused", status: 403, final: true });
    await assert.rejects(open(late).whenSynced(), /refused: 403/);
  });

  test("a page without the right to write sends nothing", async () => {
    const server = steady();
    server.writable = page => page.name !== "reader";
    const [ann, reader] = [open(server.page("ann", 0)), open(server.page("reader", 0))];
    await pass(1_000);
    type(reader, "not mine");
    type(ann, "A");
    await pass(2_000);
    assert.deepEqual([reader.status.writable, reader.status.saved, inStore(server)], [false, false, "A"]);
  });

  const large = {
    "one pasted text": doc => doc.getText("t").insert(0, "\ud83d\ude00x".repeat(2_000)),
    "one insertion into an array": doc => doc.getArray("a").insert(0, Array.from({ length: 500 }, (_, i) => `value ${i}`)),
    "a text of many clients with deletions": doc => {
      const random = new Random(7);
      for (let i = 0; i < 60; i++) {
        const other = new Y.Doc();
        Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
        const own = other.getText("t");
        own.insert(random.below(own.length + 1), "\ud83d\ude00".repeat(random.below(100)));
        for (let j = 0; j < 10 && own.length > 10; j++) own.delete(2 * random.below(own.length / 2 - 1), 2);
        Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
      }
    },
  };
  for (const [what, change] of Object.entries(large)) {
    test(`what is larger than a message goes in parts: ${what}`, async () => {
      const server = steady();
      server.maxBytes = 1_000;
      const [ann, bo] = [open(server.page("ann", 0)), open(server.page("bo", 0))];
      await pass(3_000);
      change(ann.doc);
      type(ann, "typed after it");
      await pass(60_000);
      const content = doc => JSON.stringify([doc.getText("t"), doc.getArray("a")]);
      for (const doc of [bo.doc, docOf([...server.store.log.values()])]) assert.ok(content(doc) === content(ann.doc));
      assert.deepEqual(ann.status, { phase: "synced", saved: true, writable: true, error: undefined });
      assert.deepEqual(complaints, []);
    });
  }

  test("a document that is larger than a message is stored again by a few of the pages that have it, and all go on", async () => {
    const random = new Random(1);
    mock.method(Math, "random", () => random.next());
    const server = steady();
    server.maxBytes = 1_000;
    const all = Array.from({ length: 6 }, (_, i) => open(server.page(`p${i}`, 0)));
    await pass(3_000);
    for (let i = 0; i < 20; i++) {
      type(all[i % 2], `${i}`.padEnd(400, "x"));
      await pass(1_000);
    }
    const bytes = Y.encodeStateAsUpdate(all[0].doc).length;
    server.store.clear();
    server.kill(0);
    await until(() => inStore(server).length, () => inStore(server).length === 8_000 && all.every(({ status }) => status.saved && status.phase === "synced"));
    const stored = [...server.store.log.values()].reduce((sum, { length }) => sum + length, 0);
    assert.ok(stored < 5 * bytes, `${stored} bytes for ${bytes}`);
    type(all[0], "after the loss");
    await pass(5_000);
    for (const each of all) assert.match(text(each), /after the loss/);
    assert.deepEqual(complaints, []);
  });

  test("a page that finds another log does not wait until nobody types", async () => {
    mock.method(Math, "random", () => 0.99);
    const server = steady();
    const [ann, bo] = [open(server.page("ann", 0)), open(server.page("bo", 1))];
    type(ann, "kept by pages");
    await pass(3_000);
    server.store.clear();
    [...server.pages][1].cut(100);
    await pass(1_000);
    assert.deepEqual([bo.status.phase, inStore(server)], ["joining", ""]);
    server.store.write(Y.encodeStateAsUpdate(ann.doc), 0); // as another page fills it
    let waited = 0;
    for (; bo.status.phase !== "synced" && waited < 60_000; waited += 500) {
      type(ann, ".");
      await pass(500);
    }
    assert.ok(waited < 10_000, `${waited} ms`);
    assert.equal(text(bo).slice(0, 13), "kept by pages");
  });

  test("a value that is too large is not sent, and the others go on", async () => {
    const server = steady();
    server.maxBytes = 1_000;
    const [ann, bo] = [open(server.page("ann", 0)), open(server.page("bo", 0))];
    await pass(1_000);
    const before = server.executed.write;
    ann.doc.getMap("m").set("image", "x".repeat(2_000));
    await pass(1_000);
    assert.deepEqual([ann.status.error, ann.status.saved, server.executed.write], ["too_large", false, before]);
    type(bo, "small");
    await pass(1_000);
    assert.equal(inStore(server), "small");
  });

  test("what is typed without a connection is merged, and sent in messages of the permitted size", async () => {
    const server = steady();
    server.maxBytes = 1_000;
    const ann = open(server.page("ann", 0));
    await pass(1_000);
    const [page] = server.pages;
    page.cut(5_000);
    const before = server.executed.write;
    for (let i = 0; i < 3_000; i++) ann.doc.getText("t").insert((i * 7) % (i + 1), "y");
    await pass(20_000);
    assert.deepEqual(ann.status, { phase: "synced", saved: true, writable: true, error: undefined });
    assert.ok(inStore(server) === text(ann));
    assert.ok(server.executed.write - before < 100, `${server.executed.write - before} writes`);
  });

  test("an update that Yjs cannot read stops neither the page nor the others, and is in the log until that is large", async () => {
    const warnings = [];
    mock.method(console, "warn", (...words) => warnings.push(words.join(" ")));
    const server = steady();
    const model = server.store.write.bind(server.store);
    server.store.write = (update, replaced) => {
      if (replaced !== 0) server.store.log.delete(1_000); // the model reads what a snapshot replaces
      return model(update, replaced);
    };
    model(new Uint8Array([1, 2, 3]), 0);
    const ann = open(server.page("ann", 0), { snapshotEvery: 1 });
    await pass(1_000);
    type(ann, "goes on");
    await pass(1_000);
    assert.deepEqual([server.store.log.size, server.store.replaced, ann.status.saved], [2, 0, true]);
    const left = new Y.Doc();
    left.getText("t").insert(0, "left, ");
    let ended;
    open(server.page("bo", 0), { doc: left }).destroy().then(end => (ended = end));
    await pass(3_000);
    assert.deepEqual([ended, text(ann).length], [{ saved: true }, "goes onleft, ".length]);
    for (let i = 0; i < 4; i++) {
      ann.doc.getMap("m").set("value", `${i}`.padEnd(400_000, "x"));
      await pass(2_000);
    }
    assert.ok(server.store.replaced > 0 && server.store.log.size < 3, `${server.store.log.size} updates`);
    assert.deepEqual([warnings.length, complaints], [1, []]);
  });

  test("a snapshot takes the place of the updates before it", async () => {
    const server = steady();
    const [ann, bo] = [open(server.page("ann", 0), { snapshotEvery: 10 }), open(server.page("bo", 1), { snapshotEvery: 10 })];
    for (let i = 0; i < 95; i++) {
      type(ann, `${i} `);
      await pass(500);
    }
    assert.ok(server.store.log.size <= 10, `${server.store.log.size} updates`);
    assert.ok(server.store.replaced >= 9);
    assert.equal(inStore(server), text(bo));
  });

  describe("what was accepted before the end", () => {
    const letters = provider => [..."hello"].forEach(letter => type(provider, letter));
    const outcome = promise => {
      const one = { ended: undefined };
      promise.then(ended => (one.ended = ended));
      return one;
    };
    let server;
    let warnings;

    beforeEach(() => {
      server = steady();
      warnings = [];
      mock.method(console, "warn", (...words) => warnings.push(words.join(" ")));
    });

    for (const [what, end] of Object.entries({ "destroy()": provider => provider.destroy(), "the end of the document": ({ doc }) => doc.destroy() })) {
      test(`is stored after ${what} on an open connection, and the page leaves after the reply`, async () => {
        const [ann, bo] = [open(server.page("ann", 0)), open(server.page("bo", 1))];
        await pass(3_000);
        letters(ann);
        end(ann);
        const { ended } = (await pass(0), outcome(ann.destroy()));
        assert.deepEqual([ann.status.phase, ann.status.saved, ended], ["left", false, undefined]);
        assert.equal(server.pages.size, 2, "the channel waits for the reply");
        const one = outcome(ann.destroy());
        await pass(2_000);
        assert.deepEqual([one.ended, ann.status.saved, server.pages.size], [{ saved: true }, true, 1]);
        assert.deepEqual([inStore(server), text(bo), warnings], ["hello", "hello", []]);
      });
    }

    test("is sent at once, without the reply to the write before", async () => {
      const ann = open(server.page("ann", 0));
      await pass(1_000);
      const [page] = server.pages;
      const { call } = page;
      const calls = [];
      page.call = (name, request, options) => (calls.push(name), call.call(page, name, request, options));
      letters(ann);
      assert.deepEqual(calls, ["write"]);
      ann.destroy();
      assert.deepEqual(calls, ["write", "write"]);
      await pass(2_000);
      assert.equal(inStore(server), "hello");
    });

    test("is sent at once when the page is hidden or left, and the page goes on when it is back", async () => {
      const window = new EventTarget();
      const names = ["addEventListener", "removeEventListener"];
      for (const name of names) globalThis[name] = window[name].bind(window);
      try {
        const ann = open(server.page("ann", 0));
        await pass(1_000);
        const [page] = server.pages;
        for (const leave of [() => window.dispatchEvent(new Event("visibilitychange")), () => page.hide()]) {
          letters(ann);
          leave();
          page.server.maxDelay = 1;
          await pass(40);
        }
        page.cut(500);
        letters(ann);
        await pass(5_000);
        assert.deepEqual([inStore(server), ann.status.saved], ["hellohellohello", true]);
      } finally {
        for (const name of names) delete globalThis[name];
      }
    });

    test("is stored after a destroy() before the first join, also what the document had before", async () => {
      const doc = new Y.Doc();
      doc.getText("t").insert(0, "before, ");
      server.store.write(Y.encodeStateAsUpdate(docOf([])), 0);
      const ann = open(server.page("ann", 0), { doc });
      letters(ann);
      const one = outcome(ann.destroy());
      await pass(3_000);
      assert.deepEqual([one.ended, inStore(server), server.pages.size], [{ saved: true }, "before, hello", 0]);
    });

    test("is stored after a destroy() without a connection, when the connection is back", async () => {
      const ann = open(server.page("ann", 0));
      await pass(1_000);
      [...server.pages][0].cut(5_000);
      letters(ann);
      const one = outcome(ann.destroy());
      await pass(4_000);
      assert.equal(one.ended, undefined);
      await pass(3_000);
      assert.deepEqual([one.ended, inStore(server), server.pages.size], [{ saved: true }, "hello", 0]);
    });

    test("is told if it cannot be stored in time, as an update that the page may keep", async () => {
      const ann = open(server.page("ann", 0), { leaveTimeout: 8_000 });
      await pass(1_000);
      [...server.pages][0].cut(Infinity);
      letters(ann);
      const statuses = [];
      ann.onStatus(status => statuses.push(status));
      const one = outcome(ann.destroy());
      await pass(7_900);
      assert.equal(one.ended, undefined);
      await pass(200);
      const { update, ...ended } = one.ended;
      assert.deepEqual([ended, docOf([update]).getText("t").toString()], [{ saved: false, reason: "timeout" }, "hello"]);
      assert.deepEqual(statuses.at(-1), { phase: "left", saved: false, writable: true, error: "timeout" });
      assert.match(warnings.join(), /doc:1.*timeout/);
      assert.equal(server.pages.size, 0);
    });

    test("is told at once if it cannot be stored at all", async () => {
      server.writable = () => false;
      const reader = open(server.page("reader", 0));
      await pass(1_000);
      letters(reader);
      const one = outcome(reader.destroy());
      await pass(20);
      assert.deepEqual([one.ended.saved, one.ended.reason], [false, "read_only"]);
      server.writable = () => true;
      server.maxBytes = 1_000;
      const ann = open(server.page("ann", 0));
      await pass(1_000);
      ann.doc.getMap("m").set("image", "x".repeat(2_000));
      const two = outcome(ann.destroy());
      await pass(20);
      assert.deepEqual([two.ended.saved, two.ended.reason, two.ended.update.length > 2_000], [false, "too_large", true]);
    });

    test("changes neither the document nor the log any more", async () => {
      const [ann, bo] = [open(server.page("ann", 0), { snapshotEvery: 1 }), open(server.page("bo", 0), { snapshotEvery: 9_999 })];
      await pass(3_000);
      letters(ann);
      ann.destroy();
      type(ann, " later");
      const { replaced } = server.store;
      type(bo, " bo");
      await pass(3_000);
      assert.deepEqual([text(ann), server.store.replaced, text(bo).includes("later")], ["hello later", replaced, false]);
    });

    for (const [what, isSame] of [["the same document", true], ["a new document", false]]) {
      test(`goes to the next provider of the client, with ${what}`, async () => {
        const client = { status: {}, onStatus: () => () => {}, channel: (...words) => server.page("ann", 0).client.channel(...words), onPageHide: () => () => {} };
        const [first, bo] = [open({ client }), open(server.page("bo", 0))];
        await pass(3_000);
        letters(first);
        const [page] = server.pages;
        page.deliver = () => {};
        const one = outcome(first.destroy());
        const next = open({ client }, isSame ? { doc: first.doc } : {});
        assert.equal(text(next), "hello");
        assert.equal(page.status.phase, "left");
        await pass(3_000);
        assert.deepEqual([one.ended, text(next), text(bo), inStore(server)], [{ saved: true }, "hello", "hello", "hello"]);
        assert.throws(() => open({ client }), /doc:1.*destroy\(\)/);
        next.destroy();
        open({ client });
      });
    }

    test("waits for nothing if there is nothing", async () => {
      const [ann, bo] = [open(server.page("ann", 0)), open(server.page("bo", 0))];
      const one = outcome(ann.destroy());
      await settled();
      assert.deepEqual([one.ended, server.pages.size], [{ saved: true }, 1]);
      await pass(3_000);
      const two = outcome(bo.destroy());
      await settled();
      assert.deepEqual([two.ended, server.pages.size], [{ saved: true }, 0]);
    });
  });

  describe("with awareness", () => {
    let server;

    const join = (name, options) => {
      const page = server.page(name, 0);
      const doc = new Y.Doc();
      doc.getText("t");
      const awareness = new Awareness(doc);
      awareness.setLocalStateField("name", name);
      const provider = open(page, { doc, awareness, ...options });
      return { page, provider, awareness };
    };
    const names = ({ awareness }) => [...awareness.getStates().values()].map(({ name }) => name).sort().join();

    beforeEach(() => (server = steady()));
    afterEach(() => providers.forEach(({ awareness }) => awareness.destroy()));

    test("each page has the states of all, also of those who came before", async () => {
      const ann = join("ann");
      await pass(1_000);
      const bo = join("bo");
      await pass(1_000);
      assert.deepEqual([names(ann), names(bo)], ["ann,bo", "ann,bo"]);
      ann.awareness.setLocalStateField("name", "anna");
      await pass(1_000);
      assert.equal(names(bo), "anna,bo");
    });

    test("a state disappears with its client, and is there again when it is back", async () => {
      const [ann, bo] = [join("ann"), join("bo")];
      await pass(1_000);
      ann.page.cut(3_000);
      await pass(1_000);
      assert.deepEqual([names(ann), names(bo)], ["ann", "bo"]);
      await pass(4_000);
      assert.deepEqual([names(ann), names(bo)], ["ann,bo", "ann,bo"]);
      ann.provider.destroy();
      await pass(1_000);
      assert.deepEqual([names(ann), names(bo)], ["ann", "bo"]);
    });

    test("a page sends the newest state every 50 ms at most, and no large one", async () => {
      const [ann, bo] = [join("ann"), join("bo")];
      await pass(1_000);
      const before = ann.page.sent.length;
      for (let i = 0; i < 500; i++) {
        ann.awareness.setLocalStateField("at", i);
        if (i % 10 === 0) await pass(20);
      }
      await pass(1_000);
      const count = ann.page.sent.length - before;
      assert.ok(count > 10 && count <= 25, `${count} messages in a second`);
      assert.equal(bo.awareness.getStates().get(ann.awareness.clientID).at, 499);
      ann.awareness.setLocalStateField("name", "x".repeat(20_000));
      await pass(1_000);
      assert.equal(ann.page.sent.length - before, count);
    });

    test("a page sends no state that is larger than a message", async () => {
      server.maxBytes = 1_000;
      const ann = join("ann");
      await pass(1_000);
      const before = ann.page.sent.length;
      ann.awareness.setLocalStateField("name", "x".repeat(2_000));
      await pass(1_000);
      assert.equal(ann.page.sent.length, before);
    });

    test("of pages that come at once, each sends its state a few times, not once for each of the others", async () => {
      const all = [];
      for (let i = 0; i < 60; i++) {
        all.push(join(`p${i}`));
        await pass(100);
      }
      await pass(5_000);
      for (const each of all) assert.equal(each.awareness.getStates().size, 60);
      const sent = all.reduce((sum, { page }) => sum + page.sent.length, 0);
      assert.ok(sent < 60 * 15, `${sent} messages`);
    });

    describe("messages in any order", () => {
      /** All orders of several sequences, each of which stays in its own order. */
      function* merges(...sequences) {
        if (sequences.every(each => each.length === 0)) yield [];
        for (const [i, [first, ...rest]] of sequences.entries()) {
          if (first === undefined) continue;
          for (const later of merges(...sequences.with(i, rest))) yield [first, ...later];
        }
      }
      const permutations = ([first, ...rest]) => (first === undefined ? [[]] : permutations(rest).flatMap(each => [...each.keys(), each.length].map(i => each.toSpliced(i, 0, first))));

      const BO = 7;
      const [OWN, OTHER] = ["a1".repeat(16), "b2".repeat(16)];
      const present = (...metas) => page => page.present(new Map(metas.length === 0 ? [] : [[`${BO}`, { metas }]]));
      const meta = (phx_ref, owner = OWN) => ({ phx_ref, owner });
      const state = (clock, name, owner = OWN) => page => {
        const json = Buffer.from(JSON.stringify(name === undefined ? null : { name }));
        const bytes = Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 0, 0, BO, 1, BO, clock, json.length]), json, Buffer.from(owner, "hex")]);
        page.receive("awareness", bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
      };
      // What the presences say, what the states say, and the name that is shown at the end.
      const histories = {
        "a page that comes": [[present(), present(meta("1"))], [state(1, "a"), state(2, "b")], "b"],
        "a page that leaves at once": [[present(meta("1")), present()], [state(1, "a"), state(2, "b")], undefined],
        "a page that leaves before the first presences": [[present()], [state(1, "a")], undefined],
        "a page that is back": [[present(meta("1")), present(), present(meta("2"))], [state(1, "a"), state(2, "b")], "b"],
        "a page that is back before its connection has ended": [[present(meta("1")), present(meta("1"), meta("2")), present(meta("2"))], [state(1, "a"), state(2, "b")], "b"],
        "a page that removes its state": [[present(), present(meta("1"))], [state(1, "a"), state(1)], undefined],
        "a page that has a state again": [[present(meta("1")), present(), present(meta("2"))], [state(1, "a"), state(1), state(2, "b")], "b"],
        "another page that had the id meanwhile": [[present(meta("1")), present(meta("2", OTHER)), present(), present(meta("3"))], [state(1, "a"), state(9, "c", OTHER), state(2, "b")], "b"],
        "another page that has the id now": [[present(meta("1")), present(), present(meta("2", OTHER))], [state(9, "a"), state(1, "c", OTHER)], "c"],
      };
      for (const [what, [presences, states, expected]] of Object.entries(histories)) {
        test(what, async () => {
          let count = 0;
          for (const sent of permutations(states)) {
            for (const messages of merges(presences, sent)) {
              const ann = join("ann");
              await pass(220);
              for (const message of messages) message(ann.page);
              assert.equal(ann.awareness.getStates().get(BO)?.name, expected, `order ${++count}`);
              ann.provider.destroy();
              ann.awareness.destroy();
            }
          }
          assert.ok(count >= 2, `${count} orders`);
        });
      }

      for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
        test(`seed ${seed}: pages that come and leave have each other's states, and no other's`, async () => {
          const random = new Random(seed);
          const ofPages = new Random(seed + 1_000_000);
          mock.method(Math, "random", () => ofPages.next());
          server = new ModelServer(random);
          const chance = random.chance.bind(random);
          random.chance = () => false; // no message is lost, all are late
          const here = [];
          for (let step = 0; step < 30; step++) {
            const other = here[random.below(here.length)];
            if (here.length < 2 || (here.length < 6 && chance(0.4))) here.push(join(`p${step}`));
            else if (chance(0.4)) here.splice(here.indexOf(other), 1)[0].provider.destroy();
            else if (chance(0.3)) other.page.cut();
            else if (chance(0.3)) other.awareness.setLocalState(chance(0.5) ? null : { name: `q${step}` });
            await pass(20 * random.below(20));
          }
          await pass(6_000);
          const expected = here.flatMap(({ awareness }) => awareness.getLocalState()?.name ?? []).sort().join();
          for (const each of here) assert.equal(names(each), expected);
        });
      }

      test("few states of those that are not present are kept", async () => {
        const ann = join("ann");
        await pass(1_000);
        const clients = Array.from({ length: 1_000 }, (_, i) => 1_000 + i);
        for (const client of clients) {
          const own = Object.assign(new Y.Doc(), { clientID: client });
          const awareness = new Awareness(own);
          awareness.setLocalState({ name: `${client}` });
          const head = Buffer.alloc(8);
          head.writeBigUInt64BE(BigInt(client));
          const bytes = Buffer.concat([head, encodeAwarenessUpdate(awareness, [client]), Buffer.from(OWN, "hex")]);
          ann.page.receive("awareness", bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
          awareness.destroy();
        }
        ann.page.present(new Map(clients.map(client => [`${client}`, { metas: [meta(`${client}`)] }])));
        assert.equal(ann.awareness.getStates().size, 1 + 256, "the last ones");
      });
    });

    describe("the id of a page", () => {
      const idOf = ({ awareness }) => awareness.clientID;
      const joinAs = (name, clientID, options = {}) => {
        const doc = Object.assign(new Y.Doc(), { clientID });
        doc.getText("t");
        const awareness = new Awareness(doc);
        awareness.setLocalStateField("name", name);
        const page = server.page(name, 0);
        return { page, awareness, provider: open(page, { doc, awareness, ...options }) };
      };

      test("that another page has is not taken: the page takes another one, and both are seen", async () => {
        const ann = joinAs("ann", 17);
        await pass(1_000);
        const eve = joinAs("eve", 17);
        await pass(5_000);
        assert.equal(idOf(ann), 17);
        assert.notEqual(idOf(eve), 17);
        assert.equal(eve.provider.doc.clientID, idOf(eve));
        assert.deepEqual([names(ann), names(eve)], ["ann,eve", "ann,eve"]);
        type(eve.provider, "eve");
        await pass(1_000);
        assert.equal(text(ann.provider), "eve");
      });

      test("that Yjs gives the document while the page joins is that of the page, and others see it", async () => {
        mock.method(console, "warn", () => {});
        mock.method(console, "log", () => {});
        const bo = join("bo");
        await pass(1_000);
        const ann = joinAs("ann", 17);
        const other = Object.assign(new Y.Doc(), { clientID: 17 });
        other.getText("t").insert(0, "under the same id");
        Y.applyUpdate(ann.provider.doc, Y.encodeStateAsUpdate(other));
        assert.notEqual(ann.provider.doc.clientID, 17);
        await pass(5_000);
        assert.equal(idOf(ann), ann.provider.doc.clientID);
        assert.deepEqual([names(ann), names(bo), ann.provider.status.phase], ["ann,bo", "ann,bo", "synced"]);
      });

      test("that two pages have taken at two nodes is left by both, and nothing is lost", async () => {
        server.knowsMembers = false;
        const [ann, eve] = [joinAs("ann", 17), joinAs("eve", 17)];
        const phases = new Set();
        for (const { provider } of [ann, eve]) provider.onStatus(({ phase }) => phases.add(phase));
        type(ann.provider, "ann ");
        await pass(5_000);
        assert.notEqual(idOf(ann), idOf(eve));
        assert.deepEqual([names(ann), names(eve), ann.provider.status.saved], ["ann,eve", "ann,eve", true]);
        assert.deepEqual([...phases].sort(), ["joining", "synced"]);
      });

      test("stays that of the page over connections and providers, also while the old connection is there", async () => {
        const [ann, bo] = [joinAs("ann", 17), join("bo")];
        await pass(1_000);
        const { provider, awareness } = ann;
        const again = open(server.page("ann again", 1), { doc: provider.doc, awareness });
        await pass(1_000);
        assert.deepEqual([idOf(ann), again.status.phase, names(bo)], [17, "synced", "ann,bo"]);
        provider.destroy();
        await pass(1_000);
        awareness.setLocalStateField("name", "anna");
        await pass(1_000);
        assert.deepEqual([idOf(ann), names(bo)], [17, "anna,bo"]);
      });
    });

    describe("the state of another page", () => {
      let warnings;
      beforeEach(() => {
        warnings = [];
        mock.method(console, "warn", (...words) => warnings.push(words));
      });
      afterEach(() => mock.restoreAll());

      const at = fields => ({ type: null, tname: "t", item: null, assoc: 0, ...fields });
      const id = { client: 5, clock: 7 };
      const states = {
        right: [
          {},
          { user: { name: "Bo", color: "#b67a0c", colorLight: "hsl(10 55% 45% / 25%)" }, cursor: null },
          { cursor: { anchor: at(), head: at({ item: id, assoc: -1 }) } },
          { cursor: { anchor: at({ tname: "another" }), head: at() } },
          { selection: { anchor: at({ tname: null, item: id }), head: at({ tname: null, type: id }) }, page: { number: 3 } },
          { user: { name: null, color: null }, selection: { anchor: null, head: null } },
        ],
        hostile: [
          "bo",
          { user: "Bo" },
          { user: { name: { first: "Bo" } } },
          { user: { name: "Bo", color: "url(//example.com/bo)" } },
          { cursor: {} },
          { cursor: 5 },
          { cursor: { anchor: at(), head: null } },
          { user: { name: "Bo", color: "red; position: fixed; inset: 0" } },
          { user: { name: "Bo", colorLight: ["red"] } },
          { cursor: { anchor: {}, head: at() } },
          { cursor: { anchor: at(), head: 5 } },
          { cursor: { anchor: at({ item: { client: 5, clock: -1 } }), head: at() } },
          { cursor: { anchor: at({ item: { client: "5", clock: 1 } }), head: at() } },
          { cursor: { anchor: at({ tname: null }), head: at() } },
          { cursor: { anchor: at({ tname: 5 }), head: at() } },
          { selection: { anchor: at(), head: { type: null, tname: "t" } } },
        ],
      };
      for (const state of states.right) {
        test(`${JSON.stringify(state)} is shared`, async () => {
          const [ann, bo] = [join("ann"), join("bo")];
          bo.awareness.setLocalState(state);
          await pass(1_000);
          assert.deepEqual(ann.awareness.getStates().get(bo.awareness.clientID), state);
          assert.deepEqual(warnings, []);
        });
      }
      for (const state of states.hostile) {
        test(`${JSON.stringify(state)}, which editors cannot show, counts as none`, async () => {
          const [ann, bo] = [join("ann"), join("bo")];
          await pass(1_000);
          assert.equal(names(ann), "ann,bo");
          for (let i = 0; i < 2; i++) {
            bo.awareness.setLocalState(state);
            await pass(1_000);
          }
          assert.equal(names(ann), "ann");
          assert.equal(warnings.length, 1);
          assert.match(warnings[0][0], /acceptState/);
          bo.awareness.setLocalState({ name: "bo" });
          await pass(1_000);
          assert.equal(names(ann), "ann,bo");
        });
      }

      test("names no further types in a document that has many", async () => {
        const [ann, bo] = [join("ann"), join("bo")];
        bo.awareness.setLocalState({ cursor: { anchor: at({ tname: "another" }), head: at() } });
        await pass(1_000);
        assert.ok(ann.awareness.getStates().has(bo.awareness.clientID));
        for (let i = 0; i < 100; i++) ann.provider.doc.getText(`t${i}`);
        bo.awareness.setLocalState({ cursor: { anchor: at({ tname: "third" }), head: at() } });
        await pass(1_000);
        assert.ok(!ann.awareness.getStates().has(bo.awareness.clientID));
      });

      test("is checked by the page instead, if it has a check", async () => {
        const acceptState = state => {
          if (state.page === undefined) throw new Error("no page");
          return state.page > 0;
        };
        const [ann, bo] = [join("ann", { acceptState }), join("bo")];
        for (const [page, isAccepted] of [[0, false], [1, true], [undefined, false]]) {
          bo.awareness.setLocalState({ page, cursor: 5 });
          await pass(1_000);
          assert.equal(ann.awareness.getStates().has(bo.awareness.clientID), isAccepted);
        }
        assert.deepEqual(complaints.splice(0).map(({ message }) => message), ["no page"]);
      });
    });
  });

  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    test(`seed ${seed}: documents are equal, and have all that was typed`, async () => {
      const random = new Random(seed);
      const ofPages = new Random(seed + 1_000_000); // ids of clients and delays; the faults do not depend on them
      mock.method(Math, "random", () => ofPages.next());
      const server = new ModelServer(random);
      server.lostBroadcasts = random.chance(0.5) ? 0.05 : 0;
      server.lostCalls = random.chance(0.3) ? 0.02 : 0;
      const pages = Array.from({ length: 2 + random.below(3) }, (_, i) => server.page(`p${i}`, random.below(3)));
      const docOfPage = () => Object.assign(new Y.Doc(), { clientID: ofPages.below(2 ** 32) });
      const all = pages.map(page => open(page, { doc: docOfPage(), snapshotEvery: 3 + random.below(20) }));
      const losesStore = random.chance(0.2);
      const typed = new Set();
      const ends = [];
      const end = provider => {
        all.splice(all.indexOf(provider), 1);
        ends.push(provider.destroy().then(({ update }) => update && Y.applyUpdate(all[0].doc, update)));
      };
      const steps = 100 + random.below(200);
      for (let step = 0; step < steps; step++) {
        const provider = all[random.below(all.length)];
        const own = provider.doc.getText("t");
        if (random.chance(0.6)) {
          const word = `${step}`;
          typed.add(word);
          provider.doc.getArray("words").insert(random.below(provider.doc.getArray("words").length + 1), [word]);
        }
        if (random.chance(0.5)) own.insert(random.below(own.length + 1), "abc");
        else if (own.length > 0) own.delete(random.below(own.length), 1);
        if (random.chance(0.04)) pages[random.below(pages.length)].cut();
        if (random.chance(0.01)) server.kill(random.below(3));
        if (losesStore && random.chance(0.01)) server.store.clear();
        if (random.chance(0.01) && all.length < 6) {
          const page = server.page(`p${all.length}`, random.below(3));
          pages.push(page);
          all.push(open(page, { doc: docOfPage(), snapshotEvery: 10 }));
        }
        if (random.chance(0.01) && all.length > 2) end(all[random.below(all.length)]);
        await pass(20 * random.below(20));
      }
      server.lostBroadcasts = 0;
      random.chance = () => false; // the faults end
      if (losesStore) for (const page of pages) page.cut();
      await pass(31_000); // the pages that leave have left
      await Promise.all(ends);
      const content = doc => JSON.stringify([doc.getText("t"), doc.getArray("words")]);
      const expected = () => content(docOf([...server.store.log.values()]));
      const isEqual = () => all.every(({ doc, status }) => status.saved && status.phase === "synced" && content(doc) === expected());
      await until(() => `the store has ${expected()}, the pages:\n${all.map(({ doc, status }) => content(doc) + JSON.stringify(status)).join("\n")}`, isEqual);
      const words = docOf([...server.store.log.values()]).getArray("words").toJSON();
      assert.deepEqual([...typed].filter(word => !words.includes(word)), [], "words are missing");
      assert.deepEqual(complaints, []);
    });
  }
});

describe("the npm package of Yjs", () => {
  const run = promisify(execFile);
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const program = `import { connect } from "@heliodor/client";
import { isEditorState, openDocument, type DocumentStatus } from "@heliodor/yjs";
import { Socket } from "phoenix";
import { Awareness } from "y-protocols/awareness";
import { Doc } from "yjs";

const doc = new Doc();
const provider = openDocument(connect(new Socket("/socket")), "doc:1", doc, { awareness: new Awareness(doc), acceptState: (state, own) => isEditorState(state, own) });
const stop: () => void = provider.onStatus(({ phase, saved, writable, error }: DocumentStatus) => console.log(phase, saved, writable, error));
await provider.whenSynced();
stop();
provider.destroy();
`;
  let packed;
  let files;

  before(async () => {
    packed = await PackedClient.make("yjs", "y-protocols", "lib0", "phoenix");
    files = await packed.add("yjs");
    await writeFile(join(packed.folder, "package.json"), JSON.stringify({ type: "module" }));
  });
  after(() => packed?.remove());

  test("has these files, in the version of the client", async () => {
    assert.deepEqual(files, ["LICENSE", "README.md", "package.json", "yjs.d.mts", "yjs.mjs"]);
    const version = async name => JSON.parse(await readFile(join(root, "npm", name, "package.json"), "utf8")).version;
    assert.equal(await version("yjs"), await version("client"));
  });

  test("adds less than 6 kB to a page", async () => {
    const { code } = minifySync("yjs.mjs", await readFile(join(root, "npm/yjs/yjs.mjs"), "utf8"), { module: true });
    const { length } = gzipSync(code);
    assert.ok(length < 6_000, `${length} bytes`);
  });

  for (const version of ["typescript", "typescript5"]) {
    const compile = async text => {
      await writeFile(join(packed.folder, "program.ts"), text);
      const compilerOptions = { noEmit: true, strict: true, skipDefaultLibCheck: true, target: "esnext", module: "esnext", moduleResolution: "bundler", types: [], lib: ["esnext", "dom"] };
      await writeFile(join(packed.folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["program.ts"] }));
      return run("node", [join(root, "interop/node_modules", version, "bin/tsc"), "-p", packed.folder]).then(() => "", ({ stdout }) => stdout);
    };

    test(`a right program compiles with ${version}, and a wrong one does not`, async () => {
      assert.equal(await compile(program), "");
      assert.match(await compile(program.replace("awareness: new", "awarenes: new")), /error TS/);
    });
  }
});
