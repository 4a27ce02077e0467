import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { Browser, noBrowser } from "../browser.mjs";
import { Cluster } from "../cluster.mjs";
import { until } from "../deadline.mjs";
import { Proxy } from "../proxy.mjs";
import { reactPage } from "../react.mjs";
import { Server } from "../server.mjs";

describe("React", { skip: noBrowser }, () => {
  let server;
  let browser;
  let built;
  let rooms = 0;

  before(async () => {
    [server, browser, built] = await Promise.all([Server.start("HELIODOR_SERVE"), Browser.start(), reactPage()]);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  afterEach(() => browser.closeWindows());

  /** Opens the page, and keeps the events of the frames that it sends. */
  async function open(at, topics, { user = "ann", width = 900, height = 640, more = "" } = {}) {
    const page = await browser.window({ width, height });
    const sent = [];
    page.on("websocket", socket => socket.on("framesent", ({ payload }) => sent.push(JSON.parse(payload))));
    await built.on(page);
    await page.goto(`${at.url}/react/#user=${user}&topics=${topics.join(",")}${more}`);
    const joins = topic => sent.filter(([, , of, event]) => of === topic && event === "phx_join").length;
    return { page, sent, joins };
  }

  const topic = kind => `${kind}:react-${++rooms}`;
  const joined = (page, count) => until(`${count} parts are joined`, async () => (await page.locator('section[data-phase="joined"]').count()) === count);
  const channels = async () => (await server.health()).channels;
  const counter = (page, n = 0) => page.locator("output").nth(n);
  const shows = (locator, text) => until(`it shows ${text}`, async () => (await locator.textContent()) === text, () => locator.page().content());

  test("under StrictMode each topic is joined once, by all parts of the page", async () => {
    const [state, room] = [topic("state"), topic("room")];
    const { page, joins } = await open(server, [state, state, room]);
    await joined(page, 3);
    await page.getByText("1 present: ann").waitFor();
    await page.getByRole("button", { name: "Bump" }).first().click();
    await page.getByText("it is 1").waitFor();
    for (const n of [0, 1]) await shows(counter(page, n), "1");
    assert.deepEqual([joins(state), joins(room), await channels()], [1, 1, 2]);
  });

  test("a part that is hidden leaves its topic, and gets the state anew when it is shown", async () => {
    const state = topic("state");
    const { page, joins } = await open(server, [state]);
    await joined(page, 1);
    for (let round = 1; round <= 5; round++) {
      await page.getByRole("button", { name: "Bump" }).click();
      await shows(counter(page), `${round}`);
      await page.getByRole("button", { name: "Hide" }).click();
      await until("no channel is left", async () => (await channels()) === 0);
      await page.getByRole("button", { name: "Show" }).click();
      await shows(counter(page), `${round}`);
    }
    assert.equal(joins(state), 6);
  });

  test("two tabs see each other and the same messages", async () => {
    const room = topic("room");
    const [ann, bo] = [await open(server, [room]), await open(server, [room], { user: "bo" })];
    for (const { page } of [ann, bo]) await page.getByText("2 present: ann, bo").waitFor();
    for (const text of ["Hello", "again"]) {
      await bo.page.getByLabel(`Say in ${room}`).fill(text);
      await bo.page.keyboard.press("Enter");
    }
    for (const { page } of [ann, bo]) await until("both lines are there", async () => `${await page.locator("li").allTextContents()}` === "Hello,again");
    await bo.page.close();
    await ann.page.getByText("1 present: ann").waitFor();
  });

  test("after cuts a page has joined once more each, and has the state of the server", async t => {
    const proxy = await Proxy.to(server);
    t.after(() => proxy.close());
    const [state, room] = [topic("state"), topic("room")];
    const [cut, other] = [await open(proxy, [state, room]), await open(server, [state], { user: "bo" })];
    await joined(cut.page, 2);
    await joined(other.page, 1);
    for (let round = 1; round <= 3; round++) {
      proxy.cut();
      await cut.page.locator('#connection[data-phase="reconnecting"]').waitFor();
      await other.page.getByRole("button", { name: "Bump" }).click();
      await shows(counter(other.page), `${round}`);
      proxy.mend();
      await shows(counter(cut.page), `${round}`);
      await joined(cut.page, 2);
      await cut.page.getByText("1 present: ann").waitFor();
      assert.deepEqual([cut.joins(state), cut.joins(room)], [round + 1, round + 1]);
    }
    assert.equal(await channels(), 3);
  });

  test("a page whose connection died is back within seconds of being online, or visible", async t => {
    const proxy = await Proxy.to(server);
    t.after(() => proxy.close());
    const state = topic("state");
    const { page } = await open(proxy, [state]);
    const other = await open(server, [state], { user: "bo" });
    const wakes = {
      "the network is back": async () => {
        await page.context().setOffline(true);
        await page.context().setOffline(false);
      },
      // A headless page is never hidden, so the event is made.
      "the page is visible": () => page.evaluate(() => document.dispatchEvent(new Event("visibilitychange"))),
    };
    await joined(page, 1);
    await joined(other.page, 1);
    let round = 0;
    for (const [what, wake] of Object.entries(wakes)) {
      proxy.swallow();
      await other.page.getByRole("button", { name: "Bump" }).click();
      await shows(counter(other.page), `${++round}`);
      assert.equal(await page.locator("#connection").textContent(), "open", what);
      await wake();
      // The heartbeat of phoenix.js would fail after 30 to 60 s.
      await until(what, async () => (await counter(page).textContent()) === `${round}`, () => page.content(), 25_000);
      await joined(page, 1);
    }
  });

  test("a refused join is shown, is not repeated, and leaves nothing at the server", async () => {
    const [secret, room] = [topic("private"), topic("room")];
    const { page, joins } = await open(server, [secret, room]);
    await page.getByText("unauthorized").waitFor();
    await joined(page, 1);
    // Longer than the first delay of phoenix.js.
    await page.getByLabel(`Say in ${room}`).fill("still here");
    await page.clock.install();
    await page.clock.runFor(15_000);
    await page.keyboard.press("Enter");
    await page.getByText("still here").waitFor();
    assert.deepEqual([joins(secret), await channels()], [1, 1]);
  });

  test("an expired token is replaced once, and a refusal is final", async () => {
    const room = topic("room");
    const expired = await open(server, [room], { more: "&socket=/refusing&status=401&tokens=yes" });
    await expired.page.getByText("refused: 401").waitFor();
    assert.equal(await expired.page.evaluate(() => globalThis.tokens), 2);
    const forbidden = await open(server, [room], { more: "&socket=/refusing&status=403" });
    await forbidden.page.getByText("refused: 403").waitFor();
  });

  test("a page goes on at another node when its node is killed", async t => {
    const cluster = await Cluster.start("a", "b");
    t.after(() => cluster.stop());
    const [first, second] = cluster.servers;
    const proxy = await Proxy.to(first);
    t.after(() => proxy.close());
    const [state, room] = [topic("state"), topic("room")];
    const [moved, stayed] = [await open(proxy, [state, room]), await open(second, [room], { user: "bo" })];
    for (const { page } of [moved, stayed]) await page.getByText("2 present: ann, bo").waitFor();
    await first.kill();
    proxy.lead(second);
    await until("the page has joined at the other node", async () => (await second.health()).channels === 3);
    await joined(moved.page, 2);
    for (const { page } of [moved, stayed]) await page.getByText("2 present: ann, bo").waitFor();
    assert.deepEqual([moved.joins(state), moved.joins(room)], [2, 2]);
  });

  test("the page looks right on a desktop and on a phone", async () => {
    for (const [name, size] of Object.entries({ desktop: { width: 1100, height: 700 }, phone: { width: 360, height: 740 } })) {
      const { page } = await open(server, [topic("state"), topic("room"), topic("private")], size);
      await joined(page, 2);
      await page.getByText("unauthorized").waitFor();
      await page.getByText("1 present: ann").waitFor();
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      if (process.env.HELIODOR_SCREENSHOTS) await page.screenshot({ path: `${process.env.HELIODOR_SCREENSHOTS}/react-${name}.png` });
    }
  });
});
