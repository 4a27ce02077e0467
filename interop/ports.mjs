import { createServer } from "node:net";

/** The system assigns none of these to a socket that binds to port 0; FreePort.java takes those above. */
const FIRST = 10_000;
const END = 20_000;
const BLOCK = 100;

/** The only one of them to which browsers do not connect (Fetch, 2.9, port blocking). */
const BLOCKED = 10_080;

/** The server that holds the block of this process, until the process ends. */
let held;

/** Begins anywhere: the ports of a process that has just ended may still have clients. */
let last = Math.floor(Math.random() * BLOCK);

/** Ports that are free, and that no other process of tests takes, also if their servers start slowly. */
export async function freePorts(count) {
  held ??= takeBlock();
  const block = (await held).address().port;
  const ports = [];
  for (let tried = 1; tried < BLOCK && ports.length < count; tried++) {
    last = (last % (BLOCK - 1)) + 1;
    if (block + last === BLOCKED) continue;
    const server = await listen(block + last);
    if (!server) continue;
    ports.push(server.address().port);
    await new Promise(resolve => server.close(resolve));
  }
  if (ports.length < count) throw new Error(`of the ${BLOCK - 1} ports after ${block} only ${ports.length} are free, not ${count}`);
  return ports;
}

async function takeBlock() {
  for (let first = FIRST; first < END; first += BLOCK) {
    const server = await listen(first);
    if (server) return server.unref();
  }
  throw new Error(`all ports from ${FIRST} to ${END} are in use`);
}

/** A server at the port, or undefined if the port is in use. */
function listen(port) {
  return new Promise((resolve, reject) => {
    const server = createServer()
      .once("error", error => (error.code === "EADDRINUSE" ? resolve(undefined) : reject(error)))
      .listen(port, "127.0.0.1", () => resolve(server));
  });
}
