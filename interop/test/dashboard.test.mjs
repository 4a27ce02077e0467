import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { Browser, noBrowser } from "../browser.mjs";
import { until, within } from "../deadline.mjs";
import { Cluster } from "../cluster.mjs";
import { Client } from "../phoenix-client.mjs";
import { Server } from "../server.mjs";

const HOSTILE = "ev\u202eil<img src=x onerror=alert(1)>";
const SHOWN = "users:ev\\u{202e}il<img src=x onerror=alert(1)>";

describe("the dashboard", { skip: noBrowser }, () => {
  let server;
  let browser;
  let address;

  before(async () => {
    server = await Server.start("HELIODOR_SERVE", "--dashboard");
    address = await until("the address is printed", () => /^dashboard (\S+)$/m.exec(server.output)?.[1], () => server.output);
    browser = await Browser.start();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  afterEach(async () => {
    Client.disconnectAll();
    await browser.closeWindows();
  });

  const open = async (path = "", options = { width: 1100, height: 700 }) => {
    const page = await browser.window(options);
    await page.goto(address + path);
    await page.locator('#status[data-state="live"]').waitFor();
    return page;
  };
  const row = (page, text) => page.locator("tbody tr", { hasText: text });
  const calls = async page => {
    const counted = { frames: 0 };
    const session = await page.context().newCDPSession(page);
    await session.send("Network.enable");
    session.on("Network.webSocketFrameSent", () => counted.frames++);
    return counted;
  };
  const connect = async (user, ...topics) => {
    const client = new Client(server, { params: { user_id: user } });
    for (const topic of topics) await client.join(topic);
    return client;
  };

  test("the token leaves the address, and a reload keeps the page", async () => {
    const page = await open();
    assert.equal(page.url(), new URL("/dashboard", address).href);
    await row(page, "this page").waitFor();
    await page.reload();
    browser.expectComplaints(/401/);
    await page.locator('#status[data-state="live"]').waitFor();
    assert.doesNotMatch(page.url(), /token/);
  });

  test("without the token the page asks for it, and another window does not have it", async () => {
    const page = await browser.window({ width: 600, height: 500 });
    await page.goto(new URL("/dashboard?token=a-token-of-somebody-else", address).href);
    await page.getByRole("heading", { name: "Token needed" }).waitFor();
    assert.doesNotMatch(page.url(), /token/);
    browser.expectComplaints(/401/);
    await page.getByLabel("Token").fill(new URL(address).searchParams.get("token"));
    await page.getByRole("button", { name: "Open the dashboard" }).click();
    await page.locator('#status[data-state="live"]').waitFor();
  });

  test("numbers change while the page is open", async () => {
    const page = await open();
    const connections = () => page.locator(".figure", { hasText: "Connections" }).locator("b").textContent();
    await until("the page does not count its own connection", async () => (await connections()) === "0", connections);
    await connect("ann", "room:numbers");
    await connect("bo", "room:numbers");
    await until("the page counts those of the application", async () => (await connections()) === "2", connections);
  });

  test("a user is found by a part of the id, with connections and topics; hostile names are text", async () => {
    await connect(HOSTILE, "room:one", "room:two");
    await connect(HOSTILE, "room:one");
    const page = await open("#/users");
    await page.keyboard.press("/");
    await page.keyboard.type("il<img");
    await page.getByRole("link", { name: SHOWN }).click();
    await page.getByRole("heading", { name: SHOWN }).waitFor();
    await page.getByText("2 connections, 2 shown").waitFor();
    assert.match(await row(page, "room:one").textContent(), /room:one2/);
    await page.getByRole("link", { name: "room:one" }).click();
    await page.getByText(/^2 members, 2 shown/).waitFor();
    assert.equal(await page.locator("main img").count(), 0);
  });

  test("an id that is cut within a character hides no other row", async () => {
    await connect(`a${"😀".repeat(130)}`, "room:cut");
    await connect("ordinary", "room:cut");
    const page = await open("#/topic/room%3Acut");
    await page.getByText(/^2 members, 2 shown/).waitFor();
    await page.getByRole("link", { name: "users:ordinary" }).click();
    await page.getByText("1 connections, 1 shown").waitFor();
    await page.getByRole("link", { name: "Users", exact: true }).click();
    await row(page, "users:ordinary").waitFor();
  });

  test("the enter key focuses the first result, and one step back leaves the search", async () => {
    await connect("ann", "room:entered");
    const page = await open("#/topic/room%3Aentered");
    await page.getByText(/^1 members/).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("entered");
    await page.keyboard.press("Enter");
    await page.locator("td a:focus", { hasText: "room:entered" }).waitFor();
    await page.goBack();
    await page.getByRole("heading", { name: "room:entered" }).waitFor();
  });

  test("a reload after the link to the content shows the overview", async () => {
    const page = await open();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    assert.match(page.url(), /#main$/);
    await page.reload();
    browser.expectComplaints(/401/);
    await row(page, "this page").waitFor();
  });

  test("topics are sorted by their members", async () => {
    await connect("ann", "room:sorted-small", "room:sorted-large");
    await connect("bo", "room:sorted-large");
    const page = await open("#/topics/sorted-");
    await row(page, "sorted-small").waitFor();
    assert.deepEqual(await page.locator("tbody td a").allTextContents(), ["room:sorted-large", "room:sorted-small"]);
  });

  test("handlers and events are shown since the page is open", async () => {
    const page = await open("#/handlers");
    await page.getByText("No handler has run").waitFor();
    const client = await connect("ann", "room:timed");
    await row(page, "room:*").first().waitFor();
    await page.getByRole("link", { name: "Events" }).click();
    await page.getByRole("heading", { name: "Events of connections" }).waitFor();
    client.socket.disconnect();
    // The observation begins with the first call of the page.
    await until("a disconnect is shown", async () => {
      (await connect("ann")).socket.disconnect();
      return (await row(page, "disconnected").count()) > 0;
    });
  });

  test("events are filtered by a text and a kind, by the keyboard, and stay so while new ones come and after the view is left", async () => {
    const page = await open("#/events");
    const shown = () => page.locator("tbody tr").allTextContents();
    const count = () => page.getByText(/^\d+ of \d+ events$/);
    // The observation begins with the first call of the page.
    await until("a join is shown", async () => {
      await connect(HOSTILE, "room:Filtered");
      return (await row(page, "room:filtered").count()) > 0;
    });
    assert.equal(await count().count(), 0);
    const text = page.getByLabel("Filter by text");
    await text.focus();
    await page.keyboard.type("/IL<img");
    assert.equal(await text.inputValue(), "/IL<img", "a slash is text here");
    await page.getByText("No event passes the filter.").waitFor();
    assert.match(await count().textContent(), /^0 of [1-9]\d* events$/);
    await text.fill("\\u{202E}IL<img");
    await row(page, SHOWN).first().waitFor();
    assert.ok((await shown()).every(line => line.includes("connected")));
    assert.equal(await page.locator("main img").count(), 0);
    await text.fill("room:filtered");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), "SELECT");
    await page.keyboard.type("Joins");
    assert.ok((await shown()).every(line => line.includes("joined")));
    await connect("ann", "room:not-shown", "room:Filtered-later");
    await row(page, "room:filtered-later").waitFor();
    const passed = await shown();
    assert.ok(passed.every(line => line.includes("joinedroom:Filtered")), passed.join("\n"));
    const [, some, of] = /^(\d+) of (\d+) events$/.exec(await count().textContent());
    assert.ok(Number(some) >= 2 && Number(of) > Number(some), `${some} of ${of}`);
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), "SELECT");
    await page.getByRole("link", { name: "Slow clients" }).click();
    await page.getByRole("heading", { name: "Connections with bytes that wait" }).waitFor();
    await page.getByRole("link", { name: "Events" }).click();
    await count().waitFor();
    assert.equal(await text.inputValue(), "room:filtered");
    await page.getByRole("button", { name: "Clear" }).focus();
    await page.keyboard.press("Enter");
    await row(page, "room:not-shown").first().waitFor();
    assert.equal(await count().count(), 0);
    assert.equal(await page.getByRole("button", { name: "Clear" }).getAttribute("aria-disabled"), "true");
    await page.getByLabel("Kind of events").selectOption("Ends");
    for (const line of await shown()) assert.match(line, /left/);
  });

  test("replication: what needs action has a text, a node of an older release is unknown, and hostile names are text", async () => {
    const page = await open();
    const read = (at, { lost = 0, suspects = 0, replicated = 10, leader = "a@h", used = 1, direct = 1, answers = true, reasons = [] }) =>
      page.evaluate(
        async ({ at, lost, suspects, replicated, leader, used, direct, answers, reasons, hostile }) => {
          const { OverviewView } = await import("/dashboard/overview.mjs");
          const view = (globalThis.view ??= new OverviewView({ ofNode: () => "" }));
          document.getElementById("main").replaceChildren(view.element);
          const numbers = { connections: 1, channels: 1, topics: 1, opened: 1, framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0, mailboxMessages: 0, pausedConnections: 0, oldestHandlerSeconds: 0, outboxBytes: 0, laneBytes: 0, memoryUsed: used, memoryLimit: 100 };
          const cluster = { coordinator: "a@h", voters: [], notVoting: [], links: [], reachability: null, elections: null, reasons };
          const replication = { presences: 7, replicatedBytes: replicated, historyGaps: 3, historiesDropped: 0, copiesRefused: 0, callsAlone: 0 };
          const report = { atMillis: at, numbers, closed: [], refused: [], cluster, directMemory: null, replication };
          const elections = of => ({ elections: [{ election: hostile, leader: of }, { election: "free", leader: null }], more: false });
          const nodes = [
            { name: "a@h", state: "OK", report: { ...report, directMemory: { used: direct, limit: 100 }, cluster: { ...cluster, reachability: { suspects, detours: 0, lostMessages: lost }, elections: elections("a@h") } } },
            { name: "b@h", state: "OK", report: { ...report, cluster: { ...cluster, elections: elections(leader) } } },
            { name: "old@h", state: "OK", report: { ...report, replication: null } },
            { name: "silent@h", state: "NO_ANSWER", report: null },
          ];
          if (!answers) Object.assign(nodes[0], { state: "NO_ANSWER", report: null });
          view.show({ node: "a@h", members: 4, nodes });
          const rows = title => [...view.element.querySelectorAll("section")].find(each => each.querySelector("h2").textContent === title);
          const texts = section => [...section.querySelectorAll("tbody tr")].map(each => [...each.children].map(cell => (cell.className.includes("alarm") ? "! " : "") + cell.textContent));
          return {
            summary: rows("Replication").querySelector("p.quiet").textContent,
            reasons: rows("Replication").querySelector("p.alarm:not([hidden])")?.textContent,
            replication: texts(rows("Replication")),
            elections: texts(rows("Elections")),
            memory: texts(rows("Nodes")).map(cells => cells[9]),
            roles: texts(rows("Nodes")).map(cells => cells[0]),
            images: view.element.querySelectorAll("img").length,
          };
        },
        { at, lost, suspects, replicated, leader, used, direct, answers, reasons, hostile: HOSTILE },
      );
    const calm = await read(1_000, { lost: 5 });
    assert.equal(calm.summary, "No number needs action.");
    assert.equal(calm.reasons, undefined);
    assert.deepEqual(calm.replication, [
      ["a@h", "7", "10 B", "0", "5", "3", "0", "0", "0"],
      ["b@h", "7", "10 B", "", "", "3", "0", "0", "0"],
      ["old@h\nunknown", "", "", "", "", "", "", "", ""],
    ]);
    assert.deepEqual(calm.elections, [
      [SHOWN.replace("users:", ""), "a@h"],
      ["free", "! none"],
    ].sort());
    assert.deepEqual(calm.memory, ["1 B of 100 B\ndirect 1 B of 100 B", "1 B of 100 B", "1 B of 100 B", ""]);
    assert.match(calm.roles[0], /leads 1 election$/);
    assert.equal(calm.images, 0);

    const bad = await read(2_000, { lost: 6, suspects: 2, replicated: 60, leader: "b@h", used: 80, direct: 95, reasons: ["voters 2 of 3"] });
    assert.deepEqual(bad.replication[0], ["a@h", "7", "! 60 B\n60% of the memory", "! 2 without contact", "! 6\ngrowing", "3", "0", "0", "0"]);
    assert.equal(bad.summary, "4 numbers need action.");
    assert.equal(bad.reasons, "a@h: voters 2 of 3\nb@h: voters 2 of 3\nold@h: voters 2 of 3");
    assert.ok(bad.elections.some(([, leader]) => leader === "! a@h, as a@h sees\nb@h, as b@h sees"), JSON.stringify(bad.elections));
    assert.deepEqual(bad.memory[0], "! 80 B of 100 B\ndirect 95 B of 100 B\nnearly full");

    assert.equal((await read(61_000, { lost: 6 })).replication[0][4], "! 6\ngrowing");
    assert.equal((await read(62_000, { lost: 6 })).replication[0][4], "6");
    const restarted = await read(500, { lost: 1 });
    assert.equal(restarted.replication[0][4], "1", "a node that was restarted counts anew");
    assert.equal((await read(600, { lost: 2 })).replication[0][4], "! 2\ngrowing");
    assert.equal((await read(700, { lost: 0 })).replication[0][4], "0", "its next start has forgotten the growth");

    await read(800, { lost: 5 });
    assert.equal((await read(61_000, { lost: 5 })).replication[0][4], "5");
    assert.equal((await read(62_000, { answers: false })).replication[0][0], "b@h");
    assert.equal((await read(63_000, { lost: 9 })).replication[0][4], "! 9\ngrowing", "it grew while the node did not answer");
    await read(64_000, { answers: false });
    assert.equal((await read(65_000, { lost: 9 })).replication[0][4], "! 9\ngrowing", "it grew a short time ago");
  });

  test("a page that is hidden does not call", async () => {
    const page = await open();
    await row(page, "this page").waitFor();
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { configurable: true, value: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    const hidden = await calls(page);
    const shown = await calls(await open());
    await until("a page that is shown has called", () => shown.frames >= 3);
    assert.equal(hidden.frames, 0);
  });

  test("a user is traced from its page, by the keyboard, and payloads are not shown", async () => {
    const client = await connect(`${HOSTILE}tr`, "room:traced");
    const page = await open(`#/user/${encodeURIComponent(`users:${HOSTILE}tr`)}`);
    await page.getByRole("button", { name: "Trace live" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText(/of 1,000 frames/).waitFor();
    const channel = await client.join("room:traced-secret", { password: "p4ssword" });
    channel.push("nothing<b>", { text: "s3cret" });
    await row(page, "nothing<b>").first().waitFor();
    const lines = await page.locator("tbody tr").allTextContents();
    assert.ok(lines.some(line => line.includes("phx_join")), lines.join("\n"));
    const text = await page.locator("main").textContent();
    assert.doesNotMatch(text, /s3cret|p4ssword/);
    assert.equal(await page.locator("main td b").count(), 0);
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("The trace was stopped.").waitFor();
    await page.getByRole("button", { name: "Trace again" }).click();
    await page.getByRole("button", { name: "Stop" }).waitFor();
  });

  test("a topic is traced: a broadcast is one line with the number of its members", async () => {
    const channel = await (await connect("ann")).join("room:trace-topic");
    await connect("bo", "room:trace-topic");
    const page = await open(`#/topic/${encodeURIComponent("room:trace-topic")}`);
    await page.getByRole("button", { name: "Trace live" }).click();
    await page.getByText(/of 1,000 frames/).waitFor();
    channel.push("shout", { body: "s3cret" });
    await row(page, "2 members").first().waitFor();
    assert.doesNotMatch(await page.locator("main").textContent(), /s3cret/);
  });

  test("a trace ends when another view is opened, so that others may begin", async () => {
    const page = await open("#/users");
    const show = hash => page.evaluate(hash => (location.hash = hash), hash);
    for (let i = 0; i < 6; i++) {
      await show(`#/trace-user/${encodeURIComponent(`users:none-${i}`)}`);
      await page.getByText(/of 1,000 frames/).waitFor();
      await show("#/");
      await page.getByRole("heading", { name: "Nodes" }).waitFor();
    }
  });

  test("one more trace than a node may run is refused", async () => {
    const pages = [];
    for (let i = 0; i < 5; i++) {
      pages.push(await open(`#/trace-user/${encodeURIComponent(`users:limit-${i}`)}`));
      await (i < 4 ? pages[i].getByText(/of 1,000 frames/) : pages[i].getByText("Too many traces run on this node")).waitFor();
    }
    await pages[0].close();
    const again = pages[4].getByRole("button", { name: "Trace again" });
    await until("a trace of a page that is closed makes room", async () => {
      if ((await again.count()) > 0) await again.click();
      return (await pages[4].getByText(/of 1,000 frames/).count()) > 0;
    });
  });

  test("without the switch there are no actions, and one that is sent by hand is refused", async () => {
    await connect("quiet", "room:quiet");
    const page = await open("#/user/users:quiet");
    await row(page, "room:quiet").waitFor();
    assert.deepEqual(await page.getByRole("button").allTextContents(), ["Trace live"]);
    const refused = await page.evaluate(async () => {
      const { Socket } = await import("/dashboard/phoenix.mjs");
      const socket = new Socket("/dashboard/socket", { authToken: sessionStorage.getItem(sessionStorage.key(0)) });
      socket.connect();
      const channel = socket.channel("heliodor:dashboard");
      const reply = await new Promise(resolve => {
        channel.join().receive("ok", () => channel.push("disconnect_user", { id: "users:quiet" }).receive("ok", resolve).receive("error", resolve));
      });
      socket.disconnect();
      return reply;
    });
    assert.deepEqual(refused, { reason: "off" });
    assert.match(await row(page, "room:quiet").textContent(), /room:quiet1/);
  });

  test("without the switch no message can be tried", async () => {
    const page = await open("#/try/room%3Aoff");
    await page.getByText("Actions are off on this node.").waitFor();
    assert.equal(await page.getByRole("link", { name: "Try", exact: true }).count(), 0);
    assert.equal(await page.getByRole("button", { name: "Connect and join" }).count(), 0);
  });

  for (const colorScheme of ["light", "dark"]) {
    test(`a phone shows everything without scrolling aside, ${colorScheme}`, async () => {
      await connect(HOSTILE.repeat(4), `room:${"long".repeat(50)}`);
      for (const path of ["", "#/handlers", "#/events", "#/topics", "#/users", `#/user/${encodeURIComponent(`users:${HOSTILE.repeat(4)}`)}`, `#/trace-user/${encodeURIComponent(`users:${HOSTILE.repeat(4)}`)}`]) {
        const page = await open(path, { width: 360, height: 740, colorScheme });
        await within(`${path} has a reply`, page.locator("main tbody tr, main .table .quiet").first().waitFor({ state: "visible" }), () => "");
        if (path.startsWith("#/trace-")) {
          await page.getByText(/of 1,000 frames/).waitFor();
          await connect(HOSTILE.repeat(4), `room:${"long".repeat(50)}`);
          await row(page, "phx_join").first().waitFor();
        }
        const { scrollWidth, clientWidth } = await page.evaluate(() => {
          const { scrollWidth, clientWidth } = document.documentElement;
          return { scrollWidth, clientWidth };
        });
        assert.ok(scrollWidth <= clientWidth, `${path}: ${scrollWidth} of ${clientWidth}`);
        await page.context().close();
      }
    });
  }
});

describe("the actions of the dashboard", { skip: noBrowser }, () => {
  let server;
  let browser;
  let address;

  before(async () => {
    server = await Server.start("HELIODOR_SERVE", "--dashboard", "--dashboard-actions", "--log-level", "info");
    address = await until("the address is printed", () => /^dashboard (\S+)$/m.exec(server.output)?.[1], () => server.output);
    browser = await Browser.start();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  afterEach(async () => {
    Client.disconnectAll();
    await browser.closeWindows();
  });

  const open = async (path = "", options = { width: 1100, height: 700 }) => {
    const page = await browser.window(options);
    await page.goto(address + path);
    await page.locator('#status[data-state="live"]').waitFor();
    return page;
  };
  const row = (page, text) => page.locator("tbody tr", { hasText: text });
  const dialog = page => page.getByRole("dialog");
  const connect = async (user, ...topics) => {
    const client = new Client(server, { params: { user_id: user } });
    for (const topic of topics) await client.join(topic);
    return client;
  };
  const audited = text => until(`a line about ${text}`, () => server.output.includes(text), () => server.output);

  test("a user is disconnected after a second click, and comes back", async () => {
    const client = await connect("ann", "room:acts");
    let closes = 0;
    client.socket.onClose(() => closes++);
    const page = await open("#/user/users:ann");
    await page.getByRole("button", { name: "Disconnect all connections of users:ann" }).click();
    await dialog(page).getByRole("button", { name: "Cancel" }).click();
    assert.equal(await dialog(page).count(), 0);
    assert.equal(closes, 0);
    await page.getByRole("button", { name: "Disconnect all connections of users:ann" }).click();
    await dialog(page).getByRole("button", { name: "Disconnect" }).click();
    await page.getByText("users:ann was disconnected.").waitFor();
    await until("the client was disconnected", () => closes === 1);
    await row(page, "room:acts").first().waitFor();
    await audited('action="disconnect_user" result="ok" user="users:ann"');
    const lines = server.output.split("\n").filter(line => line.includes("io.heliodor.audit"));
    assert.ok(lines.length >= 2 && lines.every(line => !line.includes(new URL(address).searchParams.get("token"))), lines.join("\n"));
  });

  test("one connection is disconnected, and a member is removed from one topic", async () => {
    const bo = await connect("bo", "room:both", "room:left");
    await connect("bo", "room:both");
    const page = await open("#/user/users:bo");
    await page.getByText("2 connections, 2 shown").waitFor();
    await page.getByRole("button", { name: "Remove users:bo from room:left" }).click();
    await dialog(page).getByRole("button", { name: "Remove" }).click();
    await page.getByText("users:bo was removed from room:left.").waitFor();
    await until("the topic is left", async () => (await row(page, "room:left").count()) === 0);
    await audited('action="remove_member" result="ok" user="users:bo" topic="room:left"');
    bo.socket.disconnect();
    await page.getByText("1 connections, 1 shown").waitFor();
    await page.getByRole("button", { name: /^Disconnect connection/ }).click();
    await dialog(page).getByRole("button", { name: "Disconnect" }).click();
    await page.getByText(/^The connection \S+ was disconnected.$/).waitFor();
    await audited('action="disconnect_connection" result="ok" user="users:bo" target="local"');
  });

  test("a name that is hostile is text in the dialog", async () => {
    await connect(HOSTILE, "room:hostile");
    const page = await open("#/topic/room:hostile");
    await page.getByRole("button", { name: `Remove ${SHOWN} from room:hostile` }).click();
    await dialog(page).getByRole("heading", { name: `Remove ${SHOWN} from room:hostile?` }).waitFor();
    assert.equal(await page.locator("dialog img").count(), 0);
  });

  /** An empty page whose actions are calls that the test answers: `calls` of the window are [name, payload], `answer` replies to the oldest. */
  const acting = async () => {
    const page = await open();
    await page.evaluate(async () => {
      const { Actions } = await import("/dashboard/actions.mjs");
      const { TopicView } = await import("/dashboard/topics.mjs");
      const waiting = [];
      const calls = [];
      const call = (name, payload) => {
        calls.push([name, payload]);
        return new Promise(resolve => waiting.push(resolve));
      };
      const actions = new Actions({ channel: { call, status: { reply: { actions: true } } } });
      const view = new TopicView("room:shared", actions);
      const show = (...members) =>
        view.show({ total: members.length, nodes: [], present: [], keys: [], kept: [], silent: [], members: members.map(([connection, id]) => ({
          node: "local", connection: { connection, id, address: "10.0.0.1", transport: "websocket", channels: 1, waitingBytes: 0, topics: [] },
        })) });
      Object.assign(window, { actions, calls, show, answer: reply => waiting.shift()(reply) });
      document.querySelector("p.done").remove();
      document.getElementById("main").replaceChildren(actions.element, view.element);
    });
    return page;
  };

  test("the buttons of a row act on the user that it shows, although another one has the same correlation id", async () => {
    const page = await acting();
    await page.evaluate(() => show(["c1", "users:ann"]));
    await page.evaluate(() => show(["c1", "users:bo"]));
    assert.match(`${await page.locator("tbody tr").first().textContent()}`, /users:bo/);
    await page.locator("tbody tr").first().getByRole("button", { name: "Remove" }).click();
    await dialog(page).getByRole("button", { name: "Remove" }).click();
    assert.deepEqual(await page.evaluate(() => calls), [["remove_member", { id: "users:bo", topic: "room:shared" }]]);
    await page.evaluate(() => answer({ status: "ok" }));
    await page.evaluate(() => show(["c1", "users:ann"], ["c1", "users:bo"], ["c1", null]));
    const members = page.locator("section", { hasText: "Members" }).locator("tbody tr");
    assert.deepEqual(await members.locator("td:nth-child(2)").allTextContents(), ["users:ann", "users:bo", ""]);
    await members.nth(0).getByRole("button", { name: "Disconnect" }).click();
    assert.equal(await dialog(page).getByRole("heading").textContent(), "Disconnect connection c1 of users:ann?");
    await dialog(page).getByRole("button", { name: "Cancel" }).click();
    await members.nth(2).getByRole("button", { name: "Disconnect" }).click();
    assert.equal(await dialog(page).getByRole("heading").textContent(), "Disconnect connection c1?");
  });

  test("the failure of an action whose dialog was closed is in the status line", async () => {
    const page = await acting();
    const status = page.locator("p.done");
    const disconnect = async () => {
      await page.evaluate(() => show(["c1", "users:ann"]));
      await page.getByRole("button", { name: "Disconnect connection c1" }).click();
      await dialog(page).getByRole("button", { name: "Disconnect" }).click();
    };
    await disconnect();
    await page.keyboard.press("Escape");
    assert.equal(await dialog(page).count(), 0);
    await page.evaluate(() => answer({ status: "error", error: { reason: "no_answer" } }));
    assert.equal(
      await status.textContent(),
      "Disconnect connection c1 of users:ann? The node did not answer. The action may have been executed.",
    );
    await disconnect();
    await page.evaluate(() => answer({ status: "error", error: { reason: "not_found" } }));
    assert.equal(await dialog(page).getByRole("alert").textContent(), "It is not there any more.");
    assert.equal(await status.textContent(), "");
  });

  test("an action that runs is not sent twice", async () => {
    const page = await acting();
    await page.evaluate(() => document.getElementById("main").append(actions.ofNode("local")));
    await page.getByRole("button", { name: "Drain local" }).click();
    const drain = dialog(page).getByRole("button", { name: "Drain" });
    const name = page.getByLabel("Type local to confirm");
    await name.fill("local");
    await drain.click();
    await name.fill("loca");
    await name.fill("local");
    assert.equal(await drain.isDisabled(), true);
    await page.evaluate(() => document.querySelector("dialog form").dispatchEvent(new Event("submit", { cancelable: true })));
    assert.deepEqual(await page.evaluate(() => calls), [["drain_node", { node: "local" }]]);
    await name.fill("loca");
    await page.evaluate(() => answer({ status: "error", error: { reason: "off" } }));
    assert.equal(await drain.isDisabled(), true, "the name is not typed");
    await name.fill("local");
    await drain.click();
    assert.equal(await page.evaluate(() => calls.length), 2);
  });

  test("on a phone the dialog and the rows fit", async () => {
    await connect(HOSTILE.repeat(4), `room:${"long".repeat(50)}`);
    const page = await open(`#/user/${encodeURIComponent(`users:${HOSTILE.repeat(4)}`)}`, { width: 360, height: 740 });
    await page.getByRole("button", { name: /^Remove/ }).click();
    await dialog(page).waitFor();
    const { scrollWidth, clientWidth, dialogWidth } = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return { scrollWidth, clientWidth, dialogWidth: document.querySelector("dialog").scrollWidth };
    });
    assert.ok(scrollWidth <= clientWidth && dialogWidth <= clientWidth, `${scrollWidth} and ${dialogWidth} of ${clientWidth}`);
  });

  // Last: the server accepts no client after it.
  test("a node drains after its name was typed", async () => {
    await connect("ann", "room:drained");
    const page = await open();
    await page.getByRole("button", { name: "Drain local" }).click();
    const drain = dialog(page).getByRole("button", { name: "Drain" });
    assert.equal(await drain.isDisabled(), true);
    await page.getByLabel("Type local to confirm").fill("loca");
    assert.equal(await drain.isDisabled(), true);
    await page.getByLabel("Type local to confirm").fill("local");
    await drain.click();
    await page.getByText("local drains.").waitFor();
    await until("the server drains", async () => (await fetch(new URL("/health", address))).status === 503);
    await audited('action="drain_node" result="ok" target="local"');
    await audited('drain node="local" connections="2"');
  });
});

describe("a message that is tried by the dashboard", { skip: noBrowser }, () => {
  let server;
  let browser;
  let address;

  before(async () => {
    server = await Server.start("HELIODOR_SERVE", "--dashboard", "--dashboard-actions", "--log-level", "info");
    address = await until("the address is printed", () => /^dashboard (\S+)$/m.exec(server.output)?.[1], () => server.output);
    browser = await Browser.start();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  afterEach(async () => {
    Client.disconnectAll();
    await browser.closeWindows();
  });

  const open = async (path, options = { width: 1100, height: 700 }, prepare = async () => {}) => {
    const page = await browser.window(options);
    await prepare(page);
    await page.goto(address + path);
    await page.locator('#status[data-state="live"]').waitFor();
    return page;
  };
  const row = (page, text) => page.locator("tbody tr", { hasText: text });
  const topic = page => page.getByLabel("Topic", { exact: true });
  const payload = page => page.getByLabel("Payload", { exact: true });
  const join = page => page.getByRole("button", { name: "Connect and join" }).click();
  const send = page => page.getByRole("button", { name: "Send" }).click();
  const event = (page, name) => page.getByLabel("Event", { exact: true }).selectOption(name);
  const joined = async (name, options, prepare) => {
    const page = await open(`#/try/${encodeURIComponent(name)}`, options, prepare);
    await page.getByText(/^The channel is/).waitFor();
    await join(page);
    await page.getByRole("heading", { name, exact: true }).waitFor();
    return page;
  };
  const member = async name => (await new Client(server, { params: { user_id: "ann" } })).join(name);
  const audited = text => until(`a line about ${text}`, () => server.output.includes(text), () => server.output);

  test("from the page of a topic it is joined, and a call has its reply", async () => {
    await member("room:called");
    const page = await open("#/topic/room:called");
    await page.getByRole("button", { name: "Try a message" }).click();
    await page.getByText("The channel is room:*.").waitFor();
    assert.equal(await topic(page).inputValue(), "room:called");
    assert.deepEqual(JSON.parse(await page.getByLabel("Payload of the join").inputValue()), { user: "text" });
    await join(page);
    await page.getByText(/^This is a real message/).waitFor();
    await event(page, "typed (call)");
    assert.deepEqual(JSON.parse(await payload(page).inputValue()), { text: "text", count: 1 });
    await payload(page).fill('{ "text": "hello", "count": 7 }');
    await payload(page).press("Control+Enter");
    await row(page, "reply").filter({ hasText: "typed" }).filter({ hasText: '{"text":"hello","count":7}' }).waitFor();
    await audited('action="try_message" result="ok" socket="/socket" topic="room:called" frame="phx_join"');
    await audited('action="try_message" result="ok" socket="/socket" topic="room:called" frame="typed"');
    assert.doesNotMatch(server.output, /hello/);
    await page.getByRole("button", { name: "Leave" }).click();
    await page.getByText("You left the topic.").waitFor();
  });

  test("a payload that does not fit is not sent, and the error has its path", async () => {
    const page = await joined("room:wrong");
    await event(page, "typed (call)");
    const error = page.getByRole("alert").filter({ visible: true });
    await payload(page).fill('{ "text": "hello", "count": "many" }');
    await send(page);
    assert.equal(await error.textContent(), "count must be an integer");
    await payload(page).fill('{ "text": }');
    await send(page);
    assert.match(`${await error.textContent()}`, /^This is not JSON: /);
    await payload(page).fill('{ "text": "hello", "count": 0 }');
    await send(page);
    await row(page, "must be 1 to 100").waitFor();
    assert.equal(await row(page, "typed").count(), 2);
  });

  test("what others send is shown, and a hostile payload is text", async () => {
    const other = await member("room:hostile");
    const page = await joined("room:hostile");
    other.push("shout", { text: HOSTILE });
    await row(page, "push").filter({ hasText: SHOWN.replace("users:", "") }).waitFor();
    assert.equal(await page.locator("main img").count(), 0);
    await event(page, "shout");
    await payload(page).fill('{ "from": "the operator" }');
    const received = new Promise(resolve => other.on("shout", resolve));
    await send(page);
    assert.deepEqual(await within("the message is broadcast", received, () => server.output), { from: "the operator" });
  });

  test("a refused join and a refused connection are shown, and may be tried again", async () => {
    const page = await open("#/try/private%3Ax");
    await page.getByText("The channel is private:*.").waitFor();
    await join(page);
    await page.getByText("The join was refused: unauthorized.").waitFor();
    await page.getByLabel("Name of a parameter").fill("token");
    await page.getByLabel("Value of the parameter").fill("deny");
    assert.equal(await page.getByLabel("Value of the parameter").getAttribute("type"), "password");
    await join(page);
    await page.getByText(/^The connection was refused, or failed/).waitFor();
    await page.getByLabel("Value of the parameter").fill("");
    await topic(page).fill("room:again");
    await page.getByText("The channel is room:*.").waitFor();
    await join(page);
    await page.getByRole("heading", { name: "room:again" }).waitFor();
  });

  test("an event that is not declared is sent by its name, and a topic without a channel is refused", async () => {
    const page = await joined("notes:free");
    await event(page, "Another event");
    await page.getByLabel("Name of the event").fill("a/b");
    await page.getByLabel("Name of the event").press("/");
    assert.equal(await page.getByLabel("Name of the event").inputValue(), "a/b/");
    await payload(page).fill('{ "any": 1 }');
    await send(page);
    await row(page, "a/b/").first().waitFor();
    await page.getByRole("button", { name: "Leave" }).click();
    await topic(page).fill("nowhere");
    await page.getByText("The socket has no channel for this topic.").waitFor();
    await join(page);
    await page.getByText("The join was refused: unmatched topic.").waitFor();
  });

  test("the token goes to the socket alone", async () => {
    const sent = [];
    const opened = [];
    const page = await open("#/try/room%3Atoken", undefined, async page => {
      const session = await page.context().newCDPSession(page);
      await session.send("Network.enable");
      session.on("Network.webSocketCreated", ({ requestId, url }) => opened.push({ requestId, url }));
      session.on("Network.webSocketWillSendHandshakeRequest", ({ requestId, request }) => sent.push({ requestId, text: JSON.stringify(request) }));
      session.on("Network.webSocketFrameSent", ({ requestId, response }) => sent.push({ requestId, text: response.payloadData }));
    });
    await page.getByText("The channel is room:*.").waitFor();
    await page.getByLabel("Token, if the socket takes one").fill("t0ken-of-ann");
    await page.getByLabel("Name of a parameter").fill("secret");
    await page.getByLabel("Value of the parameter").fill("p4ram-of-ann");
    await join(page);
    await page.getByRole("heading", { name: "room:token" }).waitFor();
    const encoded = Buffer.from("t0ken-of-ann").toString("base64url");
    const holders = sent.filter(({ text }) => text.includes(encoded) || /t0ken|p4ram/.test(text)).map(each => each.requestId);
    const paths = [...new Set(holders)].map(id => new URL(opened.find(each => each.requestId === id).url).pathname);
    assert.deepEqual(paths, ["/socket/websocket"]);
    assert.doesNotMatch(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }) + location.href), /t0ken|p4ram/);
    assert.doesNotMatch(server.output, /t0ken|p4ram/);
    assert.doesNotMatch(await page.locator("main table").innerText(), /t0ken|p4ram/);
  });

  test("the topic of the audit log is joined, although the field changes meanwhile", async () => {
    const other = await member("room:permitted");
    const page = await open("#/try/room%3Apermitted");
    await page.getByText("The channel is room:*.").waitFor();
    // The permission cannot come before the field has changed.
    await page.evaluate(() => {
      [...document.querySelectorAll("button")].find(each => each.textContent === "Connect and join").click();
      const topic = [...document.querySelectorAll("label")].find(each => each.textContent === "Topic").nextElementSibling;
      topic.value = "notes:changed";
      topic.dispatchEvent(new Event("input"));
    });
    await page.getByText(/^This is a real message/).waitFor();
    assert.equal(await page.locator("main h2.name").textContent(), "room:permitted");
    await event(page, "shout");
    const received = new Promise(resolve => other.on("shout", resolve));
    await payload(page).fill('{ "from": "the operator" }');
    await send(page);
    await within("the message is broadcast", received, () => server.output);
    await audited('topic="room:permitted" frame="phx_join"');
    await audited('topic="room:permitted" frame="shout"');
    assert.doesNotMatch(server.output, /notes:changed/);
    assert.doesNotMatch(`${await page.locator("main tbody").textContent()}`, /room:permitted/, "the topic is that of the trial");
  });

  test("after a trial ends the next key does not join again", async () => {
    const routes = [];
    const page = await joined("room:keys", undefined, page =>
      page.routeWebSocket(url => url.pathname === "/socket/websocket", route => {
        route.connectToServer();
        routes.push(route);
      }),
    );
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    await page.getByRole("button", { name: "Leave" }).click();
    await page.getByText("You left the topic.").waitFor();
    assert.equal(await focused(), "You left the topic.");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Space");
    assert.equal(await page.getByText("You left the topic.").isVisible(), true);
    await join(page);
    await page.getByRole("heading", { name: "room:keys" }).waitFor();
    assert.equal(routes.length, 2);
    await page.locator("#search-text").focus();
    await routes[1].close({ code: 1012, reason: "" });
    await page.getByText("The connection was closed with code 1012.").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.id), "search-text");
  });

  test("a socket that ended keeps no token, no parameter and no view", async () => {
    const page = await open("#/try/room%3Aforgotten");
    await page.evaluate(async () => {
      const { Trial } = await import("/dashboard/trial.mjs");
      const { Socket } = await import("/dashboard/phoenix.mjs");
      const { connect } = Socket.prototype;
      Socket.prototype.connect = function () {
        window.socket = this;
        connect.call(this);
      };
      const join = { path: "/socket", token: "t0ken", params: { secret: "p4ram" }, topic: "room:forgotten", payload: { user: "ann" } };
      await new Promise(resolve => {
        const view = { lines: [] };
        window.view = new WeakRef(view);
        const trial = new Trial(join, line => view.lines.push(line), () => {
          view.phase = trial.phase;
          if (trial.phase === "joined") trial.end("");
          else resolve(undefined);
        });
        trial.open();
      });
    });
    const kept = await page.evaluate(() => ({ token: socket.authToken, params: socket.params(), callbacks: Object.values(socket.stateChangeCallbacks).flat() }));
    assert.deepEqual(kept, { token: undefined, params: {}, callbacks: [] });
    const session = await page.context().newCDPSession(page);
    await until("the view is collected", async () => {
      await session.send("HeapProfiler.collectGarbage");
      return page.evaluate(() => view.deref() === undefined);
    });
  });

  test("the connection is closed when another view is opened", async () => {
    const page = await joined("room:closed");
    await page.evaluate(() => (location.hash = "#/topic/room:closed"));
    await page.getByText(/^0 members/).waitFor();
  });

  test("a page that is hidden for a minute leaves", async () => {
    const page = await joined("room:hidden", undefined, page => page.clock.install());
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { configurable: true, value: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await page.clock.fastForward(60_000);
    await page.getByText("The page was hidden for a minute, so it left the topic.").waitFor();
  });

  test("a connection that breaks is not opened again", async () => {
    const routes = [];
    const page = await joined("room:broken", undefined, async page => {
      await page.clock.install();
      await page.routeWebSocket(url => url.pathname === "/socket/websocket", route => {
        route.connectToServer();
        routes.push(route);
      });
    });
    await routes[0].close({ code: 1012, reason: "restart<b>" });
    await page.getByText("The connection was closed with code 1012, restart<b>.").waitFor();
    await page.clock.fastForward(60_000);
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await page.clock.fastForward(60_000);
    assert.equal(routes.length, 1);
    assert.equal(await row(page, "phx_join").count(), 2);
  });

  test("a server that does not reply to heartbeats is left, and not connected to again", async () => {
    let opened = 0;
    let heartbeats = 0;
    const page = await joined("room:silent", undefined, async page => {
      await page.clock.install();
      await page.routeWebSocket(url => url.pathname === "/socket/websocket", route => {
        opened++;
        const socket = route.connectToServer();
        route.onMessage(message => {
          if (`${message}`.includes('"heartbeat"')) heartbeats++;
          else socket.send(message);
        });
        route.onClose(() => {}); // the network is broken: the browser gets no close
      });
    });
    await page.clock.fastForward(30_000);
    await until("a heartbeat is sent", () => heartbeats === 1, () => heartbeats);
    await page.clock.fastForward(30_000);
    await page.getByText("The connection was lost.").waitFor();
    assert.equal(opened, 1);
  });

  test("the newest 200 frames are shown, and the beginning of long ones", async () => {
    const page = await joined("room:many");
    for (let sender = 0; sender < 5; sender++) {
      const other = await member("room:many");
      for (let i = 0; i < 50; i++) other.push("shout", { last: `${sender}-${i}`, text: "x".repeat(3000) });
    }
    await row(page, "4-49").waitFor();
    assert.equal(await page.locator("tbody tr").count(), 200);
    const { length } = `${await row(page, "4-49").locator("td").last().textContent()}`;
    assert.equal(length, 2001);
  });

  test("a server that closes the connection is shown", async () => {
    const page = await joined("room:kicked");
    await event(page, "stop");
    await send(page);
    await page.getByText("The server closed the channel.").waitFor();
    await join(page);
    await page.getByRole("heading", { name: "room:kicked" }).waitFor();
  });

  for (const colorScheme of ["light", "dark"]) {
    test(`on a phone it fits, ${colorScheme}`, async () => {
      const name = `room:${"long".repeat(50)}`;
      const page = await joined(name, { width: 360, height: 740, colorScheme });
      (await member(name)).push("shout", { text: "x".repeat(500) });
      await row(page, "xxxx").waitFor();
      const { scrollWidth, clientWidth } = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return { scrollWidth, clientWidth };
      });
      assert.ok(scrollWidth <= clientWidth, `${scrollWidth} of ${clientWidth}`);
    });
  }
});

describe("a message from the management address", { skip: noBrowser }, () => {
  test("the page has a reason why it cannot be tried", async () => {
    const server = await Server.start("HELIODOR_SERVE", "--dashboard", "--dashboard-actions", "--management", "127.0.0.1:0");
    const browser = await Browser.start();
    try {
      const address = await until("the address is printed", () => /^dashboard (\S+)$/m.exec(server.output)?.[1], () => server.output);
      const page = await browser.window({ width: 900, height: 600 });
      await page.goto(`${address}#/try/room%3Ax`);
      await page.getByText("The sockets of the application have another address than this page").waitFor();
      assert.equal(await page.getByRole("button", { name: "Connect and join" }).count(), 0);
      await browser.closeWindows();
    } finally {
      await browser.close();
      await server.stop();
    }
  });
});

describe("the dashboard of a cluster", { skip: noBrowser }, () => {
  let cluster;
  let browser;

  before(async () => {
    cluster = await Cluster.startWith(["--dashboard"], "a", "b");
    browser = await Browser.start();
  });
  after(async () => {
    await browser?.close();
    await cluster?.stop();
  });
  afterEach(() => Client.disconnectAll());

  test("each node knows the presences of all nodes, and no number needs action", async () => {
    const [one, other] = cluster.servers;
    await new Client(one, { params: { user_id: "ann" } }).join("room:replicated", { user: "ann" });
    await new Client(other, { params: { user_id: "bo" } }).join("room:replicated", { user: "bo" });
    const page = await browser.window({ width: 1100, height: 700 });
    await page.goto(/^dashboard (\S+)$/m.exec(one.output)[1]);
    const rows = page.locator("section", { hasText: "Replication" }).last().locator("tbody tr");
    await until("both nodes have both presences", async () => {
      const presences = await rows.evaluateAll(all => all.map(row => row.children[1].textContent));
      return presences.length === 2 && presences.every(each => each === "2");
    }, () => rows.allTextContents());
    await page.getByText("No number needs action.").waitFor();
    assert.match(await page.locator("section", { hasText: "Nodes" }).first().locator("tbody tr").first().textContent(), /direct .+ of .+/);
  });
});
