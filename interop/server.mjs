import { spawn } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { DEADLINE, until, within } from "./deadline.mjs";

const LISTENING = /^listening on (http:\/\/\S+:(\d+))\s*$/m;
const running = new Set();

/** A start that takes longer is shown, with what the server printed. */
const SLOW = 15_000;

process.on("exit", () => running.forEach(child => child.kill("SIGKILL")));

/** A server process of ours. An environment variable has the command as a shell runs it, to which options are appended. */
export class Server {
  #options;
  #child;
  #output = "";

  constructor(variable, options) {
    this.variable = variable;
    this.#options = options;
  }

  /** Starts what the environment variable names, on a free port, with more options. */
  static async start(variable, ...options) {
    const server = new Server(variable, options);
    await server.#run(0);
    return server;
  }

  get #command() {
    const command = process.env[this.variable];
    if (!command) throw new Error(`${this.variable} is not set: give it the command line that starts the server`);
    return [command, ...this.#options].join(" ");
  }

  /** The URL for phoenix.js, which appends the name of the transport. */
  get socket() {
    return `ws://${new URL(this.url).host}/socket`;
  }

  /** What /health answers. */
  async health() {
    return (await fetch(new URL("/health", this.url))).json();
  }

  /** What the process has printed since its start. */
  get output() {
    return this.#output;
  }

  /** The exit status of the process when it has ended. */
  get ended() {
    return this.#child.exited;
  }

  /** Asks the process to end; its exit status. */
  async stop() {
    return this.#end("SIGTERM");
  }

  /** Ends the process without a word to anybody. */
  async kill() {
    return this.#end("SIGKILL");
  }

  /** Stops all its threads: connections stay, nothing is read. */
  async freeze() {
    this.#child.kill("SIGSTOP");
    // The signal waits for a thread that takes it, and on a busy machine the others go on until then.
    let states = [];
    await until("all threads are stopped", async () => {
      states = await this.#threadStates();
      return states.every(state => state === "T");
    }, () => states);
  }

  /** Lets its threads go on. */
  thaw() {
    this.#child.kill("SIGCONT");
  }

  /** The states of its threads, as the kernel names them: T is stopped. */
  async #threadStates() {
    const tasks = `/proc/${this.#child.pid}/task`;
    const stat = task => readFile(`${tasks}/${task}/stat`, "utf8").catch(() => ") X");
    const stats = await Promise.all((await readdir(tasks)).map(stat));
    return stats.map(text => text[text.lastIndexOf(")") + 2]);
  }

  /** Starts it again where it was, by the same command or by what another environment variable names. */
  async restart(variable = this.variable) {
    this.variable = variable;
    await this.#run(this.port);
  }

  async #run(port) {
    this.#output = "";
    // exec: signals are for the server, not for the shell around it.
    const child = spawn(`exec ${this.#command} --port ${port}`, { shell: true, stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    running.add(child);
    child.exited = new Promise(resolve =>
      child.once("exit", (code, signal) => {
        running.delete(child);
        resolve(signal ?? code);
      }),
    );
    child.stderr.on("data", text => (this.#output += text));
    const listening = new Promise((resolve, reject) => {
      child.stdout.on("data", text => {
        this.#output += text;
        const line = LISTENING.exec(this.#output);
        if (line) resolve(line);
      });
      child.exited.then(status => reject(new Error(`the server ended with ${status}:\n${this.#output}`)));
    });
    const from = performance.now();
    const line = await within("the server listens", listening, () => this.#output, 3 * DEADLINE);
    if (performance.now() - from > SLOW) console.error(`it listened after ${Math.round(performance.now() - from)} ms:\n${this.#output}`);
    this.url = line[1];
    this.port = Number(line[2]);
  }

  async #end(signal) {
    this.#child.kill(signal);
    return within(`the server ends after ${signal}`, this.#child.exited, () => this.#output);
  }
}
