import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { searchOptions } from "../../site/search.mjs";
import { Browser, noBrowser } from "../browser.mjs";
import { BUILD } from "../guide.mjs";
import { long, notLong } from "../size.mjs";

// The site of the documents, as ./heliodor docs makes it, without the Javadoc.

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SITE = join(ROOT, "site");
const FOLDER = fileURLToPath(new URL("../target/site", import.meta.url));
const HTML = join(FOLDER, "html");
const JAVADOC = "/api/index.html";
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png" };

/** Questions that users type, each with the page that answers it. */
const QUESTIONS = {
  "how do I kick a user": "connections",
  "who is online": "presence",
  "nginx websocket": "behind-a-proxy",
  "limit messages per second": "limits",
  "close code 4408": "limits",
  "are sticky sessions needed": "faq",
  "send a message from a service": "channels",
  "test a channel with junit": "testing-channels",
  "spring security": "spring-boot",
  "keycloak token": "jwt",
  "react hooks": "javascript",
  "deploy on kubernetes": "several-nodes",
  "missed messages after a reconnect": "history",
  "prometheus metrics": "observability",
  "renew tls certificate": "operations",
  "how many users per server": "sizing",
  "leader election": "cluster",
  "migrate from socket.io": "coming-from-others",
  "kotlin data class": "kotlin",
  "collaborative editing": "documents",
  "python client": "clients",
  "page gets 403": "faq",
};

/** Of these the page is one of the first two hits. */
const OF_NEW_USERS = {
  "kick a user": "connections",
  "rate limit": "limits",
  "typing indicator": "channels",
  "sticky sessions": "faq",
  "migrate from STOMP": "coming-from-others",
  "same port as Tomcat": "faq",
  "push to one user": "connections",
  "RPC timeout": "cluster",
  "origin 403": "connections",
  "React presence": "javascript",
  "worker publish without http server": "faq",
  "change a role at run time": "faq",
  "load test my application": "faq",
  "optimistic lock typed error": "faq",
  "expired JWT reconnect": "faq",
  "message order between nodes": "faq",
  "test with two nodes": "testing-channels",
  "connections per GB": "faq",
  "nginx config": "behind-a-proxy",
  Kubernetes: "behind-a-proxy",
  "late joiner current state": "channels",
  "file upload size": "faq",
  "TypeScript types": "contracts",
  "metrics Prometheus": "observability",
  "graceful shutdown": "operations",
};

let pages;

/** Installs the packages of the site, and builds it. */
async function build() {
  const installed = join(SITE, "node_modules/.package-lock.json");
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(join(SITE, "package-lock.json")).mtimeMs) {
    await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: SITE });
  }
  await run("node", [join(SITE, "build.mjs"), FOLDER]);
  const files = (await readdir(HTML, { recursive: true })).filter(file => file.endsWith(".html"));
  pages = new Map(await Promise.all(files.map(async file => [`/${file}`, await readFile(join(HTML, file), "utf8")])));
}

/** The values of an attribute in a page. */
const attributes = (html, name) => [...html.matchAll(new RegExp(`\\s${name}="([^"]*)"`, "g"))].map(([, value]) => value.replaceAll("&amp;", "&"));

/** The links of a page to this site: the page and the anchor of each. */
function links(page) {
  return attributes(pages.get(page), "href")
    .filter(href => !/^[a-z]+:/.test(href))
    .map(href => {
      const { pathname, hash } = new URL(href, `http://site${page}`);
      return { path: pathname.endsWith("/") ? `${pathname}index.html` : pathname, anchor: decodeURIComponent(hash.slice(1)) };
    });
}

describe("the site of the documents", { skip: noBrowser || long }, () => {
  let browser;
  let server;
  let url;
  before(async () => {
    await build();
    browser = await Browser.start();
    server = createServer(async ({ url }, response) => {
      const { pathname } = new URL(url, "http://site");
      const file = join(HTML, pathname.endsWith("/") ? `${pathname}index.html` : pathname);
      const content = await readFile(file).catch(() => undefined);
      response.writeHead(content ? 200 : 404, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream" }).end(content);
    });
    await new Promise(resolve => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${server.address().port}`;
  }, { timeout: BUILD });
  after(async () => {
    await browser?.close();
    server?.close();
  });

  test("every link has a target", () => {
    const broken = [];
    for (const page of pages.keys()) {
      for (const { path, anchor } of links(page)) {
        const found = path === JAVADOC || (path.endsWith(".html") ? pages.has(path) : existsSync(join(HTML, path)));
        if (!found || (anchor && !attributes(pages.get(path), "id").includes(anchor))) broken.push(`${page}: ${path}#${anchor}`);
      }
    }
    assert.deepEqual(broken, []);
  });

  test("every page is two clicks from the first one at most", () => {
    const reached = new Set(["/index.html"]);
    for (let click = 0; click < 2; click++) {
      for (const page of [...reached]) if (pages.has(page)) links(page).forEach(({ path }) => reached.add(path));
    }
    assert.ok(reached.has(JAVADOC));
    assert.deepEqual([...pages.keys()].filter(page => !reached.has(page)), ["/404.html"]);
  });

  test("no page needs another host, and a policy forbids it", async () => {
    for (const [page, html] of pages) {
      assert.match(html, /<meta http-equiv="Content-Security-Policy" content="default-src 'self';/, page);
      const loaded = html.match(/<(?:script|link|img|iframe|source|video)\b[^>]*>/g).flatMap(tag => [...attributes(tag, "src"), ...attributes(tag, "href")]);
      assert.deepEqual(loaded.filter(address => !/^(\/(?!\/)|data:)/.test(address)), [], page);
    }
    for (const file of (await readdir(join(HTML, "assets"), { recursive: true })).filter(file => file.endsWith(".css"))) {
      assert.doesNotMatch(await readFile(join(HTML, "assets", file), "utf8"), /url\(["']?(?:https?:)?\/\/|@import/, file);
    }
  });

  test("code fragments have their imports in a fold", () => {
    const guide = pages.get("/channels.html");
    assert.match(guide, /<details><summary>Imports<\/summary><div class="language-java/);
    assert.doesNotMatch(guide, /region=/);
  });

  test("the search finds the page for what a user types", async () => {
    const MiniSearch = createRequire(join(SITE, "package.json"))("minisearch");
    const chunks = join(HTML, "assets/chunks");
    const [chunk, ...more] = (await readdir(chunks)).filter(file => file.startsWith("@localSearchIndex"));
    assert.deepEqual(more, []);
    const { default: index } = await import(pathToFileURL(join(chunks, chunk)));
    // The fields of VitePress' search box.
    const search = MiniSearch.loadJSON(index, {
      fields: ["title", "titles", "text"],
      storeFields: ["title", "titles"],
      searchOptions,
    });
    const missed = [];
    for (const [questions, hits] of [[QUESTIONS, 3], [OF_NEW_USERS, 2]]) {
      for (const [question, page] of Object.entries(questions)) {
        const found = search.search(question).slice(0, hits).map(({ id }) => id);
        if (!found.some(id => id.startsWith(`/${page}.html`))) missed.push(`${question}: ${found.join(" ")}, not ${page}`);
      }
    }
    assert.deepEqual(missed, []);
  });

  test("on a desktop and on a phone no page is wider than the window", { timeout: BUILD }, async () => {
    const wide = [];
    const page = await browser.window({ width: 1280, height: 900, javaScriptEnabled: false });
    let [first, second] = [1280, 390];
    for (const path of pages.keys()) {
      if (path === "/404.html") continue;
      await page.goto(url + path);
      // A page is loaded in the width of the one before: each change lays it out once more.
      for (const width of [first, second]) {
        if (width === second) await page.setViewportSize({ width, height: 900 });
        const scrolled = await page.evaluate(() => document.documentElement.scrollWidth);
        if (scrolled > width) wide.push(`${path}: ${scrolled} of ${width}`);
      }
      [first, second] = [second, first];
    }
    await browser.closeWindows();
    assert.deepEqual(wide, []);
  });

  test("the search box opens the page", async () => {
    const page = await browser.window({ width: 1280, height: 900 });
    await page.goto(url);
    await page.getByRole("button", { name: "Search" }).first().click();
    await page.getByRole("searchbox").fill("how do I kick a user");
    const excerpt = page.getByRole("option").first().locator(".excerpt");
    await excerpt.locator("mark", { hasText: "user" }).first().waitFor();
    assert.match(await excerpt.textContent(), /^To end connections/);
    await page.getByRole("option").first().click();
    await page.waitForURL(/\/connections\.html#disconnect-kick-and-remove$/);
    await browser.closeWindows();
  });

  test("it is dark or light as the system is", async () => {
    const backgrounds = [];
    for (const colorScheme of ["dark", "light"]) {
      const page = await browser.window({ width: 1280, height: 900, colorScheme });
      await page.goto(`${url}/channels.html`);
      backgrounds.push(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
    }
    await browser.closeWindows();
    assert.deepEqual(backgrounds, ["rgb(23, 19, 11)", "rgb(255, 253, 248)"]);
  });
});

test("./heliodor docs makes the site with the Javadoc of each public type", { skip: notLong, timeout: BUILD }, async () => {
  // The tests' own build has no class paths of the modules of Spring Boot.
  const { HELIODOR_BUILD, ...env } = process.env;
  const { stdout } = await run(join(ROOT, "heliodor"), ["docs"], { env });
  const [, html] = /jwebserver' -d '(.+)'/.exec(stdout);
  const modules = (await readFile(join(ROOT, "docs/api-at-a-glance.md"), "utf8")).split(/^## /m);
  const pages = modules
    .filter(module => !module.startsWith("kotlin"))
    .flatMap(module => [...module.matchAll(/^`([\w.]+)`(?: \(incubating\))?: (.+)$/gm)])
    .flatMap(([, name, types]) => types.split(", ").map(type => `api/${name.replaceAll(".", "/")}/${type}.html`));
  assert.ok(pages.includes("api/io/heliodor/event/Call.html"));
  assert.deepEqual(pages.filter(page => !existsSync(join(html, page))), []);
});
