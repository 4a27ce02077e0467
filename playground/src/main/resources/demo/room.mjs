import { newId, readShout, readTyping } from "./payloads.mjs";

const KEPT = 200;
const UNCONFIRMED = 50;
const PATIENCE = 86_400_000;

/**
 * One room: its channel and what was said in it while this page listened. `phase` is "out", "joining", "joined",
 * "lost" (phoenix.js joins again by itself), "refused" or "closed" (it does not).
 *
 * A message of our own is confirmed by its broadcast coming back. What is written while the room cannot be reached
 * waits in the buffer of phoenix.js, and what was under way when the connection broke is put there again; whoever got
 * it the first time knows the id and drops the second.
 */
export class Room {
  phase = "out";
  entries = [];
  #channel;
  #unconfirmed = new Map();
  #ids = new Set();
  #awaySince;

  constructor(name, connection, listener) {
    this.name = name;
    this.topic = `room:${name}`;
    this.connection = connection;
    this.listener = listener;
  }

  enter() {
    const channel = this.connection.socket.channel(this.topic, {});
    this.#channel = channel;
    channel.on("shout", payload => this.#heard(payload));
    channel.on("whisper", payload => {
      const from = readTyping(payload);
      if (from !== "") this.listener.typing(this, from);
    });
    channel.onError(() => this.#lost(channel));
    channel.onClose(() => {
      if (this.#channel === channel) this.#become("closed");
    });
    this.#become("joining");
    channel
      .join()
      .receive("ok", () => this.#joined())
      .receive("error", () => this.#become("refused"));
    for (const message of this.#unconfirmed.values()) this.#push(message);
  }

  leave() {
    const channel = this.#channel;
    this.#channel = undefined;
    if (this.phase === "joined") this.#awaySince = performance.now();
    this.phase = "out";
    channel?.leave();
  }

  /** Says it in the room, now or as soon as the room can be reached; false when too much is waiting already. */
  say(from, body) {
    if (this.#unconfirmed.size >= UNCONFIRMED) return false;
    if (this.phase === "closed") this.enter();
    const message = { id: newId(), from, body, at: Date.now(), mine: true, pending: true };
    this.#unconfirmed.set(message.id, message);
    this.#add(message);
    this.#push(message);
    return true;
  }

  whisperTyping(from) {
    if (this.#channel?.canPush()) this.#channel.push("whisper", { kind: "typing", from });
  }

  #push(message) {
    const { id, from, body, at } = message;
    const now = this.#channel.canPush();
    message.sentAt = now ? performance.now() : undefined;
    // A buffered push is dropped when its timeout ends before the room is back.
    this.#channel.push("shout", { id, from, body, at }, now ? undefined : PATIENCE);
  }

  #joined() {
    // phoenix.js has just sent its buffer.
    for (const message of this.#unconfirmed.values()) message.sentAt ??= performance.now();
    this.#become("joined");
    if (this.#awaySince !== undefined) {
      this.#add({ note: true, away: performance.now() - this.#awaySince });
      this.#awaySince = undefined;
    }
  }

  #lost(channel) {
    if (this.#channel !== channel) return;
    this.#awaySince ??= this.phase === "joined" ? performance.now() : undefined;
    this.#become("lost");
    for (const message of this.#unconfirmed.values()) {
      if (message.sentAt !== undefined) this.#push(message);
    }
  }

  #heard(payload) {
    const message = readShout(payload, Date.now());
    if (message === undefined) return;
    const own = this.#unconfirmed.get(message.id);
    if (own !== undefined) {
      this.#unconfirmed.delete(own.id);
      own.pending = false;
      this.listener.confirmed(this, own, performance.now() - own.sentAt);
    } else if (!this.#ids.has(message.id)) {
      this.#add(message);
    }
  }

  #add(entry) {
    this.entries.push(entry);
    if (entry.id !== undefined) this.#ids.add(entry.id);
    if (this.entries.length > KEPT) this.#ids.delete(this.entries.shift().id);
    this.listener.added(this, entry);
  }

  #become(phase) {
    this.phase = phase;
    this.listener.changed(this);
  }
}
