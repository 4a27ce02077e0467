// @ts-check
import { newId, nodeName, readPeople, readShout, readTyping } from "./payloads.mjs";

const KEPT = 200;
const UNCONFIRMED = 50;
const PATIENCE = 86_400_000;

/**
 * One room: its channel, who is there, and what was said in it since this page came, also while it was cut off.
 * `phase` is "out", "joining", "joined", "lost" (phoenix.js joins again by itself), "refused" or "closed" (it does not).
 *
 * A message of our own is confirmed by its broadcast: it is in `unsent` until then, and then takes its place in `entries`, whose
 * order is that of the server. Messages that are written while the room cannot be reached wait in the buffer of phoenix.js. Those
 * that were under way when the connection broke are put there again; a client that got one the first time has its id and
 * drops the second.
 */
export class Room {
  phase = "out";
  entries = [];
  people = [];
  /** @type {import("@heliodor/client").Channel<import("@heliodor/client").ChannelAt<import("../../types/demo").Demo, `history:${string}`>>} */
  #channel;
  #user;
  #token;
  #catchingUp = false;
  #unconfirmed = new Map();
  #ids = new Set();

  /** The name of the node of the last join; undefined before the first one, and after this page left the room. */
  #node;
  #awaySince;
  #return;

  /** @param {import("./connection.mjs").Connection} connection */
  constructor(name, connection, listener) {
    this.name = name;
    /** @type {`history:${string}`} */
    this.topic = `history:${name}`;
    this.connection = connection;
    this.listener = listener;
  }

  /** The messages that are not confirmed, in the order in which they were written. */
  get unsent() {
    return [...this.#unconfirmed.values()];
  }

  /** Enters as that user; whoever is in the room as somebody else leaves first, and misses nothing by it. */
  enter(user) {
    if (this.#channel !== undefined && this.phase !== "closed") {
      if (this.#user === user) return;
      this.#quit();
    }
    this.#user = user;
    const channel = this.connection.client.channel(this.topic, () => ({ user, since: this.#token }), { retries: () => true });
    this.#channel = channel;
    // A channel that is left has another status, and no presences.
    const current = callback => value => this.#channel === channel && callback(value);
    channel.on("shout", (payload, token) => this.#heard(payload, token));
    channel.on("whisper", payload => this.#whispered(payload));
    channel.presence().onChange(current(people => this.#seen(readPeople(people))));
    channel.onStatus(current(status => this.#changed(status)));
    channel.onRecovered(recovery => this.#joined(recovery));
    channel.join();
    for (const message of this.#unconfirmed.values()) this.#push(message);
  }

  leave() {
    this.#interrupted();
    this.#node = undefined;
    this.#quit();
  }

  /** Says it in the room, now or as soon as the room can be reached; false when too much is waiting already. */
  say(from, body) {
    if (this.#unconfirmed.size >= UNCONFIRMED) return false;
    if (this.phase === "closed") this.enter(from);
    const message = { id: newId(), from, body, at: Date.now(), mine: true, pending: true };
    this.#unconfirmed.set(message.id, message);
    this.listener.wrote(this, message);
    this.#push(message);
    return true;
  }

  whisperTyping(from) {
    if (this.#isReached()) this.#channel.push("whisper", { kind: "typing", from });
  }

  #quit() {
    const channel = this.#channel;
    this.#channel = undefined;
    this.phase = "out";
    this.people = [];
    channel?.leave();
  }

  #push(message) {
    const { id, from, body, at } = message;
    const now = this.#isReached();
    message.sentAt = now ? performance.now() : undefined;
    // An event that waits is dropped when its timeout ends before the room is back.
    this.#channel.push("shout", { id, from, body, at }, now ? {} : { timeout: PATIENCE });
  }

  #isReached() {
    return this.#channel?.status.phase === "joined" && this.connection.socket.isConnected();
  }

  #changed({ phase }) {
    if (phase === "refused") this.#become("refused");
    if (phase === "closed") this.#ended();
    if (phase !== "joining") return;
    if (["out", "closed"].includes(this.phase)) this.#become("joining");
    else this.#lost();
  }

  #joined(recovery) {
    // phoenix.js has just sent its buffer.
    for (const message of this.#unconfirmed.values()) message.sentAt ??= performance.now();
    this.#token = recovery.token;
    const stayed = this.phase === "joined";
    this.#become("joined");
    this.#return = undefined;
    if (this.#awaySince === undefined) {
      if (stayed) this.#add({ note: true, how: "gap" });
    } else {
      const how = recovery.recovered ? "missed" : "late";
      this.#return = { note: true, away: performance.now() - this.#awaySince, how, caughtUp: 0 };
      this.#awaySince = undefined;
      this.#catchingUp = recovery.recovered;
      this.#add(this.#return);
    }
    this.#arrive();
  }

  /** Requests the name of the node. Missed messages come before the reply. */
  #arrive() {
    const back = this.#return;
    this.#channel.call("node").then(({ status, reply }) => {
      if (status !== "ok" || this.#return !== back) return;
      const { node } = reply;
      this.#catchingUp = false;
      const before = this.#node;
      this.#node = node;
      if (back === undefined) return;
      if (before !== undefined && before !== node) back.move = { from: nodeName(before), to: nodeName(node) };
      if (back.how === "missed" && back.caughtUp === 0) back.how = "nothing";
      this.listener.counted(this, back);
    });
  }

  #interrupted() {
    this.#catchingUp = false;
    if (this.phase === "joined") this.#awaySince = performance.now();
  }

  #ended() {
    this.#interrupted();
    this.#become("closed");
  }

  #lost() {
    this.#interrupted();
    this.#become("lost");
    for (const message of this.#unconfirmed.values()) {
      if (message.sentAt !== undefined) this.#push(message);
    }
  }

  #seen(people) {
    this.people = people;
    this.listener.people(this);
  }

  #whispered(payload) {
    const from = readTyping(payload);
    if (from !== "") this.listener.typing(this, from);
  }

  #heard(payload, token) {
    this.#token = token ?? this.#token;
    const message = readShout(payload, Date.now());
    if (message === undefined) return;
    const own = this.#unconfirmed.get(message.id);
    if (own !== undefined) {
      this.#unconfirmed.delete(own.id);
      own.pending = false;
      this.#add(own);
      this.listener.confirmed(this, performance.now() - own.sentAt);
    } else if (!this.#ids.has(message.id)) {
      this.#add(message);
      if (this.#catchingUp && this.#return !== undefined) {
        this.#return.caughtUp++;
        this.listener.counted(this, this.#return);
      }
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
