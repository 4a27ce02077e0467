import { after, afterEach, before, describe, test } from "node:test";
import { Browser, noBrowser } from "../browser.mjs";
import { BundledPage } from "../bundled-page.mjs";
import { until } from "../deadline.mjs";
import { Proxy } from "../proxy.mjs";
import { Server } from "../server.mjs";

// What a page sends when a browser leaves it, over the versions of phoenix.js that the package permits.

const PHOENIX = ["phoenix", "phoenix180", "phoenix17", "phoenix170"];
const PROGRAM = `import { connect } from "@heliodor/client";
import { openDocument } from "@heliodor/yjs";
import * as Y from "yjs";
${PHOENIX.map(name => `import * as ${name} from "${name}";`).join("\n")}
const to = version => connect(new { ${PHOENIX} }[version].Socket(\`ws://\${location.host}/socket\`));
Object.assign(globalThis, { to, openDocument, Y });`;

/* global to, openDocument, Y: of the page */

const type = doc => ["one", "two"].forEach(word => doc.getArray("words").push([word]));

/** Each runs in the page, which is left when its promise resolves. */
const CASES = {
  "doc: while a write is under way": async (client, topic) => {
    const doc = new Y.Doc();
    await openDocument(client, topic, doc).whenSynced();
    type(doc);
  },
  "doc: while it joins": async (client, topic) => {
    const doc = new Y.Doc();
    openDocument(client, topic, doc);
    await joining(client);
    type(doc);
  },
  "room: while it joins, with a last message": async (client, topic) => {
    const channel = client.channel(topic, {}).join();
    client.onPageHide(() => channel.push("shout", { word: "two" }));
    await joining(client);
    channel.push("shout", { word: "one" });
    if (channel.status.phase !== "joining") throw new Error(channel.status.phase);
  },
  "room: after it has joined, with a last message": async (client, topic) => {
    const channel = client.channel(topic, {}).join();
    await channel.whenJoined();
    client.onPageHide(() => ["one", "two"].forEach(word => channel.push("shout", { word })));
  },
  "room: with other payloads than it has joined with": async (client, topic) => {
    let user = "ann";
    const channel = client.channel(topic, () => ({ user })).join();
    await channel.whenJoined();
    for (const word of ["one", "two"]) {
      user = `of ${word}`;
      channel.join();
      channel.push("shout", { word });
    }
  },
};

/** Of the page: its join is sent, and has no reply. */
function joining(client) {
  return new Promise(resolve => client.onStatus(({ phase }) => phase === "open" && setTimeout(resolve, 20)));
}

describe("a page that is left", { skip: noBrowser }, () => {
  let server;
  let proxy;
  let browser;
  let built;
  let topics = 0;

  before(async () => {
    const packages = { interop: [...PHOENIX, "y-protocols", "yjs"] };
    [server, browser, built] = await Promise.all([Server.start("HELIODOR_SERVE"), Browser.start(), BundledPage.build(PROGRAM, packages)]);
    proxy = await Proxy.to(server);
    proxy.replyDelay = 200; // as on a mobile network
  });
  after(async () => {
    proxy?.close();
    await browser?.close();
    await server?.stop();
  });
  afterEach(() => browser.closeWindows());

  async function open(at) {
    const page = await browser.window({ width: 600, height: 400 });
    await built.on(page);
    await page.goto(`${at.url}/guide/`);
    await page.waitForFunction(() => globalThis.to);
    return page;
  }

  /** Runs a function of this file in a page, with a client. */
  const run = (page, version, topic, inPage) =>
    page.evaluate(`globalThis.type = ${type}; ${joining}; (${inPage})(to("${version}"), "${topic}")`);

  for (const version of PHOENIX) {
    for (const [what, inPage] of Object.entries(CASES)) {
      test(`sends what it was given, over ${version}, ${what}`, async () => {
        const topic = `${what.split(":")[0]}:left-${++topics}`;
        const observer = await open(server);
        await run(observer, "phoenix", topic, async (client, topic) => {
          const doc = new Y.Doc();
          globalThis.words = () => doc.getArray("words").toJSON();
          if (topic.startsWith("doc")) return openDocument(client, topic, doc).whenSynced();
          const channel = client.channel(topic, {}).join();
          channel.on("shout", ({ word }) => doc.getArray("words").push([word]));
          await channel.whenJoined();
        });
        const page = await open(proxy);
        await run(page, version, topic, inPage);
        await page.goto("about:blank");
        const words = () => observer.evaluate(() => `${globalThis.words()}`);
        let seen;
        await until("all has come", async () => (seen = await words()) === "one,two", () => seen, 20_000);
      });
    }
  }
});
