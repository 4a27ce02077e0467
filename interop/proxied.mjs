// A page behind a proxy, for tests in Java: node proxied.mjs URL TRANSPORT HEARTBEAT_MS TOPIC
// It is phoenix.js over "websocket" or "longpoll", with the origin that a browser would send. The lines of its standard input are
// commands, each answered by a line of JSON: "echo COUNT BYTES" to call the channel so many times at once, "state" for what came. It
// ends with its standard input.
import { createInterface } from "node:readline";
import { LongPoll, Socket } from "phoenix";
import WebSocket from "ws";

const [url, transport, heartbeat, topic] = process.argv.slice(2);
const { origin } = new URL(url.replace(/^ws/, "http"));

class Page extends WebSocket {
  constructor(address, protocols) {
    super(address, protocols, { origin });
  }
}

const { fetch } = globalThis;
globalThis.fetch = (address, options) => fetch(address, { ...options, headers: { ...options.headers, origin } });

const closes = [];
const news = [];
let heartbeats = 0;

const socket = new Socket(url, {
  transport: transport === "longpoll" ? LongPoll : Page,
  heartbeatIntervalMs: Number(heartbeat),
  timeout: 120_000,
  longpollerTimeout: 120_000,
  reconnectAfterMs: () => 50,
  rejoinAfterMs: () => 50,
});
socket.onClose(({ code }) => closes.push(code));
socket.onMessage(({ topic, event }) => {
  if (topic === "phoenix" && event === "phx_reply") heartbeats++;
});
socket.connect();

const channel = socket.channel(topic);
channel.on("news", ({ n }) => news.push(n));
channel.join();

/** The status of the reply to an echo, or "changed" if the text is not that of the call. */
function echo(text) {
  return new Promise(resolve => {
    const push = channel.push("echo", { text });
    for (const status of ["ok", "error", "timeout"])
      push.receive(status, response => resolve(status === "ok" && response.text !== text ? "changed" : status));
  });
}

const commands = {
  echo: async (count, bytes) => ({ replies: await Promise.all(Array.from({ length: Number(count) }, () => echo("x".repeat(Number(bytes))))) }),
  state: () => ({
    joined: channel.state === "joined",
    closes,
    heartbeats,
    news: news.length,
    inOrder: news.every((n, i) => n === news[0] + i),
  }),
};

createInterface({ input: process.stdin })
  .on("line", async line => {
    const [name, ...words] = line.split(" ");
    process.stdout.write(`${JSON.stringify(await commands[name](...words))}\n`);
  })
  .on("close", () => process.exit(0));
