import { until } from "./deadline.mjs";
import { freePorts } from "./ports.mjs";
import { Server } from "./server.mjs";

export const COOKIE = "a-cookie-for-these-tests";

/** Servers that are nodes of one cluster, on this machine. */
export class Cluster {
  servers = [];

  /** Starts one for each name; they know each other when this returns. */
  static start(...names) {
    return Cluster.startAs("HELIODOR_SERVE", ...names);
  }

  /** The same, with more options for each of them. */
  static startWith(options, ...names) {
    return Cluster.#start("HELIODOR_SERVE", options, names);
  }

  /** The same, by what an environment variable names. */
  static startAs(variable, ...names) {
    return Cluster.#start(variable, [], names);
  }

  static async #start(variable, options, names) {
    const cluster = new Cluster();
    const ports = await freePorts(names.length);
    const seeds = ports.map(port => `127.0.0.1:${port}`).join(",");
    cluster.servers = await Promise.all(
      names.map((name, i) =>
        Server.start(variable, `--node ${name}@127.0.0.1:${ports[i]}`, `--cookie ${COOKIE}`, `--seeds ${seeds}`, ...options),
      ),
    );
    await cluster.formed(names.length);
    return cluster;
  }

  /** Waits until each of them sees so many members. */
  async formed(count, servers = this.servers) {
    let seen = [];
    await until(`${count} members are seen`, async () => {
      seen = await Promise.all(servers.map(server => server.health().then(health => health.cluster)));
      return seen.every(({ status, members }) => status === "healthy" && members.length === count);
    }, () => seen);
  }

  stop() {
    return Promise.all(this.servers.map(server => server.stop()));
  }
}
