import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Browser, noBrowser } from "../browser.mjs";
import { Cluster } from "../cluster.mjs";
import { takePicture } from "../dashboard-screenshot.mjs";
import { until } from "../deadline.mjs";
import { Client } from "../phoenix-client.mjs";
import { RawClient } from "../raw-client.mjs";

const DESKTOP = { width: 1200, height: 800 };
const PHONE = { width: 390, height: 844, hasTouch: true, isMobile: true };

describe("the dashboard of three nodes", { skip: noBrowser }, () => {
  let cluster;
  let browser;
  let address;

  before(async () => {
    cluster = await Cluster.startWith(["--dashboard"], "amber", "beryl", "citrine");
    const [server] = cluster.servers;
    address = await until("the address is printed", () => /^dashboard (\S+)$/m.exec(server.output)?.[1], () => server.output);
    browser = await Browser.start();
  });
  after(async () => {
    Client.disconnectAll();
    RawClient.terminateAll();
    await browser?.close();
    await cluster?.stop();
  });

  const open = async (path, options) => {
    const page = await browser.window(options);
    await page.goto(address + path);
    await page.locator('#status[data-state="live"]').waitFor();
    return page;
  };
  const row = (page, text) => page.locator("tbody tr", { hasText: text });
  const connect = async (server, user, topic) => {
    const client = new Client(server, { params: { user_id: user } });
    client.room = await client.join(topic);
    return client;
  };
  const fits = page => page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);
  const number = async (page, title) => parseFloat(await page.locator(".figure", { hasText: title }).locator("b").textContent());

  const picture = process.env.HELIODOR_DASHBOARD_SCREENSHOT;
  test("a picture for the README", { skip: picture ? false : "HELIODOR_DASHBOARD_SCREENSHOT names no file" }, () =>
    takePicture(browser, cluster, address, picture));

  test("clients come, talk, stall and go, and a node is killed, on a desktop and on a phone", async () => {
    const [amber, beryl, citrine] = cluster.servers;
    const pages = [await open("", DESKTOP), await open("", PHONE)];
    const each = step => Promise.all(pages.map(step));

    const [ann, , cy] = await Promise.all([
      connect(amber, "ann", "room:stage"),
      connect(beryl, "bo", "room:stage"),
      connect(citrine, "cy", "room:stage"),
      connect(citrine, "di", "room:stage"),
    ]);
    await each(page => until("the clients of all nodes are counted, without the pages", async () => (await number(page, "Connections")) === 4));
    for (const name of ["amber", "beryl", "citrine"]) await each(page => row(page, `${name}@127.0.0.1`).first().waitFor());

    const talk = setInterval(() => [ann, cy].forEach(client => client.room.push("shout", { said: "hello" })), 50);
    await each(page => until("messages come and go", async () => (await number(page, "Messages out")) > 20, () => ""));
    clearInterval(talk);

    // Some that read no more, beside others that do: another one every two seconds, because the server soon closes each of them.
    const slow = await open("#/slow", PHONE);
    const stall = async () => {
      const client = await RawClient.open(beryl, { query: "vsn=2.0.0&user_id=stalled" });
      client.send(["1", "1", "room:stage", "phx_join", {}]);
      await client.next();
      client.ws.pause();
    };
    const stalled = [stall()];
    await stalled[0];
    const more = setInterval(() => stalled.push(stall().catch(() => {})), 2_000); // the server may be busy
    const much = "x".repeat(50_000);
    const flood = setInterval(() => ann.room.push("shout", { much }), 5);
    await row(slow, "users:stalled").first().waitFor();
    assert.ok(await fits(slow), "the slow clients fit a phone");
    await slow.context().close();
    await each(page => row(page, "slow").first().waitFor());
    [flood, more].forEach(clearInterval);
    await Promise.all(stalled);
    RawClient.terminateAll();

    // Others go.
    cy.socket.disconnect();
    await each(page => until("the clients that went are not counted", async () => (await number(page, "Connections")) === 3));

    await citrine.kill();
    const topic = await open("#/topic/room%3Astage", DESKTOP);
    await each(page => until("two nodes are left", async () => (await row(page, "citrine@").count()) === 0));
    await topic.getByText(/^2 members .*, 2 shown/).waitFor();
    await each(async page => {
      await until("two clients are counted", async () => (await number(page, "Connections")) === 2);
      assert.equal(await page.locator("#status").getAttribute("data-state"), "live");
      assert.ok(await fits(page), "the page has its width");
    });
  });
});
