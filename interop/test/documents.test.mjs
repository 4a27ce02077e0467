import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { Socket } from "phoenix";
import WebSocket from "ws";
import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import { Browser, noBrowser } from "../browser.mjs";
import { BundledPage } from "../bundled-page.mjs";
import { Cluster } from "../cluster.mjs";
import { until } from "../deadline.mjs";
import { DemoCluster } from "../demo-cluster.mjs";
import { blocks } from "../guide.mjs";
import { Proxy } from "../proxy.mjs";
import { RawClient } from "../raw-client.mjs";
import { PackedClient } from "../react.mjs";
import { Server } from "../server.mjs";

const pause = ms => new Promise(resolve => setTimeout(resolve, ms));

/** Providers in this process, over phoenix.js and a real connection. */
class Pages {
  #open = [];

  static async make() {
    const pages = new Pages();
    pages.packed = await PackedClient.make("yjs", "y-protocols", "phoenix");
    await pages.packed.add("yjs");
    const load = name => import(pathToFileURL(join(pages.packed.folder, "node_modules/@heliodor", name)));
    pages.connect = (await load("client/heliodor.mjs")).connect;
    pages.openDocument = (await load("yjs/yjs.mjs")).openDocument;
    return pages;
  }

  /** A provider of a new document at a server, or a proxy. */
  open(server, topic, options = {}) {
    const socket = new Socket(server.socket, { transport: WebSocket, reconnectAfterMs: () => 50, rejoinAfterMs: () => 50 });
    const client = this.connect(socket);
    const doc = new Y.Doc();
    const provider = this.openDocument(client, topic, doc, { ...options, awareness: new Awareness(doc) });
    this.#open.push({ client, provider });
    return provider;
  }

  close() {
    for (const { client, provider } of this.#open) {
      provider.awareness.destroy();
      provider.destroy();
      client.disconnect();
    }
    this.#open = [];
  }

  remove() {
    return this.packed.remove();
  }
}

/** The program of `docs/documents.md`, bundled with the packages that it names. */
async function guidePage() {
  const [{ text }] = (await blocks("docs/documents.md")).filter(({ info }) => info.startsWith("js"));
  return BundledPage.build(text, { playground: ["codemirror", "y-codemirror.next", "y-protocols", "yjs"], interop: ["phoenix"] });
}

const words = ({ doc }) => doc.getArray("words").toJSON();
const text = ({ doc }) => doc.getText("text").toString();
const state = providers => () => providers.map(({ status, doc }) => ({ ...status, words: doc.getArray("words").length, text: doc.getText("text").length }));

/** Waits until all have the same document, and the server has all of it. */
async function equal(providers) {
  const all = () => providers.map(each => JSON.stringify([words(each), text(each)]));
  await until("the documents are equal and saved", () => new Set(all()).size === 1 && providers.every(({ status }) => status.saved && status.phase === "synced"), state(providers));
}

describe("documents over real connections", () => {
  let pages;

  before(async () => (pages = await Pages.make()));
  after(() => pages?.remove());
  afterEach(() => {
    pages.close();
    RawClient.terminateAll();
  });

  test("three clients at three nodes: one node is killed while all write, and nothing is lost", async t => {
    const folder = await mkdtemp(join(tmpdir(), "documents-"));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const cluster = await Cluster.startWith([`--documents ${folder}`], "a", "b", "c");
    t.after(() => cluster.stop());
    const proxies = await Promise.all(cluster.servers.map(server => Proxy.to(server)));
    t.after(() => proxies.forEach(proxy => proxy.close()));
    const providers = proxies.map(proxy => pages.open(proxy, "doc:killed", { snapshotEvery: 20 }));
    await Promise.all(providers.map(each => each.whenSynced()));

    const typed = [];
    const type = async (provider, by) => {
      for (let i = 0; i < 300; i++) {
        const word = `${by}${i}`;
        typed.push(word);
        provider.doc.getArray("words").push([word]);
        const own = provider.doc.getText("text");
        if (i % 3 === 2 && own.length > 10) own.delete(Math.floor(Math.random() * (own.length - 3)), 2);
        else own.insert(Math.floor(Math.random() * own.length), word);
        await pause(10);
      }
    };
    const typing = Promise.all(providers.map((provider, i) => type(provider, "abc"[i])));
    await pause(1_000);
    const [first, second] = cluster.servers;
    await first.kill();
    proxies[0].lead(second);
    await typing;
    await equal(providers);
    assert.deepEqual(typed.filter(word => !words(providers[0]).includes(word)), []);
    assert.equal(new Set(words(providers[0])).size, typed.length, "each word is there once");

    const later = pages.open(cluster.servers[2], "doc:killed");
    await later.whenSynced();
    await equal([...providers, later]);
  });

  test("awareness is shared between nodes, and disappears with its client and with its node", async t => {
    const cluster = await Cluster.start("a", "b");
    t.after(() => cluster.stop());
    const [first, second] = cluster.servers;
    const [ann, bo, cy] = [pages.open(first, "doc:aware"), pages.open(second, "doc:aware"), pages.open(second, "doc:aware")];
    const names = ({ awareness }) => [...awareness.getStates().values()].map(({ name }) => name).filter(Boolean).sort();
    for (const [provider, name] of [[ann, "Ann"], [bo, "Bo"], [cy, "Cy"]]) provider.awareness.setLocalStateField("name", name);
    const see = (provider, expected) => until(`the names are ${expected}`, () => `${names(provider)}` === expected, () => names(provider));
    for (const provider of [ann, bo, cy]) await see(provider, "Ann,Bo,Cy");
    ann.awareness.setLocalStateField("name", "Anna");
    await see(bo, "Anna,Bo,Cy");
    cy.destroy();
    await see(ann, "Anna,Bo");
    const from = performance.now();
    await first.kill();
    await see(bo, "Bo");
    assert.ok(performance.now() - from < 25_000, "before the state expires by itself, after 30 s");
  });

  test("a reader that stalls is closed, delays no writer, and reads the rest after its return", async t => {
    const server = await Server.start("HELIODOR_SERVE");
    t.after(() => server.stop());
    const topic = "doc:stalled";
    const stalled = await RawClient.open(server);
    stalled.send(["1", "1", topic, "phx_join", {}]);
    await stalled.next();
    const writer = pages.open(server, topic, { snapshotEvery: 10 });
    await writer.whenSynced();
    const channels = async () => (await server.health()).channels;
    assert.equal(await channels(), 2);
    stalled.ws.pause();

    // 20 MB and more: the sockets hold some of it, the server up to 16 MiB, and no longer than 10 s.
    let slowest = 0;
    for (let i = 0; i < 300 && (await channels()) === 2; i++) {
      const from = performance.now();
      writer.doc.getMap("map").set("key", randomBytes(50_000).toString("base64"));
      await until("the update is stored", () => writer.status.saved, state([writer]));
      slowest = Math.max(slowest, performance.now() - from);
    }
    await until("the stalled reader is closed", async () => (await channels()) === 1, channels);
    assert.ok(slowest < 5_000, `a write took ${slowest} ms`);

    const back = pages.open(server, topic);
    await back.whenSynced();
    assert.equal(back.doc.getMap("map").get("key"), writer.doc.getMap("map").get("key"));
  });
});

describe("the editor of the demo on three nodes", { skip: noBrowser }, () => {
  let cluster;
  let browser;
  let pages;

  before(async () => {
    pages = await Pages.make();
    cluster = await DemoCluster.start(3);
    browser = await Browser.start();
  });
  after(async () => {
    await browser?.close();
    await cluster?.stop();
    await pages?.remove();
  });
  afterEach(async () => {
    pages.close();
    await browser.closeWindows();
  });

  async function open(node, name, options = { width: 900, height: 640 }) {
    const page = await browser.window(options);
    await page.addInitScript(own => sessionStorage.setItem("heliodor.name", own), name);
    await page.goto(`${cluster.pages[node]}/editor.html#typed`);
    await saved(page);
    return page;
  }

  const saved = page => page.locator("#status-text", { hasText: /^Saved$/ }).waitFor();
  const lines = page => page.locator(".cm-line").evaluateAll(all => all.map(line => [...line.childNodes].filter(({ nodeType, classList }) => nodeType === 3 || !classList.contains("cm-ySelectionCaret")).map(({ textContent }) => textContent).join("")));

  test("three people type at three nodes, one of which is killed: each line is whole, everywhere", async () => {
    const names = ["Ann", "Bo", "Cy"];
    const all = [];
    for (const [node, name] of names.entries()) all.push(await open(node, name));
    for (const page of all) await until("all are named", async () => `${(await page.locator("#writers li").allTextContents()).sort()}` === `${names}`);

    // Each has a line, and types at its end.
    const [ann] = all;
    await ann.locator(".cm-content").click();
    await ann.keyboard.type("Ann:\nBo:\nCy:");
    for (const page of all) await page.locator(".cm-line", { hasText: "Cy:" }).waitFor();
    const expected = [];
    const type = async (page, line) => {
      await page.locator(".cm-line").nth(line).click();
      await page.keyboard.press("End");
      expected[line] = `${names[line]}:`;
      for (let i = 0; i < 40; i++) {
        await page.keyboard.type(` ${i}`, { delay: 5 });
        expected[line] += ` ${i}`;
        await pause(40);
      }
    };
    const typing = Promise.all(all.map(type));
    await pause(1_500);
    process.kill(cluster.pids[0], "SIGKILL");
    await typing;
    for (const page of all) {
      await saved(page);
      await until("the lines are whole", async () => `${await lines(page)}` === `${expected}`, () => lines(page).then(each => console.error(each)));
    }

    const late = await open(1, "Dee");
    assert.deepEqual(await lines(late), expected);
  });

  test("a state of awareness that cannot be shown does not end the cursors of others", async () => {
    const [ann, bo] = [await open(1, "Ann"), await open(2, "Bo")];
    const hostile = pages.open({ socket: `${cluster.pages[1].replace("http", "ws")}/socket` }, "doc:typed");
    await hostile.whenSynced();
    const refusals = [ann, bo].map(page => page.waitForEvent("console", message => message.text().includes("acceptState")));
    hostile.awareness.setLocalState({ user: { name: "Eve", color: "red; position: fixed" }, cursor: { anchor: {}, head: 7 } });
    hostile.doc.getText("text").insert(0, "Eve was here. ");
    await Promise.all(refusals);
    browser.expectComplaints(/acceptState/);
    for (const page of [ann, bo]) await page.locator(".cm-line", { hasText: "Eve was here." }).waitFor();
    await bo.locator(".cm-content").click();
    await bo.keyboard.type("Bo! ");
    await ann.locator(".cm-ySelectionInfo", { hasText: "Bo" }).waitFor({ state: "attached" });
    assert.deepEqual((await ann.locator("#writers li").allTextContents()).sort(), ["Ann", "Bo"]);
  });

  test("the page of the guide is an editor that others see", async () => {
    const guide = await guidePage();
    const all = [];
    for (const node of [1, 2]) {
      const page = await browser.window({ width: 600, height: 400 });
      await guide.on(page);
      await page.goto(`${cluster.pages[node]}/guide/`);
      await page.waitForFunction(() => document.title === "Saved");
      all.push(page);
    }
    const [ann, bo] = all;
    await ann.locator(".cm-content").click();
    await ann.keyboard.type("By the guide");
    await bo.locator(".cm-line", { hasText: "By the guide" }).waitFor();
    await bo.locator(".cm-ySelectionInfo", { hasText: "Ann" }).waitFor({ state: "attached" });

    // The letters of one task, of which the first is under way when the page is left; phoenix.js disconnects at once.
    await ann.evaluate(() => [..." until the end"].forEach(letter => document.execCommand("insertText", false, letter)));
    await ann.goto("about:blank");
    await bo.locator(".cm-line", { hasText: "By the guide until the end" }).waitFor();
  });

  test("the page looks right on a desktop and on a phone", async () => {
    for (const [name, size] of Object.entries({ desktop: { width: 1100, height: 700 }, phone: { width: 360, height: 740 } })) {
      const page = await open(1, "Ann", size);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      if (process.env.HELIODOR_SCREENSHOTS) await page.screenshot({ path: `${process.env.HELIODOR_SCREENSHOTS}/editor-${name}.png` });
    }
  });
});
