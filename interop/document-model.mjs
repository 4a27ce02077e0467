import { createHash } from "node:crypto";
import * as Y from "yjs";

/** Random numbers from a seed. */
export class Random {
  #state;

  constructor(seed) {
    this.#state = seed * 2654435761 + 1;
  }

  /** From 0 to below 1. */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  below(count) {
    return Math.floor(this.next() * count);
  }

  chance(probability) {
    return this.next() < probability;
  }
}

/** The content of updates, as a document. */
export function docOf(updates) {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, update);
  return doc;
}

/** Whether a document changes when updates are applied to a copy of it. */
function lacks(doc, updates) {
  let changes = 0;
  doc.on("update", () => changes++);
  for (const update of updates) Y.applyUpdate(doc, update);
  return changes > 0;
}

/** A store as `DocumentStore` describes it. It refuses a snapshot that would lose an update. */
export class ModelStore {
  log = new Map();
  replaced = 0;
  refused = 0;
  #first = 1000;

  get last() {
    return [...this.log.keys()].at(-1) ?? 0;
  }

  read(after, maxBytes) {
    const updates = [];
    let bytes = 0;
    for (const [position, content] of this.log) {
      if (position <= after) continue;
      bytes += content.length;
      if (updates.length > 0 && bytes > maxBytes) break;
      updates.push({ position, content });
    }
    return { last: this.last, updates };
  }

  write(update, replaced) {
    if (replaced === 0) {
      const position = this.last === 0 ? this.#first : this.last + 1;
      this.log.set(position, update);
      return position;
    }
    if (!this.log.has(replaced)) {
      this.refused++;
      return 0;
    }
    const contained = [...this.log].filter(([position]) => position <= replaced);
    if (lacks(docOf([update]), contained.map(([, content]) => content))) throw new Error(`the snapshot of ${replaced} loses updates`);
    this.log = new Map([[replaced, update], ...[...this.log].filter(([position]) => position > replaced)]);
    this.replaced++;
    return replaced;
  }

  /** Begins another log, as a store in memory that was started again. */
  clear() {
    this.#first = Math.max(this.#first, this.last) + 1000;
    this.log.clear();
  }
}

function encode({ last, updates }) {
  const bytes = new ArrayBuffer(updates.reduce((sum, { content }) => sum + 12 + content.length, 8));
  const view = new DataView(bytes);
  view.setBigUint64(0, BigInt(last));
  let at = 8;
  for (const { position, content } of updates) {
    view.setBigUint64(at, BigInt(position));
    view.setUint32(at + 8, content.length);
    new Uint8Array(bytes).set(content, at + 12);
    at += 12 + content.length;
  }
  return bytes;
}

/** What the server calls the holder of a secret. */
const ownerOf = ({ secret }) => (secret ? createHash("sha256").update(secret).digest("hex").slice(0, 32) : undefined);

/** The time after which a call has timed out, and that before a refused one is repeated. */
const TIMEOUT = 10_000;
const REPEAT_DELAY = 1_000;

/**
 * Servers over one store. They have the messages of `io.heliodor.document`, and a network that is late, in any order, and loses
 * broadcasts; and nodes that die between a step and the next one.
 */
export class ModelServer {
  store = new ModelStore();
  pages = new Set();
  writable = () => true;
  knowsMembers = true; // false while a member of another node is not known yet
  maxBytes = 1_000_000;
  partBytes = 2_000;
  maxDelay = 200;
  lostBroadcasts = 0;
  lostCalls = 0; // requests, and as many replies, on connections that live
  executed = { read: 0, write: 0 };

  constructor(random) {
    this.random = random;
  }

  delay() {
    return this.random.chance(0.01) ? TIMEOUT + 1_000 : this.random.below(this.maxDelay);
  }

  /** A page, whose client has a channel as `@heliodor/client` gives it. */
  page(name, node) {
    return new ModelPage(this, name, node);
  }

  /** Ends a node with all its connections. */
  kill(node) {
    for (const page of this.pages) if (page.node === node) page.cut();
  }

  /** Sends the presences to all pages, somewhat later. */
  announce() {
    setTimeout(() => {
      const entries = new Map();
      for (const { status, joined, run, name } of this.pages) {
        if (status.phase !== "joined" || !joined.client) continue;
        const others = entries.get(`${joined.client}`)?.metas ?? [];
        entries.set(`${joined.client}`, { metas: [...others, { phx_ref: `${name}-${run}`, owner: ownerOf(joined) }] });
      }
      for (const page of this.pages) page.present(entries);
    }, 75);
  }

  execute(page, name, request, reply) {
    this.executed[name]++;
    if (name === "read") return reply({ status: "ok", reply: encode(this.store.read(request.after, this.partBytes)) });
    if (!this.writable(page)) return reply({ status: "error", error: { reason: "read_only" } });
    const replaced = Number(new DataView(request).getBigUint64(0));
    const update = new Uint8Array(request.slice(8));
    if (update.length > this.maxBytes) return reply({ status: "error", error: { reason: "too_large" } });
    const position = this.store.write(update, replaced);
    if (this.random.chance(0.02)) return this.kill(page.node); // stored, and then nothing
    if (replaced === 0) {
      const part = encode({ last: position, updates: [{ position, content: update }] });
      for (const other of this.pages) if (other !== page && !this.random.chance(this.lostBroadcasts)) other.deliver("updated", part);
    }
    return reply({ status: "ok", reply: { position } });
  }
}

class ModelPage {
  run = 0; // of the connection
  sent = []; // awareness updates
  #presences = new Set();
  #handlers = new Map();
  #statuses = new Set();
  #status = { phase: "idle" };
  #hides = new Set();
  #connections = new Set();
  connection = { phase: "open" };
  #calls = new Set(); // without a reply

  constructor(server, name, node) {
    Object.assign(this, { server, name, node });
    server.pages.add(this);
  }

  get client() {
    const page = this;
    return {
      get status() {
        return page.connection;
      },
      onStatus: callback => {
        this.#connections.add(callback);
        return () => this.#connections.delete(callback);
      },
      channel: (topic, payload) => {
        Object.assign(this, { topic, payload });
        return this;
      },
      onPageHide: callback => {
        this.#hides.add(callback);
        return () => this.#hides.delete(callback);
      },
    };
  }

  /** The client has another status. */
  connect(status) {
    this.connection = status;
    for (const callback of [...this.#connections]) callback(status);
  }

  /** The page is left. */
  hide() {
    for (const callback of [...this.#hides]) callback();
  }

  get status() {
    return this.#status;
  }

  #set(status) {
    this.#status = status;
    for (const callback of [...this.#statuses]) callback(status);
  }

  on(event, callback) {
    this.#handlers.set(event, callback);
    return () => this.#handlers.delete(event);
  }

  onStatus(callback) {
    this.#statuses.add(callback);
    return () => this.#statuses.delete(callback);
  }

  presence() {
    return {
      onChange: callback => {
        this.#presences.add(callback);
        return () => this.#presences.delete(callback);
      },
    };
  }

  /** The presences of the topic have changed. */
  present(entries) {
    if (this.#status.phase === "joined") for (const callback of [...this.#presences]) callback(entries);
  }

  join() {
    this.server.pages.add(this);
    this.#set({ phase: "joining" });
    this.#enter();
  }

  #enter() {
    const own = ++this.run;
    const payload = { ...this.payload() };
    setTimeout(() => {
      if (own !== this.run) return;
      this.joined = payload;
      const owner = ownerOf(this.joined);
      const isTaken = ({ status, joined }) => status.phase === "joined" && joined.client === this.joined.client && ownerOf(joined) !== owner;
      if (owner && this.server.knowsMembers && [...this.server.pages].some(isTaken)) {
        this.#set({ phase: "refused", error: { reason: "client_taken" }, final: false });
        return setTimeout(() => own === this.run && this.#enter(), 1_000);
      }
      this.#set({ phase: "joined", reply: { write: this.server.writable(this), max_bytes: this.server.maxBytes, owner } });
      for (const { send } of [...this.#calls]) send();
      this.server.announce();
    }, this.server.delay());
  }

  leave() {
    this.run++;
    this.server.pages.delete(this);
    this.#set({ phase: "left" });
    this.server.announce();
  }

  /** Loses the connection: what is on its way is lost in both directions. It is back later, at any node. */
  cut(time = this.server.random.below(3_000)) {
    if (this.#status.phase === "left") return;
    this.run++;
    for (const { lost } of [...this.#calls]) lost();
    this.#set({ phase: "joining" });
    this.server.announce();
    this.node = this.server.random.below(3);
    if (time !== Infinity) setTimeout(() => this.#enter(), time);
  }

  deliver(event, payload) {
    const { run } = this;
    setTimeout(() => run === this.run && this.receive(event, payload), this.server.delay());
  }

  receive(event, payload) {
    if (this.#status.phase === "joined") this.#handlers.get(event)?.(payload);
  }

  push(event, payload) {
    this.sent.push(payload);
    const owner = Buffer.from(ownerOf(this.joined) ?? "", "hex");
    const bytes = new Uint8Array(8 + payload.byteLength + owner.length);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(this.joined.client));
    bytes.set(new Uint8Array(payload), 8);
    bytes.set(owner, 8 + payload.byteLength);
    for (const other of this.server.pages) if (other !== this) other.deliver(event, bytes.buffer);
  }

  /** A call waits for the join. One that may be repeated ends with its connection. */
  call(name, request, { timeout = TIMEOUT, repeat } = {}) {
    return new Promise(resolve => {
      let sent = -1; // the connection
      const settle = result => {
        const passes = result.status === "timeout" || result.error?.reason === "unavailable";
        if (passes && (typeof repeat === "function" ? repeat(result) : repeat)) {
          setTimeout(() => this.#calls.has(call) && call.send(), REPEAT_DELAY);
          return;
        }
        clearTimeout(timer);
        this.#calls.delete(call);
        resolve(result);
      };
      const call = {
        send: () => {
          if (this.#status.phase !== "joined") return;
          const own = (sent = this.run);
          const arrive = then => setTimeout(() => own === this.run && then(), this.server.delay());
          const isLost = () => this.server.random.chance(this.server.lostCalls);
          arrive(() => isLost() || this.server.execute(this, name, request, result => isLost() || arrive(() => settle(result))));
        },
        lost: () => repeat && sent >= 0 && settle({ status: "timeout" }),
      };
      const timer = setTimeout(() => settle({ status: "timeout" }), timeout);
      this.#calls.add(call);
      call.send();
    });
  }
}
