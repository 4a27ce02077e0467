// A user, for tests that start it on another host: node follower.mjs URL USER TOPIC...
// It is present in a room and follows topics that have a history. The lines of its standard input are commands, each answered by a
// line of JSON: "publish MS" to publish to one of the topics each so many milliseconds, "quiet" to end that, "burst COUNT BYTES MS" for
// messages of a size to the topics in turn within a time, "state" for what it has joined and got and who is present, "health" for that
// of its server. It ends with its standard input.
import { createInterface } from "node:readline";
import { Presence, Socket } from "phoenix";
import WebSocket from "ws";
import { withHistory } from "../npm/client/heliodor.mjs";

const [url, user, ...names] = process.argv.slice(2);
const faults = [];
let told = 0;
let life;
let lives = 0;
let connection;
let counters = new Map();

/** A topic, as this user has got it. */
class Topic {
  got = new Map();
  #last;
  #joins = 0;

  constructor(socket, name) {
    this.name = name;
    this.channel = withHistory(socket, name);
    this.channel.on("shout", message => this.#take(message));
    this.channel.onRecovered(({ recovered, token }) => {
      if (token?.endsWith("~")) told++;
      else if (this.#joins++ > 0 && !recovered) faults.push(`${user} did not recover ${name}`);
    });
    this.channel.join();
  }

  #take({ p, n, re }) {
    const numbers = this.got.get(p) ?? [];
    this.got.set(p, numbers);
    if (numbers.length > 0 && n <= numbers.at(-1)) faults.push(`${user} on ${this.name}: ${p} ${n} after ${numbers.at(-1)}`);
    numbers.push(n);
    if (re && !this.got.get(re[0])?.includes(re[1])) faults.push(`${user} on ${this.name}: ${p} ${n} before ${re}`);
    this.#last = [p, n];
  }

  publish(text) {
    // Else phoenix.js keeps it and sends it on the next connection.
    if (!this.channel.canPush()) return;
    // A push to a connection that ends may be lost: the next one is another life, which begins with 1.
    if (connection !== socket.conn) {
      connection = socket.conn;
      life = `${user}-${++lives}`;
      counters = new Map();
    }
    const n = (counters.get(this.name) ?? 0) + 1;
    counters.set(this.name, n);
    this.channel.push("shout", { p: life, n, re: this.#last, text });
  }
}

const socket = new Socket(url, { transport: WebSocket, reconnectAfterMs: () => 300, rejoinAfterMs: () => 300 });
socket.connect();
const room = socket.channel("room:all", { user });
const presence = new Presence(room);
room.join();
const topics = names.map(name => new Topic(socket, name));

let turn = 0;
let timer;

function publish(text) {
  topics[turn++ % topics.length].publish(text);
}

const commands = {
  publish: interval => {
    clearInterval(timer);
    timer = setInterval(() => publish(), Number(interval));
    return {};
  },
  burst: async (count, bytes, millis) => {
    const text = "x".repeat(Number(bytes));
    for (let i = 0; i < Number(count); i++) {
      publish(text);
      await new Promise(resolve => setTimeout(resolve, Number(millis) / Number(count)));
    }
    return {};
  },
  quiet: () => {
    clearInterval(timer);
    return {};
  },
  state: () => ({
    life,
    joined: topics.every(({ channel }) => channel.state === "joined"),
    told,
    faults: faults.slice(0, 10),
    users: presence.list(name => name).sort(),
    topics: Object.fromEntries(topics.map(topic => [topic.name, Object.fromEntries(topic.got)])),
  }),
  health: () =>
    fetch(`${url.replace("ws:", "http:").replace(/\/socket$/, "/health")}`, { signal: AbortSignal.timeout(2_000) })
      .then(answer => answer.json())
      .catch(failure => ({ failure: String(failure) })),
};

createInterface({ input: process.stdin })
  .on("line", async line => {
    const [name, ...words] = line.split(" ");
    process.stdout.write(`${JSON.stringify(await commands[name](...words))}\n`);
  })
  .on("close", () => process.exit(0));
