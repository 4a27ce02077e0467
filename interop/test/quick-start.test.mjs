import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, describe, test } from "node:test";
import { Browser, noBrowser } from "../browser.mjs";
import { until, within } from "../deadline.mjs";
import { long, notLong } from "../size.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Of a build and its downloads, on a machine with other builds. */
const BUILD = 600_000;

/** The fenced blocks of a document: what follows the backticks, and the text between. */
async function blocks(document) {
  const text = await readFile(join(ROOT, document), "utf8");
  return [...text.matchAll(/^```(.*)\n([^]*?)^```$/gm)].map(([, info, text]) => ({ info, text }));
}

/** A local repository for the guide's first step to install into, which has all that Maven has fetched for this build. */
async function repository(folder) {
  const fetched = process.env.HELIODOR_REPOSITORY ?? join(homedir(), ".m2", "repository");
  await mkdir(join(folder, "io", "heliodor"), { recursive: true });
  const link = async (from, to, except) => {
    for (const name of await readdir(from)) if (name !== except) await symlink(join(from, name), join(to, name));
  };
  await link(fetched, folder, "io");
  await link(join(fetched, "io"), join(folder, "io"), "heliodor");
  return folder;
}

/** Whether a server listens on a port of this machine. */
function connects(port) {
  return new Promise(resolve => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

/** The files of a guide and their paths; those that it does not have are those of the quick start. */
const GUIDES = [
  { page: "docs/quick-start.md", pom: "pom.xml", server: "Chat.java", folder: "src/main/java" },
  { page: "docs/kotlin.md", pom: "kotlin-pom.xml", server: "Chat.kt", folder: "src/main/kotlin", skip: notLong },
];

const steps = guide => () => {
  let folder;
  let browser;
  let running;
  let output = "";

  const run = (command, cwd) => {
    const environment = { ...process.env, JAVA_HOME: process.env.HELIODOR_JAVA ?? process.env.JAVA_HOME };
    // Its own process group, which is killed whole if a step fails.
    const child = spawn(command, { shell: true, cwd, env: environment, detached: true });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", text => (output += text));
    child.ended = new Promise(resolve => child.once("exit", (code, signal) => resolve(signal ?? code)));
    return child;
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "heliodor-quick-start-"));
    browser = await Browser.start();
  });
  after(async () => {
    await browser?.close();
    if (running) {
      try {
        process.kill(-running.pid, "SIGKILL");
      } catch (error) {
        assert.equal(error.code, "ESRCH"); // the test has ended it
      }
      await running.ended;
    }
    await rm(folder, { recursive: true, force: true });
  });

  test("from an empty folder to a chat in two windows that shows the users", { timeout: 3 * BUILD }, async () => {
    const quickStart = await blocks("docs/quick-start.md");
    const all = [...(await blocks(guide.page)), ...quickStart];
    const install = all.find(block => block.info === "").text.trim();
    const [, fetch, start, ...more] = quickStart.filter(block => block.info === "").map(block => block.text.trim());
    assert.deepEqual(more, []);
    const local = `-Dmaven.repo.local=${await repository(join(folder, "repository"))}`;
    const succeeds = async (command, cwd) => {
      output = "";
      assert.equal(await within(command, run(command, cwd).ended, () => output, BUILD), 0, output);
    };
    await succeeds(`${install} ${local}`, ROOT);
    const installed = await readdir(join(folder, "repository/io/heliodor/heliodor-endpoint/0.1.0-SNAPSHOT"));
    assert.ok(installed.includes("heliodor-endpoint-0.1.0-SNAPSHOT-sources.jar"), `${installed}`);

    const chat = join(folder, "chat");
    const write = async (path, info, change = text => text) => {
      const block = all.find(block => block.info.includes(info));
      await mkdir(dirname(join(chat, path)), { recursive: true });
      await writeFile(join(chat, path), change(block.text));
    };
    await write("pom.xml", `file=${guide.pom}`);
    await write(`${guide.folder}/${guide.server}`, `file=${guide.server}`, text => text.replace(".port(4000)", ".port(0)"));
    await write("web/index.html", "file=index.html");
    await write(".mvn/jvm.config", "file=jvm.config");
    await writeFile(join(chat, ".mvn", "maven.config"), `${local}\n`);

    await succeeds(fetch, chat);
    output = "";
    // The process of Maven itself, not a shell around it.
    running = run(`exec ${start}`, chat);
    const ended = running.ended.then(status => assert.fail(`${start} ended with ${status}:\n${output}`));
    const address = until("it says where it is", async () => /^http:\S+/m.exec(output)?.[0], () => output, BUILD);
    const url = await Promise.race([address, ended]);

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
    assert.doesNotMatch(output, /WARN/);

    const { port } = new URL(url);
    assert.ok(await connects(port));
    process.kill(running.pid, "SIGKILL");
    await running.ended;
    await until("the server has ended with its Maven", async () => !(await connects(port)), () => output);
  });
};

for (const guide of GUIDES) {
  describe(`the chat of ${guide.page}, step by step`, { skip: noBrowser || long || guide.skip }, steps(guide));
}
