import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { Browser, noBrowser } from "./browser.mjs";
import { until } from "./deadline.mjs";
import { BUILD, blocks, commands, Project } from "./guide.mjs";
import { freePorts } from "./ports.mjs";
import { notLong } from "./size.mjs";

/** The combinations of the guide: each template, and each option with and without. The others run in the long size. */
const SHORT = commands(await blocks("docs/new-project.md")).map(command => command.replace("./heliodor new ", ""));

const COMBINATIONS = ["chat", "board"].flatMap(template =>
  ["", " --spring"].flatMap(spring => ["", " --kotlin"].flatMap(kotlin => ["", " --react"].map(react => template + spring + kotlin + react))));

/** Enters under a name. */
async function enter(browser, url, name) {
  const page = await browser.window({ width: 700, height: 500 });
  await page.goto(url);
  await page.getByRole("textbox", { name: "Your name" }).fill(name);
  await page.getByRole("button", { name: "Enter" }).click();
  return page;
}

/** Writes a text into the field of a name, and presses the button. */
async function send(page, field, text, button) {
  await page.getByRole("textbox", { name: field }).fill(text);
  await page.getByRole("button", { name: button, exact: true }).click();
}

/** What two windows do in each template. */
const USES = {
  async chat(ann, bo) {
    await send(ann, "Message", "Hello Bo", "Send");
    for (const page of [ann, bo]) await page.getByRole("listitem").filter({ hasText: "Ann Hello Bo" }).waitFor();
  },
  async board(ann, bo) {
    await send(ann, "New card", "Buy tea", "Add");
    await bo.getByRole("article").filter({ hasText: "Buy tea" }).waitFor();
    await bo.getByRole("button", { name: "Move to Doing" }).click();
    const doing = page => page.locator("section", { has: page.getByRole("heading", { name: "Doing" }) });
    for (const page of [ann, bo]) await doing(page).getByText("Buy tea").waitFor();
  },
};

/**
 * The tests of the projects of ./heliodor new, each in an empty folder with the commands that it prints.
 *
 * @param release returns the repository of a release, and its version
 */
export const newProjects = release => describe("new projects", { skip: noBrowser }, () => {
  let browser;
  let released;
  let project;
  before(async () => {
    browser = await Browser.start();
    released = await Project.of(release().staging);
  });
  afterEach(async () => {
    await project?.delete();
    project = undefined;
  });
  after(async () => {
    await browser?.close();
    await released?.delete();
  });

  for (const words of COMBINATIONS) {
    test(`./heliodor new ${words}`, { timeout: 3 * BUILD, skip: !SHORT.includes(words) && notLong }, async () => {
      project = await Project.generated(`./heliodor new ${words}`, { released, version: release().version });
      const commands = project.printed.match(/^ {2}\S.*$/gm).map(line => line.trim());
      assert.equal(commands.length, 2, project.printed);
      const [testing, running] = commands;
      await project.step(testing);
      assert.match(project.output, /Tests run: [1-9]\d*, Failures: 0, Errors: 0, Skipped: 0/);

      const [template, ...options] = words.split(" ");
      const subject = { chat: "Chat", board: "Board" }[template];
      const has = option => options.includes(option);
      let url;
      if (has("--spring")) {
        const [web, channels] = await freePorts(2);
        const script = has("--react") ? `page/${template}.tsx` : `src/main/resources/static/${template}.mjs`;
        await project.edit(script, ":4000/", `:${channels}/`);
        await project.start(running, new RegExp(`Started ${subject}Application`), { SERVER_PORT: `${web}`, HELIODOR_PORT: `${channels}` });
        url = `http://localhost:${web}`;
      } else {
        const [sources, ending] = has("--kotlin") ? ["kotlin", "kt"] : ["java", "java"];
        await project.edit(`src/main/${sources}/com/example/chat/${subject}Server.${ending}`, ".port(4000)", ".port(0)");
        [url] = await project.start(running, /^http:\S+/m);
      }

      const [ann, bo] = [await enter(browser, url, "Ann"), await enter(browser, url, "Bo")];
      for (const page of [ann, bo]) {
        let here;
        const both = async () => (here = await page.getByRole("status").textContent()).replace("Here: ", "").split(", ").sort().join() === "Ann,Bo";
        await until("both are there", both, () => here);
      }
      await USES[template](ann, bo);
      assert.doesNotMatch(project.output, /WARN/);
      if (template === "board" && has("--react")) {
        await project.signal("SIGTERM"); // Maven ends the process that it started
        await send(ann, "New card", "Water the roses", "Add");
        await ann.getByRole("alert").filter({ hasText: "Nothing was done, without a connection" }).waitFor();
        assert.equal(await ann.getByRole("textbox", { name: "New card" }).inputValue(), "Water the roses");
      }
      await browser.closeWindows();
    });
  }
});
