import assert from "node:assert/strict";
import { generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { connect } from "node:net";
import { after, afterEach, before, describe, test } from "node:test";
import { Browser, noBrowser } from "../browser.mjs";
import { until } from "../deadline.mjs";
import { BUILD, blocks, commands, Project } from "../guide.mjs";
import { freePorts } from "../ports.mjs";
import { RawClient } from "../raw-client.mjs";
import { long, notLong } from "../size.mjs";

/** The module of phoenix.js, for pages that import it from a server of the internet. */
const PHOENIX = new URL("../node_modules/phoenix/priv/static/phoenix.mjs", import.meta.url);

let project;
afterEach(async () => {
  RawClient.terminateAll();
  await project?.delete();
  project = undefined;
});

/** Whether a server listens on a port of this machine. */
function connects(port) {
  return new Promise(resolve => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

/** The chat of the quick start, and the same in Kotlin: the files of a guide that it does not have are those of the quick start. */
const CHATS = [
  { page: "docs/quick-start.md", pom: "quick-start/pom.xml", server: "Chat.java", folder: "src/main/java" },
  { page: "docs/kotlin.md", pom: "kotlin-pom.xml", server: "Chat.kt", folder: "src/main/kotlin", skip: notLong },
];

const chat = guide => () => {
  let browser;
  before(async () => (browser = await Browser.start()));
  after(() => browser?.close());

  test("from an empty folder to a chat in two windows that shows the users", { timeout: 3 * BUILD }, async () => {
    project = await Project.empty();
    const quickStart = await blocks("docs/quick-start.md");
    const all = [...(await blocks(guide.page)), ...quickStart];
    const [install] = commands(all);
    const [, fetch, start, ...more] = commands(quickStart);
    assert.deepEqual(more, []);
    await project.install(install);
    const installed = await project.installed("heliodor-endpoint");
    assert.ok(installed.includes("heliodor-endpoint-0.1.0-SNAPSHOT-sources.jar"), `${installed}`);

    await project.writeBlock("pom.xml", all, `file=${guide.pom}`);
    const path = `${guide.folder}/${guide.server}`;
    await project.writeBlock(path, all, `file=${guide.server}`, text => text.replace(".port(4000)", ".port(0)"));
    await project.writeBlock("web/index.html", all, "file=web/index.html");
    await project.writeBlock(".mvn/jvm.config", all, "file=jvm.config");

    await project.step(fetch);
    const [url] = await project.start(start, /^http:\S+/m);

    const [ann, bo] = [await browser.window({ width: 500, height: 400 }), await browser.window({ width: 500, height: 400 })];
    for (const [page, name] of [[ann, "Ann"], [bo, "Bo"]]) {
      await page.goto(url);
      await page.getByPlaceholder("your name").fill(name);
      await page.getByRole("button", { name: "Enter" }).click();
    }
    // In the order of their joins on each page: both enter at the same time.
    for (const page of [ann, bo]) {
      let here;
      const both = async () => (here = await page.locator("output").textContent()).split(", ").sort().join() === "Ann,Bo";
      await until("both are there", both, () => here);
    }
    await ann.getByPlaceholder("message").fill("Hello Bo");
    await ann.getByRole("button", { name: "Send" }).click();
    for (const page of [ann, bo]) await page.getByText("Ann: Hello Bo").waitFor();
    if (process.env.HELIODOR_SCREENSHOT) await bo.screenshot({ path: process.env.HELIODOR_SCREENSHOT });

    const said = ann.waitForEvent("console", message => message.text().includes("invalid_payload"));
    await ann.evaluate(`(async () => {${all.find(block => block.info.includes("file=console.js")).text}})()`);
    assert.deepEqual(await (await said).args()[0].jsonValue(), { reason: "invalid_payload", field: "body", message: "is missing" });

    const stranger = await browser.window({ width: 500, height: 400 });
    await stranger.goto(url);
    const refused = new Promise(resolve => stranger.once("dialog", dialog => dialog.dismiss().then(() => resolve(dialog.message()))));
    await stranger.getByPlaceholder("your name").fill(" ");
    await stranger.getByRole("button", { name: "Enter" }).click();
    assert.equal(await refused, "name must have 1 to 30 characters");

    await ann.close();
    await bo.getByText(/^Here: Bo/).waitFor();
    await browser.closeWindows();
    assert.doesNotMatch(project.output, /WARN/);

    const { port } = new URL(url);
    assert.ok(await connects(port));
    await project.signal("SIGKILL");
    await until("the server has ended with its Maven", async () => !(await connects(port)), () => project.output);
  });
};

for (const guide of CHATS) {
  describe(`the chat of ${guide.page}, step by step`, { skip: noBrowser || long || guide.skip }, chat(guide));
}

/** Two windows of the page of Spring Boot, which other guides use as well. */
async function twoWindows(browser, url) {
  const phoenix = await readFile(PHOENIX, "utf8");
  const windows = [];
  for (let i = 0; i < 2; i++) {
    const page = await browser.window({ width: 500, height: 400 });
    await page.route("https://esm.sh/**", route => route.fulfill({ contentType: "text/javascript", body: phoenix }));
    await page.goto(url);
    windows.push(page);
  }
  const [ann, bo] = windows;
  // A join that comes later gets no message of before.
  const messages = async page => (await page.locator("li").allTextContents()).join();
  await until("both get a message", async () => {
    await ann.locator("input").fill("Hello");
    await ann.getByRole("button", { name: "Send" }).click();
    return (await messages(ann)).includes("Hello") && (await messages(bo)).includes("Hello");
  }, () => project.output);
  return windows;
}

describe("the chat of docs/spring-boot.md, step by step", { skip: noBrowser || notLong }, () => {
  let browser;
  before(async () => (browser = await Browser.start()));
  after(() => browser?.close());

  test("from an empty project to two windows", { timeout: 3 * BUILD }, async () => {
    project = await Project.empty();
    const all = await blocks("docs/spring-boot.md");
    const [install, start] = commands(all);
    await project.install(install);

    const [web, channels] = await freePorts(2);
    await project.writeBlock("pom.xml", all, "file=spring-boot/pom.xml");
    const path = "src/main/java/com/example/demo/ChatApplication.java";
    await project.writeBlock(path, all, `file=spring-boot/${path}`);
    await project.writeBlock("src/main/resources/static/index.html", all, "html", text => text.replace(":4000", `:${channels}`));

    await project.start(start, /Started ChatApplication/, { SERVER_PORT: `${web}`, HELIODOR_PORT: `${channels}` });
    await twoWindows(browser, `http://localhost:${web}`);
    await browser.closeWindows();
    assert.doesNotMatch(project.output, / WARN /);
  });
});

/** An identity provider on this machine, whose keys change. */
class Issuer {
  #keys = new Map();
  #server;

  static async start() {
    const issuer = new Issuer();
    issuer.#server = createServer((request, response) => {
      const found = {
        "/.well-known/openid-configuration": { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` },
        "/keys": { keys: [...issuer.#keys].map(([kid, { publicKey }]) => ({ ...publicKey.export({ format: "jwk" }), kid, use: "sig" })) },
      }[request.url];
      response.writeHead(found ? 200 : 404, { "Content-Type": "application/json" }).end(JSON.stringify(found ?? {}));
    });
    await new Promise(resolve => issuer.#server.listen(0, "127.0.0.1", resolve));
    issuer.rotate();
    return issuer;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** Signs with a new key from now on; those before stay published. */
  rotate() {
    this.kid = randomUUID();
    this.#keys.set(this.kid, generateKeyPairSync("ec", { namedCurve: "P-256" }));
  }

  token(subject, more = {}) {
    const text = value => Buffer.from(JSON.stringify(value)).toString("base64url");
    const claims = { iss: this.url, aud: "chat", sub: subject, exp: Math.floor(Date.now() / 1000) + 3600, ...more };
    const signed = `${text({ alg: "ES256", kid: this.kid })}.${text(claims)}`;
    const key = this.#keys.get(this.kid).privateKey;
    return `${signed}.${sign("sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
  }

  close() {
    this.#server.closeAllConnections();
    return new Promise(resolve => this.#server.close(resolve));
  }
}

describe("the chat of docs/jwt.md, step by step", { skip: notLong }, () => {
  test("from an empty folder to users of an identity provider whose keys change", { timeout: 3 * BUILD }, async () => {
    const issuer = await Issuer.start();
    try {
      project = await Project.empty();
      const quickStart = await blocks("docs/quick-start.md");
      const all = await blocks("docs/jwt.md");
      const [install, start] = commands(all);
      await project.install(install);
      const dependency = all.find(block => block.info === "xml").text;
      await project.writeBlock("pom.xml", quickStart, "file=quick-start/pom.xml", text =>
        text.replace("  </dependencies>", `${dependency}  </dependencies>`).replace("<mainClass>Chat<", "<mainClass>SignedInChat<"));
      await project.writeBlock(".mvn/jvm.config", quickStart, "file=jvm.config");
      const path = "src/main/java/SignedInChat.java";
      await project.writeBlock(path, all, "file=SignedInChat.java", text => text.replace(".port(4000)", ".port(0)"));

      const [, port] = await project.start(
        start.replace("https://idp.example.com/realms/x", issuer.url), /^http:\/\/127\.0\.0\.1:(\d+)/m);
      const server = { socket: `ws://127.0.0.1:${port}/socket` };
      const open = token => RawClient.open(server, { headers: { Authorization: `Bearer ${token}` } });
      const joins = async (client, name) => {
        const ok = { status: "ok", response: { name } };
        await client.says(["1", "1", "room:lobby", "phx_join", {}], ["1", "1", "room:lobby", "phx_reply", ok]);
      };
      const ann = await open(issuer.token("ann"));
      await joins(ann, "ann");
      issuer.rotate();
      const bo = await open(issuer.token("bo"));
      await joins(bo, "bo");
      bo.send(["1", null, "room:lobby", "say", { body: "Hello Ann" }]);
      await ann.nextIs([null, null, "room:lobby", "new_msg", { from: "bo", body: "Hello Ann" }]);
      await assert.rejects(open(issuer.token("cy", { aud: "another" })), /401/);
      assert.doesNotMatch(project.output, /WARN/);
    } finally {
      await issuer.close();
    }
  });
});

/** The chats of docs/quarkus-and-micronaut.md: their files, and the line of the log after which they serve. */
const FRAMEWORKS = [
  { name: "quarkus", port: "QUARKUS_HTTP_PORT", started: /Listening on: (http:\S+)/, page: "META-INF/resources/index.html" },
  { name: "micronaut", port: "MICRONAUT_SERVER_PORT", started: /Server Running: (http:\S+)/ },
];

for (const framework of FRAMEWORKS) {
  describe(`the chat of ${framework.name}, step by step`, { skip: noBrowser || notLong }, () => {
    let browser;
    before(async () => (browser = await Browser.start()));
    after(() => browser?.close());

    test("from an empty folder to a broadcast of a request", { timeout: 3 * BUILD }, async () => {
      project = await Project.empty();
      const all = await blocks("docs/quarkus-and-micronaut.md");
      const [install, build, run, micronaut] = commands(all).flatMap(text => text.split("\n"));
      await project.install(install);
      const prefix = `file=${framework.name}/`;
      for (const { info, text } of all.filter(block => block.info.includes(prefix))) {
        await project.write(info.split(prefix)[1].split(" ")[0], text);
      }
      const [web, channels] = await freePorts(2);
      if (framework.page) {
        await project.writeBlock(`src/main/resources/${framework.page}`, await blocks("docs/spring-boot.md"), "html",
          text => text.replace(":4000", `:${channels}`));
      }
      const quarkus = framework.name === "quarkus";
      if (quarkus) await project.step(build);
      const environment = { [framework.port]: `${web}`, CHAT_PORT: `${channels}`, CHAT_ORIGIN: `http://localhost:${web}` };
      await project.start(quarkus ? run : micronaut, framework.started, environment);
      if (framework.page) {
        await twoWindows(browser, `http://localhost:${web}`);
        await browser.closeWindows();
      }

      const ann = await RawClient.open({ socket: `ws://127.0.0.1:${channels}/socket` });
      await ann.says(["1", "1", "room:lobby", "phx_join", {}], ["1", "1", "room:lobby", "phx_reply", { status: "ok", response: {} }]);
      const headers = { "Content-Type": "text/plain" };
      const { ok } = await fetch(`http://localhost:${web}/announcements`, { method: "POST", headers, body: "Lunch is ready" });
      assert.ok(ok);
      await ann.nextIs([null, null, "room:lobby", "message", { text: "Lunch is ready" }]);

      await project.signal("SIGTERM");
      await until("the client is closed", () => ann.closed, () => ann.state());
      assert.equal(ann.closed.code, 1001);
    });
  });
}
