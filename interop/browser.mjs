import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import { DEADLINE, until } from "./deadline.mjs";

const executablePath = process.env.HELIODOR_CHROMIUM ?? "/usr/bin/chromium";

/** Why there can be no browser tests here, or false. */
export const noBrowser = existsSync(executablePath) ? false : `no Chromium at ${executablePath} (HELIODOR_CHROMIUM names it)`;

// A browser reports each failed try to connect as an error of the page, which a restart of the server brings about.
const EXPECTED = /^WebSocket connection to .* failed/;

/** A headless browser whose windows know nothing of each other: each has its own storage. */
export class Browser {
  #browser;
  #complaints = [];

  static async start() {
    const browser = new Browser();
    // A page that a test fulfils comes from no address, so Chromium would not let it connect to this machine.
    const args = ["--no-sandbox", "--disable-features=LocalNetworkAccessChecks"];
    browser.#browser = await chromium.launch({ executablePath, args });
    return browser;
  }

  close() {
    return this.#browser.close();
  }

  /** Opens the page and enters the room under that name. */
  async enter(server, name, room, { width = 900, height = 640, ...options } = {}) {
    const page = await this.window({ width, height, ...options });
    await page.goto(`${server.url}/#${room}`);
    await page.getByRole("textbox", { name: "Your name" }).fill(name);
    await page.getByRole("button", { name: "Come in" }).click();
    await online(page);
    await here(page).first().waitFor({ state: "attached" });
    return page;
  }

  async window({ width, height, ...options }) {
    const context = await this.#browser.newContext({ viewport: { width, height }, locale: "en-GB", ...options });
    context.setDefaultTimeout(DEADLINE);
    const page = await context.newPage();
    page.on("pageerror", error => this.#complaints.push(`${error}`));
    page.on("console", message => {
      if (["error", "warning"].includes(message.type()) && !EXPECTED.test(message.text())) this.#complaints.push(message.text());
    });
    page.on("response", response => {
      if (response.status() >= 400) this.#complaints.push(`${response.status()} ${response.url()}`);
    });
    return page;
  }

  /** Drops the complaints of pages so far that match; an error if there are none. */
  expectComplaints(pattern) {
    const others = this.#complaints.filter(complaint => !pattern.test(complaint));
    assert.notEqual(others.length, this.#complaints.length, `no complaint matches ${pattern}`);
    this.#complaints = others;
  }

  /** Closes all windows; an error if a page complained on its console. */
  async closeWindows() {
    await Promise.all(this.#browser.contexts().map(context => context.close()));
    const complaints = this.#complaints.splice(0);
    assert.deepEqual(complaints, []);
  }
}

export const online = page => page.locator('#status[data-state="online"]').waitFor();

export async function say(page, text) {
  await page.getByLabel("Message", { exact: true }).fill(text);
  await page.keyboard.press("Enter");
}

/** The message in the page's list, there and confirmed. */
export const message = (page, text) => page.locator(".bubble:not(.pending)", { hasText: text });
export const sees = (page, text) => message(page, text).waitFor();

/** The rows of those who are in the room. */
export const here = page => page.locator("#people li");

/** Waits until these are the people of the room, ourselves first: "Ann, you", "Bo, 2 tabs". */
export async function present(page, people) {
  let rows;
  const read = () =>
    here(page).evaluateAll(all =>
      all.map(row => [...row.querySelectorAll(".name, small")].map(part => part.textContent).filter(Boolean).join(", ")),
    );
  await until(`the people are ${people.join("; ")}`, async () => `${(rows = await read())}` === `${people}`, () => rows);
}
