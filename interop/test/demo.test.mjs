import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { Browser, message, noBrowser, online, say, sees } from "../browser.mjs";
import { until } from "../deadline.mjs";
import { takePicture } from "../demo-screenshot.mjs";
import { Server } from "../server.mjs";

describe("the demo page", { skip: noBrowser }, () => {
  let server;
  let browser;
  let rooms = 0;
  const room = () => `demo-${++rooms}`;
  const enter = (...args) => browser.enter(server, ...args);

  before(async () => {
    server = await Server.start("HELIODOR_DEMO");
    browser = await Browser.start();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  afterEach(() => browser.closeWindows());

  test("the page is HTML that allows nothing but its own files", async () => {
    const response = await fetch(server.url);
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type"), /^text\/html; *charset=utf-8/i);
    const html = await response.text();
    assert.match(html, /Content-Security-Policy/);
    assert.match(html, /default-src 'none'/);
  });

  test("a path that climbs out of the page's files finds nothing", async () => {
    for (const path of ["/nothing.mjs", "/%2e%2e/pom.xml", "/..%2f..%2fpom.xml", "/vendor/"]) {
      const response = await fetch(server.url + path);
      assert.equal(response.status, 404, path);
      await response.arrayBuffer();
    }
  });

  test("everything comes from the server itself", async () => {
    const page = await browser.window({ width: 900, height: 640 });
    const asked = [];
    page.on("request", request => asked.push(request.url()));
    await page.goto(server.url);
    await online(page);
    assert.ok(asked.some(url => url.endsWith("/vendor/phoenix.mjs")), asked.join("\n"));
    assert.deepEqual(asked.filter(url => new URL(url).host !== new URL(server.url).host), []);
  });

  test("two people in a room see each other's messages and that the other is typing", async () => {
    const name = room();
    const [ann, bo] = [await enter("Ann", name), await enter("Bo", name)];
    await ann.getByLabel("Message", { exact: true }).pressSequentially("Hello Bo");
    await bo.getByText("Ann is typing…").waitFor();
    await ann.keyboard.press("Enter");
    await sees(bo, "Hello Bo");
    await sees(ann, "Hello Bo");
    await bo.getByText("Ann is typing…").waitFor({ state: "hidden" });
    await bo.getByLabel("Message", { exact: true }).pressSequentially("Hello Ann");
    await ann.getByText("Bo is typing…").waitFor();
    await bo.keyboard.press("Enter");
    await sees(ann, "Hello Ann");
    assert.equal(await ann.locator(".mine .bubble").count(), 1);
    assert.equal(await ann.locator(".bubble").count(), 2);
    assert.match(await ann.locator("#foot-rtt").textContent(), /\d ms$/);
  });

  test("several who type are named together, and forgotten when they stop", async () => {
    const name = room();
    const [ann, bo, cy] = [await enter("Ann", name), await enter("Bo", name), await enter("Cy", name)];
    await Promise.all([bo, cy].map(page => page.getByLabel("Message", { exact: true }).pressSequentially("…")));
    await ann.getByText(/^(Bo and Cy|Cy and Bo) are typing…$/).waitFor();
    await ann.locator('#typing[data-empty="true"]').waitFor();
  });

  test("rooms are apart; the address says which one is shown", async () => {
    const [here, there] = [room(), room()];
    const [ann, bo] = [await enter("Ann", here), await enter("Bo", there)];
    await say(bo, "said there");
    await sees(bo, "said there");
    await ann.getByLabel("Another room").fill(there.toUpperCase());
    await ann.keyboard.press("Enter");
    await ann.waitForURL(`**/#${there}`);
    await online(ann);
    await say(bo, "said again");
    await sees(ann, "said again");
    assert.equal(await message(ann, "said there").count(), 0);
    await ann.goBack();
    await online(ann);
    await say(bo, "said once more");
    await sees(bo, "said once more");
    await say(ann, "said here");
    await sees(ann, "said here");
    assert.equal(await message(ann, "said once more").count(), 0);
    assert.equal(await message(bo, "said here").count(), 0);
  });

  test("a restart of the server is shown, and what was written meanwhile is delivered", async () => {
    const name = room();
    const [ann, bo] = [await enter("Ann", name), await enter("Bo", name)];
    await server.kill();
    await ann.getByText(/^Reconnecting in \d s$/).waitFor();
    await ann.getByText("Write on, it is sent when we are back.").waitFor();
    await bo.getByText(/^Reconnecting in \d s$/).waitFor();
    await say(ann, "written while away");
    await say(ann, "and a second one");
    await ann.locator(".bubble.pending").nth(1).waitFor();
    // In vain as yet, but the tries go on after it.
    await bo.getByRole("button", { name: "Try now" }).click();
    await server.restart();
    await online(bo);
    await online(ann);
    await until("both are confirmed", async () => (await ann.locator(".bubble.pending").count()) === 0, () => "pending");
    assert.deepEqual(await ann.locator(".mine .text").allTextContents(), ["written while away", "and a second one"]);
    await ann.getByText(/^Back after/).waitFor();
    await say(bo, "welcome back");
    await sees(ann, "welcome back");
  });

  test("a message that was under way when the server died is sent again, once", async () => {
    const ann = await enter("Ann", room());
    await say(ann, "before");
    await sees(ann, "before");
    server.freeze();
    await say(ann, "under way");
    await ann.locator(".bubble.pending", { hasText: "under way" }).waitFor();
    await server.kill();
    await server.restart();
    await online(ann);
    await sees(ann, "under way");
    await say(ann, "after");
    await sees(ann, "after");
    assert.deepEqual(await ann.locator(".text").allTextContents(), ["before", "under way", "after"]);
  });

  test("what others send is text and nothing else", async () => {
    const name = room();
    const ann = await enter("Ann", name);
    const eve = await enter("Eve", name);
    await eve.evaluate(async topic => {
      const socket = new WebSocket(`ws://${location.host}/socket/websocket?vsn=2.0.0`);
      await new Promise(resolve => (socket.onopen = resolve));
      const send = (event, payload) => socket.send(JSON.stringify(["1", "1", topic, event, payload]));
      const shout = (from, body, more) => send("shout", { id: `${Math.random()}`.replace("0.", "evil"), from, body, at: 0, ...more });
      send("phx_join", {});
      for (const payload of [{}, { id: "x" }, { from: {}, body: [] }]) send("shout", payload);
      send("whisper", { kind: "typing", from: { a: 1 } });
      shout("", "no name");
      shout("Eve", "   ");
      shout("Eve", "no id", { id: "<b>" });
      shout("<b>Eve</b>", "<img src=x onerror=document.title='owned'>");
      shout("Eve\u202egpj.exe", "x".repeat(100_000));
      shout("Eve", "y\n".repeat(400));
      shout("Eve", "the end");
    }, `room:${name}`);
    await sees(ann, "the end");
    assert.equal(await ann.locator(".bubble").count(), 4);
    assert.equal(await ann.locator(".bubble img").count(), 0);
    assert.match(await ann.locator(".text").first().textContent(), /^<img/);
    const lengths = await ann.locator(".text").evaluateAll(all => all.map(element => element.textContent.length));
    assert.ok(Math.max(...lengths) <= 1000, lengths.join());
    assert.ok(!(await ann.locator("#messages").textContent()).includes("\u202e"));
  });

  test("a reader who has scrolled up stays there and is told of what is new", async () => {
    const name = room();
    const [ann, bo] = [await enter("Ann", name), await enter("Bo", name)];
    for (let n = 1; n <= 25; n++) await say(bo, `line ${n}.`);
    await sees(ann, "line 25.");
    await ann.locator("#log").evaluate(log => (log.scrollTop = 0));
    await ann.evaluate(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    await say(bo, "one more");
    await ann.getByRole("button", { name: "1 new message" }).click();
    await message(ann, "one more").waitFor();
    assert.ok(await ann.locator("#log").evaluate(log => log.scrollHeight - log.scrollTop - log.clientHeight < 2));
    assert.equal(await ann.locator("#pill").isVisible(), false);
  });

  test("the name is remembered", async () => {
    const page = await enter("Ann", room());
    await page.reload();
    await online(page);
    assert.equal(await page.getByRole("button", { name: "Your name: Ann" }).count(), 1);
    assert.equal(await page.getByRole("dialog").isVisible(), false);
  });

  test("a small screen shows all of it, the side panel as a drawer", async () => {
    const page = await enter("Ann", room(), { width: 360, height: 640 });
    await say(page, "a-very-long-word".repeat(20));
    await page.locator(".bubble:not(.pending)").waitFor();
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    assert.equal(await page.getByRole("link", { name: "garden" }).isVisible(), false);
    await page.getByRole("button", { name: "Open the menu" }).click();
    await page.getByRole("link", { name: "garden" }).click();
    await page.waitForURL("**/#garden");
    await online(page);
    await page.getByRole("button", { name: "Open the menu" }).waitFor();
  });

  const picture = process.env.HELIODOR_SCREENSHOT;
  test("a picture for the README", { skip: picture ? false : "HELIODOR_SCREENSHOT names no file" }, () =>
    takePicture(browser, server, picture));
});
