import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { Browser, message, noBrowser, online, present, say, sees } from "../browser.mjs";
import { until } from "../deadline.mjs";
import { DemoCluster } from "../demo-cluster.mjs";
import { takePicture } from "../demo-screenshot.mjs";
import { Proxy } from "../proxy.mjs";
import { Server } from "../server.mjs";
import { long } from "../size.mjs";

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
    await page.locator('#status[data-state="ready"]').waitFor();
    const modules = asked.filter(url => /\/(phoenix|heliodor)\.mjs$/.test(url)).toSorted();
    assert.deepEqual([...new Set(modules)], ["/socket/heliodor.mjs", "/vendor/phoenix.mjs"].map(path => server.url + path));
    assert.deepEqual(asked.filter(url => new URL(url).host !== new URL(server.url).host), []);
  });

  test("two users in a room see each other's messages and that the other is typing", async () => {
    const name = room();
    const [ann, bo] = [await enter("Ann", name), await enter("Bo", name)];
    await typing(ann, "Hello Bo", bo.getByText("Ann is typing…"));
    await ann.keyboard.press("Enter");
    await sees(bo, "Hello Bo");
    await sees(ann, "Hello Bo");
    await bo.getByText("Ann is typing…").waitFor({ state: "hidden" });
    await typing(bo, "Hello Ann", ann.getByText("Bo is typing…"));
    await bo.keyboard.press("Enter");
    await sees(ann, "Hello Ann");
    assert.equal(await ann.locator(".mine .bubble").count(), 1);
    assert.equal(await ann.locator(".bubble").count(), 2);
    await ann.locator("#foot-rtt", { hasText: /\d ms$/ }).waitFor();
  });

  test("several users who type are named together, until they stop", { skip: long }, async () => {
    const name = room();
    const [ann, bo, cy] = [await enter("Ann", name), await enter("Bo", name), await enter("Cy", name)];
    const named = ann.getByText(/^(Bo and Cy|Cy and Bo) are typing…$/);
    await until("both are named", async () => {
      await Promise.all([bo, cy].map(page => page.getByLabel("Message", { exact: true }).pressSequentially("…")));
      return named.isVisible();
    });
    await ann.locator('#typing[data-empty="true"]').waitFor();
  });

  test("rooms are separate; the address names the room that is shown", { skip: long }, async () => {
    const [here, there] = [room(), room()];
    const [ann, bo] = [await enter("Ann", here), await enter("Bo", there)];
    await say(bo, "said there");
    await sees(bo, "said there");
    await ann.getByLabel("Another room").fill(there.toUpperCase());
    await ann.keyboard.press("Enter");
    await ann.waitForURL(`**/#${there}`);
    await present(ann, ["Ann, you", "Bo"]);
    await say(bo, "said again");
    await sees(ann, "said again");
    assert.equal(await message(ann, "said there").count(), 0);
    await ann.goBack();
    await present(ann, ["Ann, you"]);
    await say(bo, "said once more");
    await sees(bo, "said once more");
    await say(ann, "said here");
    await sees(ann, "said here");
    assert.equal(await message(ann, "said once more").count(), 0);
    assert.equal(await message(bo, "said here").count(), 0);
  });

  test("all see all users; a user in two windows is one user with two tabs", async () => {
    const name = room();
    const ann = await enter("Ann", name);
    await present(ann, ["Ann, you"]);
    const bo = await enter("Bo", name);
    await present(ann, ["Ann, you", "Bo"]);
    await present(bo, ["Bo, you", "Ann"]);
    const again = await enter("Bo", name);
    await present(ann, ["Ann, you", "Bo, 2 tabs"]);
    await present(bo, ["Bo, you, 2 tabs", "Ann"]);
    await present(again, ["Bo, you, 2 tabs", "Ann"]);
    assert.equal(await ann.locator("#people-count").textContent(), "2");
    await again.close();
    await present(ann, ["Ann, you", "Bo"]);
    await bo.close();
    await present(ann, ["Ann, you"]);
    await ann.locator("#people-spoken").getByText("Bo left.").waitFor({ state: "attached" });
  });

  test("a user who changes the name is present under the new one only, and misses nothing", { skip: long }, async t => {
    const name = room();
    const proxy = await Proxy.to(server);
    t.after(() => proxy.close());
    const ann = await browser.enter(proxy, "Ann", name);
    const bo = await enter("Bo", name);
    const rename = async other => {
      await ann.getByRole("button", { name: "Your name" }).click();
      await ann.getByRole("textbox", { name: "Your name" }).fill(other);
      await ann.getByRole("button", { name: "Save" }).click();
    };
    await rename("Anna");
    await say(bo, "said meanwhile");
    await sees(ann, "said meanwhile");
    await present(bo, ["Bo, you", "Anna"]);
    await present(ann, ["Anna, you", "Bo"]);
    assert.equal(await ann.locator(".note").count(), 0);
    // While there is no connection, too.
    proxy.cut();
    await ann.getByText(/^Reconnecting in \d s$/).waitFor();
    await rename("Annie");
    await say(bo, "said while Annie was out");
    await sees(bo, "said while Annie was out");
    proxy.mend();
    await ann.getByText("1 message was caught up.").waitFor();
    await present(bo, ["Bo, you", "Annie"]);
    await present(ann, ["Annie, you", "Bo"]);
    await say(ann, "Annie speaking");
    await sees(bo, "Annie speaking");
    assert.deepEqual(await ann.locator(".text").allTextContents(),
      ["said meanwhile", "said while Annie was out", "Annie speaking"]);
  });

  test("a name is text, whatever its characters", { skip: long }, async () => {
    const name = room();
    const ann = await enter("Ann", name);
    const names = ["<img src=x onerror=1>", "__proto__", "constructor", "\u200b"];
    await ann.evaluate(async ([topic, users]) => {
      for (const user of users) {
        const socket = new WebSocket(`ws://${location.host}/socket/websocket?vsn=2.0.0`);
        await new Promise(resolve => (socket.onopen = resolve));
        socket.send(JSON.stringify(["1", "1", topic, "phx_join", { user }]));
      }
    }, [`history:${name}`, names]);
    await present(ann, ["Ann, you", "__proto__", "<img src=x onerror=1>", "constructor", "Somebody"]);
    assert.equal(await ann.locator("#people img").count(), 0);
    // Whoever comes now gets all of them in one state instead of one by one.
    const bo = await enter("Bo", name);
    await present(bo, ["Bo, you", "__proto__", "<img src=x onerror=1>", "Ann", "constructor", "Somebody"]);
  });

  test("a list of many users scrolls and moves nothing else", { skip: long }, async () => {
    const name = room();
    const ann = await enter("Ann", name);
    await present(ann, ["Ann, you"]);
    const places = () => ann.evaluate(() => {
      const place = id => JSON.stringify(document.getElementById(id).getBoundingClientRect());
      return ["rooms", "about", "me", "composer", "people-title"].map(place);
    });
    const before = await places();
    await ann.evaluate(topic => {
      for (let n = 1; n <= 120; n++) {
        const socket = new WebSocket(`ws://${location.host}/socket/websocket?vsn=2.0.0`);
        socket.onopen = () => socket.send(JSON.stringify(["1", "1", topic, "phx_join", { user: `guest ${n}` }]));
      }
    }, `history:${name}`);
    await ann.getByText("and 21 more").waitFor({ state: "attached" });
    assert.equal(await ann.locator("#people-count").textContent(), "121");
    assert.deepEqual(await places(), before);
  });

  test("a client that was cut off gets all messages of the meantime, in order, once", async t => {
    const name = room();
    const proxy = await Proxy.to(server);
    t.after(() => proxy.close());
    const ann = await enter("Ann", name);
    const bo = await browser.enter(proxy, "Bo", name);
    await say(ann, "before");
    await sees(bo, "before");
    for (const round of ["first", "second"]) {
      proxy.cut();
      await bo.getByText(/^Reconnecting in \d s$/).waitFor();
      await present(ann, ["Ann, you"]);
      for (let n = 1; n <= 3; n++) await say(ann, `${round} ${n}`);
      await say(bo, `${round} of Bo`);
      await sees(ann, `${round} 3`);
      proxy.mend();
      await sees(bo, `${round} of Bo`);
      await bo.locator(".note").nth(round === "first" ? 0 : 1).getByText("3 messages were caught up.").waitFor();
      await present(ann, ["Ann, you", "Bo"]);
      await present(bo, ["Bo, you", "Ann"]);
    }
    await say(ann, "after");
    await sees(bo, "after");
    const said = round => [1, 2, 3].map(n => `${round} ${n}`);
    for (const page of [ann, bo]) {
      assert.deepEqual(await page.locator(".text").allTextContents(),
        ["before", ...said("first"), "first of Bo", ...said("second"), "second of Bo", "after"]);
    }
  });

  test("a message that is written without a connection looks unsent, and then takes its place", async t => {
    const name = room();
    const proxy = await Proxy.to(server);
    t.after(() => proxy.close());
    const ann = await enter("Ann", name);
    const bo = await browser.enter(proxy, "Bo", name);
    const look = bubble => bubble.evaluate(each => {
      const { borderTopStyle, backgroundImage } = getComputedStyle(each);
      return [borderTopStyle, backgroundImage === "none" ? "empty" : "filled", each.closest("ol").id];
    });
    const bubble = (page, text) => page.locator(".bubble", { hasText: text });
    await say(bo, "sent");
    await sees(bo, "sent");
    assert.deepEqual(await look(bubble(bo, "sent")), ["solid", "filled", "messages"]);
    proxy.cut();
    await bo.getByText(/^Reconnecting in \d s$/).waitFor();
    await say(bo, "written first");
    await say(bo, "written then");
    for (const text of ["written first", "written then"]) {
      await bubble(bo, text).getByText("not sent yet").waitFor();
      await until("it looks unsent", async () => `${await look(bubble(bo, text))}` === "dashed,empty,unsent", () => text);
    }
    await say(ann, "said meanwhile");
    await sees(ann, "said meanwhile");
    proxy.mend();
    await sees(ann, "written then");
    await sees(bo, "written then");
    for (const page of [ann, bo]) {
      assert.deepEqual(await page.locator(".text").allTextContents(), ["sent", "said meanwhile", "written first", "written then"]);
    }
    assert.deepEqual(await look(bubble(bo, "written then")), ["solid", "filled", "messages"]);
    assert.equal(await bo.locator(".state").count(), 0);
  });

  test("a message whose reply was lost appears once at all clients", { skip: long }, async t => {
    const name = room();
    const proxy = await Proxy.to(server);
    t.after(() => proxy.close());
    const ann = await enter("Ann", name);
    const bo = await browser.enter(proxy, "Bo", name);
    proxy.mute();
    await say(bo, "on its way");
    await sees(ann, "on its way");
    proxy.cut();
    await bo.getByText(/^Reconnecting in \d s$/).waitFor();
    await say(ann, "meanwhile");
    proxy.mend();
    await sees(bo, "on its way");
    await sees(bo, "meanwhile");
    await bo.getByText("1 message was caught up.").waitFor();
    await say(bo, "the end");
    for (const page of [ann, bo]) {
      await sees(page, "the end");
      assert.deepEqual(await page.locator(".text").allTextContents(), ["on its way", "meanwhile", "the end"]);
    }
  });

  test("a client that missed more than is kept gets a notice", { skip: long }, async t => {
    const name = room();
    const proxy = await Proxy.to(server);
    t.after(() => proxy.close());
    const ann = await enter("Ann", name);
    const bo = await browser.enter(proxy, "Bo", name);
    await say(ann, "before");
    await sees(bo, "before");
    proxy.cut();
    await bo.getByText(/^Reconnecting in \d s$/).waitFor();
    await shout(ann, name, 101);
    await sees(ann, "line 101.");
    proxy.mend();
    await bo.getByText(/^Back after \d+ s, too late to catch up: older messages are gone\.$/).waitFor();
    await say(ann, "after");
    await sees(bo, "after");
    assert.deepEqual(await bo.locator(".text").allTextContents(), ["before", "after"]);
  });

  test("a room that is entered again has the messages since", { skip: long }, async () => {
    const [here, there] = [room(), room()];
    const [ann, bo] = [await enter("Ann", here), await enter("Bo", here)];
    await say(bo, "before");
    await sees(ann, "before");
    await ann.getByLabel("Another room").fill(there);
    await ann.keyboard.press("Enter");
    await present(ann, ["Ann, you"]);
    await say(bo, "while Ann was out");
    await sees(bo, "while Ann was out");
    await ann.goBack();
    await sees(ann, "while Ann was out");
    await ann.getByText(/^Back after \d+ s\. 1 message was caught up\.$/).waitFor();
    assert.deepEqual(await ann.locator(".text").allTextContents(), ["before", "while Ann was out"]);
  });

  test("a restart of the server is shown, and messages of the meantime are delivered", { skip: long }, async () => {
    const name = room();
    const [ann, bo] = [await enter("Ann", name), await enter("Bo", name)];
    await say(ann, "before");
    await sees(bo, "before");
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
    assert.deepEqual(await ann.locator(".mine .text").allTextContents(), ["before", "written while away", "and a second one"]);
    await ann.getByText(/^Back after \d+ s, too late to catch up: older messages are gone\.$/).waitFor();
    await present(ann, ["Ann, you", "Bo"]);
    await say(bo, "welcome back");
    await sees(ann, "welcome back");
    const said = await bo.locator(".text").allTextContents();
    assert.deepEqual(said.toSorted(), [...new Set(said)].sort());
    assert.equal(said[0], "before");
  });

  test("a message in flight when the server is killed is sent again, once", { skip: long }, async () => {
    const ann = await enter("Ann", room());
    await say(ann, "before");
    await sees(ann, "before");
    await server.freeze();
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

  test("messages of other users are text, not HTML", async () => {
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
    }, `history:${name}`);
    await sees(ann, "the end");
    assert.equal(await ann.locator(".bubble").count(), 4);
    assert.equal(await ann.locator(".bubble img").count(), 0);
    assert.match(await ann.locator(".text").first().textContent(), /^<img/);
    const lengths = await ann.locator(".text").evaluateAll(all => all.map(element => element.textContent.length));
    assert.ok(Math.max(...lengths) <= 1000, lengths.join());
    assert.ok(!(await ann.locator("#messages").textContent()).includes("\u202e"));
  });

  test("an address in a message is a link; all other text stays text", { skip: long }, async () => {
    const name = room();
    const [ann, bo] = [await enter("Ann", name), await enter("Bo", name)];
    const text = [
      "see https://example.org/a?b=1&c=(d), (http://example.org/x) and HTTPS://EXAMPLE.ORG/y!",
      "not javascript:alert(1) data:text/html,x ftp://example.org www.example.org xhttp://example.org",
      'nor https://bank.example@evil.example/ nor http:// "https://example.org/<b>z</b>"',
    ].join("\n");
    await ann.getByLabel("Message", { exact: true }).fill(text);
    await ann.keyboard.press("Enter");
    for (const page of [ann, bo]) {
      await sees(page, "see https://example.org");
      const links = page.locator(".text a");
      assert.deepEqual(await links.evaluateAll(all => all.map(link => [link.textContent, link.href])), [
        ["https://example.org/a?b=1&c=(d)", "https://example.org/a?b=1&c=(d)"],
        ["http://example.org/x", "http://example.org/x"],
        ["HTTPS://EXAMPLE.ORG/y", "https://example.org/y"],
        ["https://example.org/", "https://example.org/"],
      ]);
      assert.deepEqual(await links.evaluateAll(all => [...new Set(all.map(link => `${link.rel} ${link.target}`))]), ["noopener _blank"]);
      assert.equal(await page.locator(".text").textContent(), text);
      assert.equal(await page.locator(".text b").count(), 0);
    }
  });

  test("a room without messages shows who is in it", { skip: long }, async () => {
    const name = room();
    const ann = await enter("Ann", name);
    const empty = ann.locator("#empty");
    await empty.getByText(`You are alone in #${name}.`).waitFor();
    await empty.getByText("Say hello, or open this page in a second window.").waitFor();
    const bo = await enter("Bo", name);
    await empty.getByText("Bo is here.").waitFor();
    await bo.locator("#empty").getByText("Ann is here.").waitFor();
    await enter("Cy", name);
    await empty.getByText("Bo and Cy are here.").waitFor();
    await say(bo, "Hello");
    await sees(ann, "Hello");
    assert.equal(await empty.isVisible(), false);
  });

  test("presence and typing are not shown without a connection", { skip: long }, async t => {
    const name = room();
    const proxy = await Proxy.to(server);
    t.after(() => proxy.close());
    const ann = await browser.enter(proxy, "Ann", name);
    const bo = await enter("Bo", name);
    await present(ann, ["Ann, you", "Bo"]);
    await say(ann, "before");
    await sees(ann, "before");
    await ann.locator("#foot-rtt", { hasText: /\d ms$/ }).waitFor();
    proxy.cut();
    await ann.getByText(/^Reconnecting in \d s$/).waitFor();
    await present(ann, []);
    await ann.getByText("Shown when we are connected.").waitFor();
    assert.equal(await ann.locator("#people-count").textContent(), "");
    assert.equal(await ann.locator("#foot-rtt").textContent(), "");
    assert.equal(await ann.getByRole("button", { name: "Cut the connection" }).isDisabled(), true);
    proxy.mend();
    await present(ann, ["Ann, you", "Bo"]);
    assert.equal(await ann.getByText("Shown when we are connected.").isVisible(), false);
    await present(bo, ["Bo, you", "Ann"]);
  });

  test("a button cuts the connection for five seconds; the missed messages arrive then", { skip: long }, async () => {
    const name = room();
    const [ann, bo] = [await enter("Ann", name), await enter("Bo", name)];
    await say(bo, "before");
    await sees(ann, "before");
    // Its five seconds do not pass before the others have written. The clock stops at a minute from now: a busy
    // machine can need a second to stop it, and no clock stops in the past.
    await ann.clock.install();
    await ann.clock.pauseAt(await ann.evaluate(() => Date.now() + 60_000));
    await ann.getByRole("button", { name: "Cut the connection for 5 s" }).click();
    await ann.clock.runFor(100);
    await ann.getByText(/^Cut off for \d s$/).waitFor();
    await ann.getByText("Write on, it is sent when we are back.").waitFor();
    assert.equal(await ann.getByRole("button", { name: "Try now" }).isVisible(), false);
    await present(bo, ["Bo, you"]);
    await say(bo, "meanwhile");
    await say(bo, "and again");
    await say(ann, "from the dark");
    // It stays unsent in a room that is left and entered again.
    const unsent = ann.locator("#unsent .bubble", { hasText: "from the dark" });
    await unsent.waitFor();
    await ann.getByLabel("Another room").fill(room());
    await ann.keyboard.press("Enter");
    await unsent.waitFor({ state: "detached" });
    await ann.goBack();
    await unsent.waitFor();
    await ann.clock.resume();
    await online(ann);
    await ann.getByText(/^Back after \d+ s\. 2 messages were caught up\.$/).waitFor();
    for (const page of [ann, bo]) await sees(page, "from the dark");
    await present(ann, ["Ann, you", "Bo"]);
    for (const page of [ann, bo]) {
      assert.deepEqual(await page.locator(".text").allTextContents(), ["before", "meanwhile", "and again", "from the dark"]);
    }
    assert.equal(await ann.getByRole("button", { name: "Cut the connection for 5 s" }).isEnabled(), true);
  });

  test("a reader who has scrolled up stays there and sees a notice of new messages", { skip: long }, async () => {
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

  test("a small screen shows all of it, the side panel as a drawer", { skip: long }, async () => {
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
    await page.getByRole("button", { name: "1 person here: show who" }).click();
    await page.getByRole("list", { name: "Here now" }).getByText("Ann").waitFor();
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate(() => document.activeElement.id), "here");
    for (const width of [800, 680, 640, 360]) {
      await page.setViewportSize({ width, height: 640 });
      assert.ok(await page.locator(".foot").evaluate(foot => foot.scrollWidth <= foot.clientWidth), `the footer at ${width} px`);
    }
  });

  test("each touch target has 44 px", { skip: long }, async t => {
    const proxy = await Proxy.to(server);
    t.after(() => proxy.close());
    const phone = { width: 360, height: 740, hasTouch: true, isMobile: true };
    const page = await browser.window(phone);
    await page.goto(`${proxy.url}/#${room()}`);
    await page.getByRole("button", { name: "Another" }).waitFor();
    const small = () => page.locator("button, a, input, textarea, summary").evaluateAll(all =>
      all.filter(each => each.checkVisibility({ visibilityProperty: true }) && each.id !== "skip")
        .map(each => [each.id || each.textContent || each.ariaLabel, each.getBoundingClientRect()])
        // While the drawer slides, the browser rounds: 43.99998.
        .filter(([, { width, height }]) => Math.round(width) < 44 || Math.round(height) < 44)
        .map(([name, { width, height }]) => `${name} ${width} x ${height}`));
    assert.deepEqual(await small(), []);
    await page.getByRole("textbox", { name: "Your name" }).fill("Ann");
    await page.getByRole("button", { name: "Come in" }).click();
    await online(page);
    assert.deepEqual(await small(), []);
    await page.getByRole("button", { name: "Open the menu" }).click();
    await page.getByLabel("Another room").focus();
    assert.deepEqual(await small(), []);
    await page.keyboard.press("Escape");
    proxy.cut();
    await page.getByRole("button", { name: "Try now" }).waitFor();
    assert.deepEqual(await small(), []);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  });

  /** Types a text, which shows a sign: not for long, so that it is awaited from the beginning. */
  const typing = (page, text, sign) =>
    Promise.all([sign.waitFor(), page.getByLabel("Message", { exact: true }).pressSequentially(text)]);

  /** Many lines at once, from a connection of the test's own. */
  const shout = (page, name, many) =>
    page.evaluate(async ([topic, lines]) => {
      const socket = new WebSocket(`ws://${location.host}/socket/websocket?vsn=2.0.0`);
      await new Promise(resolve => (socket.onopen = resolve));
      socket.send(JSON.stringify(["1", "1", topic, "phx_join", {}]));
      for (let n = 1; n <= lines; n++) {
        const message = { id: `line-no-${n}`, from: "Cy", body: `line ${n}.`, at: Date.now() };
        socket.send(JSON.stringify(["1", null, topic, "shout", message]));
      }
    }, [`history:${name}`, many]);

  const picture = process.env.HELIODOR_SCREENSHOT;
  test("a picture for the README", { skip: picture ? false : "HELIODOR_SCREENSHOT names no file" }, () =>
    takePicture(browser, server, picture));
});

describe("the demo page on three nodes", { skip: noBrowser }, () => {
  const PHONE = { width: 390, height: 844, hasTouch: true, isMobile: true };
  let cluster;
  let browser;

  before(async () => {
    cluster = await DemoCluster.start(3);
    browser = await Browser.start();
  });
  after(async () => {
    await browser?.close();
    await cluster?.stop();
  });
  afterEach(() => browser.closeWindows());

  const enter = (node, name, options) => browser.enter({ url: cluster.pages[node] }, name, "lobby", options);
  const cards = page => page.locator(".node");
  const threeNodes = async page => {
    for (let n = 0; n < 3; n++) await cards(page).nth(n).waitFor({ state: "attached" });
  };

  test("on a phone the people come into view by the button that has their number", async () => {
    const ann = await enter(0, "Ann", PHONE);
    await enter(1, "Bo", PHONE);
    await threeNodes(ann);
    await ann.getByRole("button", { name: "2 people here: show who" }).click();
    const inView = name => ann.locator("#people li", { hasText: name }).evaluate(row => {
      const { top, bottom } = row.getBoundingClientRect();
      const shown = document.getElementById("side-scroll").getBoundingClientRect();
      return top >= shown.top && bottom <= shown.bottom;
    });
    for (const name of ["Ann", "Bo"]) assert.ok(await inView(name), name);
    await ann.keyboard.press("Escape");
    await ann.getByRole("button", { name: "Open the menu" }).click();
    assert.equal(await ann.locator("#side-scroll").evaluate(side => side.scrollTop), 0, "the menu begins with the rooms");
    assert.ok(await ann.locator("#side").evaluate(side => side.scrollWidth <= side.clientWidth));
    const { width, height } = await cards(ann).first().getByRole("button", { name: /^Copy the command/ }).boundingBox();
    assert.ok(Math.round(width) >= 44 && Math.round(height) >= 44, `${width} x ${height}`);
  });

  test("the side panel of a window of 1280 x 800 shows all without scrolling", async () => {
    const ann = await enter(0, "Ann", { width: 1280, height: 800 });
    await threeNodes(ann);
    const sizes = await ann.locator("#side-scroll").evaluate(side => [side.scrollHeight, side.clientHeight]);
    assert.equal(sizes[0], sizes[1]);
  });

  test("the users of a node stand on its line; those who have no room there are counted", async () => {
    const ann = await enter(0, "Ann", { height: 800 });
    await threeNodes(ann);
    const line = () => cards(ann).first().evaluate(node => {
      const middle = element => {
        const { top, bottom } = element.getBoundingClientRect();
        return (top + bottom) / 2;
      };
      const at = middle(node.querySelector(".node-name"));
      const users = [...node.querySelectorAll(".node-users > *")];
      return {
        users: users.map(user => user.textContent),
        level: users.every(user => Math.abs(middle(user) - at) < 6),
        inside: users.every(user => user.getBoundingClientRect().right <= node.getBoundingClientRect().right),
      };
    });
    const shows = async users => {
      let seen;
      await until(`the users are ${users}`, async () => `${(seen = await line()).users}` === `${users}`, () => JSON.stringify(seen));
      assert.deepEqual(await line(), { users, level: true, inside: true });
    };
    await shows(["A"]);
    for (const name of ["Bo", "Cy", "Dee"]) await enter(0, name);
    await shows(["A", "B", "C", "D"]);
    for (const name of ["Eve", "Flo"]) await enter(0, name);
    await shows(["A", "B", "C", "+3"]);
  });

  test("a button copies the command that ends a node", async () => {
    const ann = await enter(0, "Ann", { height: 800, permissions: ["clipboard-read", "clipboard-write"] });
    await threeNodes(ann);
    const copy = cards(ann).nth(1).getByRole("button", { name: "Copy the command that ends node b" });
    await copy.click();
    await cards(ann).nth(1).getByText("Copied").waitFor();
    assert.equal(await ann.evaluate(() => navigator.clipboard.readText()), `kill -9 ${cluster.pids[1]}`);
    await cards(ann).nth(1).getByText("Copy", { exact: true }).waitFor();
    // Without a clipboard, as over http from another machine.
    await ann.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
    const other = cards(ann).nth(2);
    await other.getByRole("button", { name: "Copy the command that ends node c" }).click();
    await other.getByText(/^(Copied|Selected)$/).waitFor();
    assert.equal(await ann.evaluate(() => `${getSelection()}`), `kill -9 ${cluster.pids[2]}`);
  });

  test("a page of an allowed origin imports the module, and no page of another one", async () => {
    const page = await browser.window({ width: 390, height: 640 });
    const imports = url => page.evaluate(each => import(each).then(module => Object.keys(module), () => "refused"), url);
    await page.goto(new URL("/health", cluster.pages[0]).href);
    assert.deepEqual(await imports(new URL("/socket/heliodor.mjs", cluster.pages[1]).href), ["connect", "onRefused", "refresh", "withHistory"]);
    const alone = await Server.start("HELIODOR_DEMO");
    try {
      assert.equal(await imports(`${alone.url}/socket/heliodor.mjs`), "refused");
      // The page of /health has no icon.
      browser.expectComplaints(/heliodor\.mjs|Failed to load resource/);
    } finally {
      await alone.stop();
    }
  });

  test("after a change of node a line has both nodes and the time", async () => {
    const [ann, bo] = [await enter(0, "Ann"), await enter(1, "Bo")];
    await say(ann, "before");
    await sees(bo, "before");
    process.kill(cluster.pids[1], "SIGKILL");
    await bo.locator(".note").getByText(/^Moved from b to [ac] in \d+(\.\d)? s\b/).waitFor();
    assert.equal(await bo.locator(".note").count(), 1);
    await say(bo, "after");
    await sees(ann, "after");
    assert.equal(await ann.locator(".note").count(), 0);
  });
});
