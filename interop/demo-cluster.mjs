import { spawn } from "node:child_process";
import { DEADLINE, within } from "./deadline.mjs";

const LISTENING = /^listening on (\S+)$/gm;
const NODE = /^ +\S+ +(http:\S+) +kill -9 (\d+)$/gm;

/** The demo with several nodes, which prints their pages and processes. */
export class DemoCluster {
  #child;
  #exited;
  #output = "";

  static async start(count) {
    const cluster = new DemoCluster();
    await cluster.#start(count);
    return cluster;
  }

  async #start(count) {
    const child = spawn(`exec ${process.env.HELIODOR_DEMO} --nodes ${count} --port 0`, {
      shell: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    this.#exited = new Promise(resolve => child.once("exit", (code, signal) => resolve(signal ?? code)));
    for (const stream of [child.stdout, child.stderr]) stream.on("data", text => (this.#output += text));
    process.on("exit", () => child.kill("SIGTERM"));
    const listening = new Promise(resolve => {
      const look = () => [...this.#output.matchAll(NODE)].length === count && resolve();
      child.stderr.on("data", look);
    });
    await within("the nodes listen", listening, () => this.#output, 3 * DEADLINE);
    const nodes = [...this.#output.matchAll(NODE)];
    this.pages = nodes.map(([, page]) => page);
    this.pids = nodes.map(([, , pid]) => Number(pid));
    const urls = [...this.#output.matchAll(LISTENING)].map(([, url]) => url);
    if (`${urls.sort()}` !== `${[...this.pages].sort()}`) throw new Error(this.#output);
  }

  /** Asks it to end; its exit status, and what its processes printed meanwhile. */
  async stop() {
    const begin = this.#output.length;
    this.#child.kill("SIGTERM");
    const status = await within("the demo ends", this.#exited, () => this.#output);
    return { status, output: this.#output.slice(begin) };
  }
}
