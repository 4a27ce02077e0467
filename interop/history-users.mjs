import { withHistory } from "../npm/client/heliodor.mjs";
import { until } from "./deadline.mjs";
import { Client } from "./phoenix-client.mjs";

/** A user that publishes does so once in so many milliseconds. */
const INTERVAL = 10;

/** Random numbers from 0 to 1, the same for the same seed. */
export function chances(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Measures the longest pause of this process, until the returned function is called, which returns it. */
export function pauses() {
  let longest = 0;
  let tick = performance.now();
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - tick - 20);
    tick = performance.now();
  }, 20);
  return () => {
    clearInterval(timer);
    return longest;
  };
}

/** The messages of a user on one topic, at any node, as "publisher number". */
export class Follower {
  got = new Set();
  latest = new Map();
  faults = [];
  gaps = 0;
  joins = 0;
  longestToken = "";
  token;

  constructor(user, topic) {
    this.user = user;
    this.topic = topic;
  }

  follow(client) {
    const channel = withHistory(client.socket, this.topic, () => (this.token ? { since: this.token } : {}));
    // A channel that was left may still get something, which comes again on the next one.
    this.channel = channel;
    channel.on("shout", (message, ref) => {
      if (this.channel !== channel) return;
      this.#take(ref);
      this.#heard(message);
    });
    channel.onRecovered(({ recovered, token }) => {
      if (this.channel !== channel) return;
      this.#take(token);
      if (token.endsWith("~")) this.gaps++;
      else if (this.joins++ > 0 && !recovered) this.faults.push(`${this.user.name} did not recover ${this.topic}`);
    });
    channel.join();
    return channel;
  }

  #take(token) {
    this.token = token;
    if (token.length > this.longestToken.length) this.longestToken = token;
  }

  #heard(message) {
    const { p, n, re } = message;
    const key = `${p} ${n}`;
    if (this.got.has(key)) this.faults.push(`${this.user.name} got ${key} twice`);
    this.got.add(key);
    if (n <= (this.latest.get(p) ?? 0)) this.faults.push(`${this.user.name} got ${key} after ${this.latest.get(p)}`);
    this.latest.set(p, n);
    if (re && !this.got.has(re)) this.faults.push(`${this.user.name} got ${key} before ${re}`);
    this.last = key;
    this.user.heard(this, message);
  }
}

/** Follows all topics and publishes to them, at one node after the other. */
export class User {
  lives = 0;
  confirmed = [];
  pause = 0;
  #counters = new Map();
  #channels = [];

  constructor(name, topics, random) {
    this.name = name;
    this.random = random;
    this.followers = topics.map(topic => new Follower(this, topic));
  }

  /** Goes to a server. */
  async connect(server) {
    this.#leave();
    this.server = server;
    this.client = new Client(server, { reconnectAfterMs: () => 600_000 });
    const joins = this.followers.map(follower => follower.joins);
    this.#channels = this.followers.map(follower => follower.follow(this.client));
    await until(`${this.name} has joined`, () => this.followers.every((each, i) => each.joins > joins[i]), () => this.client.state());
  }

  /** Begins another incarnation of the publisher. */
  publish() {
    this.#counters.clear();
    this.life = `${this.name}${++this.lives}`;
    this.lastAt = performance.now();
    this.timer = setInterval(() => this.#publish(), INTERVAL);
  }

  #publish() {
    const i = Math.floor(this.random() * this.followers.length);
    const n = (this.#counters.get(i) ?? 0) + 1;
    this.#counters.set(i, n);
    this.#channels[i].push("shout", { p: this.life, n, re: this.followers[i].last, at: performance.now() });
  }

  heard(follower, message) {
    const { p, n } = message;
    const now = performance.now();
    this.arrived?.(message);
    if (this.lastAt !== undefined) this.pause = Math.max(this.pause, now - this.lastAt);
    this.lastAt = now;
    if (p === this.life) this.confirmed.push({ topic: follower.topic, key: `${p} ${n}`, at: now });
  }

  /** Its server is dead, or it changes the server. */
  #leave() {
    clearInterval(this.timer);
    this.lastAt = undefined;
    this.client?.socket.disconnect();
  }

  stop() {
    clearInterval(this.timer);
  }
}
