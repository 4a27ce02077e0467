import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, afterEach, before, describe, test } from "node:test";
import { Browser, noBrowser } from "../browser.mjs";
import { DEADLINE, until, within } from "../deadline.mjs";
import { Proxy } from "../proxy.mjs";
import { long } from "../size.mjs";

const TARGET = fileURLToPath(new URL("../../examples/planning-board/target", import.meta.url));

describe("the planning board", { skip: noBrowser }, () => {
  let folder;
  let server;
  let ended;
  let browser;
  let output = "";
  const links = {};

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "heliodor-board-"));
    await cp(join(TARGET, "web"), join(folder, "web"), { recursive: true });
    const classpath = [join(TARGET, "classes"), await readFile(join(TARGET, "classpath.txt"), "utf8")].join(":");
    const java = join(process.env.HELIODOR_JAVA ?? process.env.JAVA_HOME, "bin", "java");
    const main = ["io.heliodor.examples.board.PlanningBoard", "Ann", "Bo", "Cy"];
    server = spawn(java, ["-Dport=0", "-cp", classpath.trim(), ...main], { cwd: folder });
    ended = new Promise(resolve => server.once("exit", (status, signal) => resolve(signal ?? status)));
    for (const stream of [server.stdout, server.stderr]) stream.on("data", text => (output += text));
    await until("it has printed its links", () => /^Cy: /m.test(output), () => output, 3 * DEADLINE);
    for (const [, name, link] of output.matchAll(/^(\w+): (http:\S+)$/gm)) links[name] = link;
    browser = await Browser.start();
  });
  after(async () => {
    await browser?.close();
    server?.kill("SIGKILL");
    await ended;
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(() => browser.closeWindows());

  /** A window of a user; through a proxy if there is one. */
  async function open(name, { proxy, ...options } = {}) {
    const page = await browser.window({ width: 980, height: 600, ...options });
    const link = new URL(links[name]);
    if (proxy) link.port = new URL(proxy.url).port;
    await page.goto(`${link}`);
    await online(page);
    await page.locator("#people li", { hasText: name }).waitFor();
    return page;
  }
  const online = page => page.locator("#status", { hasText: "Connected" }).waitFor();
  const card = (page, column, title) => page.locator(".column", { hasText: column }).locator(".card", { hasText: title });
  async function add(page, title) {
    await page.getByLabel("New card").fill(title);
    await page.keyboard.press("Enter");
    await card(page, "To do", title).waitFor();
  }
  const did = (page, text) => page.locator("#activity li", { hasText: text }).waitFor();

  test("two users move cards by buttons and by dragging, and see each other's cursors", async () => {
    const [ann, bo] = [await open("Ann"), await open("Bo", { colorScheme: "dark" })];
    await ann.locator("#people li", { hasText: "Bo" }).waitFor();
    await add(ann, "Write the guide");
    await card(bo, "To do", "Write the guide").getByRole("button", { name: "Move to Doing" }).click();
    await did(ann, "Bo moved “Write the guide” to Doing");
    await card(ann, "Doing", "Write the guide").dragTo(ann.locator(".column", { hasText: "Done" }));
    await card(bo, "Done", "Write the guide").waitFor();
    await did(bo, "Ann moved “Write the guide” to Done");
    await ann.mouse.move(400, 300);
    await bo.locator("#cursors span", { hasText: "Ann" }).waitFor();
    if (process.env.HELIODOR_SCREENSHOT_BOARD) await picture(ann, bo);
    await card(bo, "Done", "Write the guide").getByRole("button", { name: "Archive" }).click();
    await did(ann, "Bo archived “Write the guide”");
    await card(ann, "Done", "Write the guide").waitFor({ state: "detached" });
    await ann.close();
    await bo.locator("#cursors span", { hasText: "Ann" }).waitFor({ state: "detached" });
  });

  test("a page that was cut off gets the changes that it missed", { skip: long }, async () => {
    const proxy = await Proxy.to({ url: new URL(links.Bo).origin });
    const [ann, bo] = [await open("Ann"), await open("Bo", { proxy })];
    await add(ann, "Cut the line");
    await did(bo, "Ann added “Cut the line”");
    proxy.cut();
    await bo.locator('body[data-state="connecting"]').waitFor();
    await add(ann, "Mend the line");
    await card(ann, "To do", "Cut the line").getByRole("button", { name: "Archive" }).click();
    proxy.mend();
    await online(bo);
    await did(bo, "Ann added “Mend the line”");
    await did(bo, "Ann archived “Cut the line”");
    await card(bo, "To do", "Mend the line").waitFor();
    await card(bo, "To do", "Cut the line").waitFor({ state: "detached" });
    assert.equal(await bo.locator("#activity li", { hasText: "Ann added “Cut the line”" }).count(), 1);
    await bo.close();
    proxy.close();
  });

  test("a card whose reply is lost is sent again and added once", async () => {
    const proxy = await Proxy.to({ url: new URL(links.Bo).origin });
    const [ann, bo] = [await open("Ann"), await open("Bo", { proxy })];
    proxy.mute();
    await bo.getByLabel("New card").fill("Lose the reply");
    await bo.keyboard.press("Enter");
    await card(ann, "To do", "Lose the reply").waitFor();
    proxy.cut();
    proxy.mend();
    await online(bo);
    await bo.locator('input[name="title"]:placeholder-shown').waitFor(); // phoenix.js repeats after 10 s
    await add(bo, "After it");
    await card(ann, "To do", "After it").waitFor();
    for (const page of [ann, bo]) assert.equal(await card(page, "To do", "Lose the reply").count(), 1);
    proxy.close();
  });

  test("a user who exceeds the rate sees the refusal, and what is repeated is done later", { skip: long }, async () => {
    const page = await open("Bo");
    await add(page, "Hurry");
    await card(page, "To do", "Hurry").waitFor();
    await page.evaluate(() => {
      const move = document.querySelector("#columns article button");
      for (let i = 0; i < 40; i++) move.click();
    });
    await page.getByRole("alert").getByText(/^Too many changes: try again in \d+ ms$/).waitFor();
    await page.evaluate(() => {
      const form = document.getElementById("add");
      for (let i = 0; i < 40; i++) {
        form.elements.title.value = `Hurry ${i}`;
        form.requestSubmit();
      }
    });
    await until("all cards are there", async () => (await page.locator("article", { hasText: /^Hurry \d+/ }).count()) === 40);
  });

  test("the owner kicks a user, who stays away", async () => {
    const [ann, cy] = [await open("Ann"), await open("Cy")];
    assert.equal(await cy.getByRole("button", { name: /^Kick/ }).count(), 0);
    await ann.getByRole("button", { name: "Kick Cy" }).click();
    await cy.getByText("Ann removed you").waitFor();
    await ann.locator("#people li", { hasText: "Cy" }).waitFor({ state: "detached" });
  });

  test("SIGTERM drains it", async () => {
    const page = await open("Bo");
    server.kill("SIGTERM");
    assert.equal(await within("the end of the server", ended, () => output), 143);
    await page.locator('body[data-state="connecting"]').waitFor();
  });

  async function picture(ann, bo) {
    for (const title of ["Order more honey", "Ask Cy about the crystals", "Paint the door"]) await add(ann, title);
    await card(bo, "To do", "Ask Cy").getByRole("button", { name: "Move to Doing" }).click();
    await card(ann, "Doing", "Ask Cy").waitFor();
    await bo.mouse.move(520, 330);
    await ann.locator("#cursors span", { hasText: "Bo" }).waitFor();
    await ann.screenshot({ path: `${process.env.HELIODOR_SCREENSHOT_BOARD}-ann.png` });
    await bo.screenshot({ path: `${process.env.HELIODOR_SCREENSHOT_BOARD}-bo.png` });
  }
});
