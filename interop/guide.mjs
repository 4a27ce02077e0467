import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { until, within } from "./deadline.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** Of a build and its downloads, on a machine with other builds. */
export const BUILD = 600_000;
/** For the JVMs of Maven, of its tests and of programs: they run for seconds, in which the second compiler costs more than it saves. */
const SHORT_LIVED = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1";

/** The fenced blocks of a document: what follows the backticks, and the text between. */
export async function blocks(document) {
  const text = await readFile(join(ROOT, document), "utf8");
  return [...text.matchAll(/^```(.*)\n([^]*?)^```$/gm)].map(([, info, text]) => ({ info, text }));
}

/** The commands of a document, which are its blocks without a language. */
export const commands = all => all.filter(block => block.info === "").map(block => block.text.trim());

/** A local repository without artifacts of Heliodor, which has all that Maven has fetched for this build. */
export async function repository(folder) {
  const fetched = process.env.HELIODOR_REPOSITORY ?? join(homedir(), ".m2", "repository");
  await mkdir(join(folder, "io", "heliodor"), { recursive: true });
  const link = async (from, to, except) => {
    for (const name of await readdir(from)) if (name !== except) await symlink(join(from, name), join(to, name));
  };
  await link(fetched, folder, "io");
  await link(join(fetched, "io"), join(folder, "io"), "heliodor");
  return folder;
}

/** The project that a guide makes in an empty folder, and the program that runs there. */
export class Project {
  output = "";
  #folder;
  #options;
  #running;

  static async empty() {
    const project = new Project();
    project.#folder = await mkdtemp(join(tmpdir(), "heliodor-guide-"));
    project.local = `-Dmaven.repo.local=${await repository(join(project.#folder, "repository"))}`;
    await project.#configure(`${project.local}\n`);
    return project;
  }

  /** A project that gets Heliodor from a repository; its local one has none of Heliodor's artifacts. */
  static async of(repository) {
    const project = await Project.empty();
    const settings = join(project.folder, ".mvn", "settings.xml");
    await writeFile(settings, `<settings>
  <profiles>
    <profile>
      <id>release</id>
      <repositories><repository><id>release</id><url>file://${repository}</url></repository></repositories>
    </profile>
  </profiles>
  <activeProfiles><activeProfile>release</activeProfile></activeProfiles>
</settings>
`);
    await project.#configure(`${project.local}\n--settings\n${settings}\n`);
    return project;
  }

  /** The project that a command of the launcher writes, with a release that another project has. */
  static async generated(command, { released, version }) {
    const project = new Project();
    project.#folder = await mkdtemp(join(tmpdir(), "heliodor-new-"));
    await project.#succeeds(`HELIODOR_BUILD=no ${command} ${project.folder}`, ROOT);
    project.printed = project.output;
    await project.#configure(`${released.#options}-Dheliodor.version=${version}\n`);
    return project;
  }

  /** The options of Maven, one in a line. */
  #configure(options) {
    this.#options = options;
    return this.write(join(".mvn", "maven.config"), options);
  }

  get folder() {
    return join(this.#folder, "chat");
  }

  /** What the first step of a guide has installed of an artifact. */
  installed(artifact) {
    return readdir(join(this.#folder, "repository/io/heliodor", artifact, "0.1.0-SNAPSHOT"));
  }

  async write(path, text) {
    await mkdir(dirname(join(this.folder, path)), { recursive: true });
    await writeFile(join(this.folder, path), text);
  }

  /** Replaces a text in a file. */
  async edit(path, from, to) {
    const text = await readFile(join(this.folder, path), "utf8");
    assert.ok(text.includes(from), `${path} has ${from}`);
    await this.write(path, text.replace(from, to));
  }

  /** Writes the first of the blocks whose line has this text. */
  async writeBlock(path, all, info, change = text => text) {
    const block = all.find(block => block.info.includes(info));
    assert.ok(block, `a block with ${info}`);
    await this.write(path, change(block.text));
  }

  #run(command, cwd, environment = {}) {
    const JAVA_HOME = process.env.HELIODOR_JAVA ?? process.env.JAVA_HOME;
    const env = { ...process.env, JAVA_HOME, JDK_JAVA_OPTIONS: SHORT_LIVED, ...environment };
    if (env.JAVA_HOME) env.PATH = `${join(env.JAVA_HOME, "bin")}:${env.PATH}`;
    this.output = "";
    // Its own process group, which is killed whole if a step fails.
    const child = spawn(command, { shell: true, cwd, env, detached: true });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", text => (this.output += text));
    child.ended = new Promise(resolve => child.once("exit", (code, signal) => resolve(signal ?? code)));
    return child;
  }

  async #succeeds(command, cwd) {
    const child = this.#run(command, cwd);
    assert.equal(await within(command, child.ended, () => this.output, BUILD), 0, this.output);
  }

  /** Runs the step that installs Heliodor, in the clone. */
  install(command) {
    return this.#succeeds(`${command} ${this.local}`, ROOT);
  }

  /** Runs a step to its end. */
  step(command) {
    return this.#succeeds(command, this.folder);
  }

  /** Starts a program and returns the first match in its output. */
  async start(command, pattern, environment) {
    // The process itself, not a shell around it.
    this.#running = this.#run(`exec ${command}`, this.folder, environment);
    const ended = this.#running.ended.then(status => assert.fail(`${command} ended with ${status}:\n${this.output}`));
    ended.catch(() => {}); // also if nothing waits for it any more
    const found = until("it has started", async () => pattern.exec(this.output), () => this.output, BUILD);
    return Promise.race([found, ended]);
  }

  /** Sends a signal to the program that was started, and returns its status. */
  async signal(name) {
    process.kill(this.#running.pid, name);
    return await within("the program has ended", this.#running.ended, () => this.output);
  }

  /** Kills what still runs, and deletes the folder. */
  async delete() {
    if (this.#running) {
      try {
        process.kill(-this.#running.pid, "SIGKILL");
      } catch (error) {
        assert.equal(error.code, "ESRCH"); // the test has ended it
      }
      await this.#running.ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}
