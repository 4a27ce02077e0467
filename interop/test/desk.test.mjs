import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, afterEach, before, describe, test } from "node:test";
import { Browser, noBrowser } from "../browser.mjs";
import { DEADLINE, until } from "../deadline.mjs";
import { freePorts } from "../ports.mjs";
import { Proxy } from "../proxy.mjs";
import { notLong } from "../size.mjs";

const TARGET = fileURLToPath(new URL("../../examples/support-desk/target", import.meta.url));
const PHONE = { width: 390, height: 800, hasTouch: true };

describe("the support desk", { skip: noBrowser || notLong }, () => {
  let server;
  let ended;
  let proxy;
  let browser;
  let url;
  let output = "";

  before(async () => {
    const [web, sockets] = await freePorts(2);
    url = `http://127.0.0.1:${web}`;
    proxy = await Proxy.to({ url: `http://127.0.0.1:${sockets}` });
    const classpath = [join(TARGET, "classes"), await readFile(join(TARGET, "classpath.txt"), "utf8")].join(":");
    const java = join(process.env.HELIODOR_JAVA ?? process.env.JAVA_HOME, "bin", "java");
    const settings = [
      "--spring.profiles.active=demo",
      "--server.address=127.0.0.1",
      `--server.port=${web}`,
      "--heliodor.host=127.0.0.1",
      `--heliodor.port=${sockets}`,
      `--desk.socket=:${new URL(proxy.url).port}/socket`,
    ];
    const flags = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"];
    server = spawn(java, [...flags, "-cp", classpath.trim(), "io.heliodor.examples.desk.DeskApplication", ...settings]);
    ended = new Promise(resolve => server.once("exit", (status, signal) => resolve(signal ?? status)));
    for (const stream of [server.stdout, server.stderr]) stream.on("data", text => (output += text));
    const up = () => fetch(`${url}/actuator/health`).then(({ ok }) => ok, () => false);
    await until("it is up", up, () => output, 3 * DEADLINE);
    browser = await Browser.start();
  });
  after(async () => {
    await browser?.close();
    server?.kill("SIGKILL");
    await ended;
    proxy?.close();
  });
  afterEach(() => browser.closeWindows());

  /** A window of a person. */
  async function open(name, options) {
    const page = await browser.window({ width: 1180, height: 740, ...options });
    await page.goto(url);
    await page.locator("#people button", { hasText: name }).click();
    await page.locator('body[data-state="online"]').waitFor();
    return page;
  }
  const ticket = (page, subject) => page.locator("#tickets a", { hasText: subject });
  const message = (page, text) => page.locator(".message:not(.waits)", { hasText: text });
  async function say(page, text) {
    await page.getByLabel("Your message").fill(text);
    await page.getByRole("button", { name: "Send" }).click();
  }
  async function ask(page, subject) {
    await page.getByLabel("A new question").fill(subject);
    await page.getByRole("button", { name: "Ask" }).click();
    await page.locator("#title", { hasText: subject }).waitFor();
  }
  const picture = (page, name) =>
    process.env.HELIODOR_SCREENSHOT_DESK && page.screenshot({ path: `${process.env.HELIODOR_SCREENSHOT_DESK}-${name}.png` });

  test("a customer asks, and an agent answers", async () => {
    const [ann, bo] = [await open("Ann"), await open("Bo", { colorScheme: "dark" })];
    const dee = await open("Dee", { ...PHONE, colorScheme: "dark" });
    await dee.locator("#online", { hasText: "2 agents online" }).waitFor();
    await picture(dee, "phone-list");
    await ask(dee, "The parcel has not come");
    await say(dee, "It was to come on Monday.");
    await ticket(ann, "The parcel has not come").click();
    await message(ann, "It was to come on Monday.").waitFor();
    await ann.getByLabel("Agent").selectOption("bo");
    await bo.locator(".notice", { hasText: "Ann gave you “The parcel has not come”" }).waitFor();
    await ticket(bo, "The parcel has not come").locator(".badge", { hasText: "1" }).waitFor();
    await picture(bo, "notice");
    await bo.locator(".notice", { hasText: "Ann gave you" }).click();
    await message(bo, "It was to come on Monday.").waitFor();
    await dee.locator("#messages", { hasText: "Seen by" }).waitFor();
    await bo.getByLabel("Your message").pressSequentially("One moment");
    await dee.locator("#typing", { hasText: "Bo is typing" }).waitFor();
    await picture(dee, "phone");
    await bo.keyboard.press("Enter");
    await message(dee, "One moment").waitFor();
    await say(bo, "It is in your street, and comes within the hour.");
    await message(ann, "within the hour").waitFor();
    await picture(ann, "light");
    await picture(bo, "dark");
    await bo.getByRole("button", { name: "Close" }).click();
    await dee.locator("#about", { hasText: "closed" }).waitFor();
    await ticket(ann, "The parcel has not come").waitFor({ state: "detached" });
  });

  test("a page that was cut off gets what it missed, and sends once what it could not", async () => {
    const [ann, cy] = [await open("Ann"), await open("Cy")];
    await ask(cy, "Is anybody there?");
    await ticket(ann, "Is anybody there?").click();
    await say(cy, "Before");
    await message(ann, "Before").waitFor();
    proxy.cut();
    for (const page of [ann, cy]) await page.locator('body[data-state="connecting"]').waitFor();
    await say(cy, "Meanwhile");
    await cy.locator(".message.waits", { hasText: "Meanwhile" }).waitFor();
    proxy.mend();
    await message(ann, "Meanwhile").waitFor();
    await message(cy, "Meanwhile").waitFor();
    await say(ann, "Yes");
    await message(cy, "Yes").waitFor();
    for (const page of [ann, cy]) assert.equal(await page.locator(".message").count(), 3);
  });

  test("on a phone there is the list or a ticket, and nothing is wider than the screen", async () => {
    const ann = await open("Ann", PHONE);
    await picture(ann, "phone-agent-list");
    await ticket(ann, "The invoice shows our old address").click();
    await message(ann, "That was quick!").waitFor();
    assert.equal(await ann.locator("#list").isVisible(), false);
    await picture(ann, "phone-agent");
    const width = await ann.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(width, PHONE.width);
    await ann.getByRole("button", { name: "All tickets" }).click();
    await ticket(ann, "I cannot sign in on my phone").waitFor();
    assert.equal(await ann.locator("#ticket").isVisible(), false);
    await ann.getByRole("button", { name: "Sign out" }).click();
    await ann.locator("#people button", { hasText: "Dee" }).waitFor();
    await picture(ann, "phone-sign-in");
  });
});
