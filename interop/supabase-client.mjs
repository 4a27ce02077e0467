import { inspect, isDeepStrictEqual } from "node:util";
import { RealtimeClient } from "@supabase/realtime-js";
import { Presence } from "phoenix";
import WebSocket from "ws";
import { DEADLINE, until } from "./deadline.mjs";

const open = new Set();

/** A channel of supabase-js on a connection of its own, with quick retries, patience, and a memory of what came. */
export class Member {
  statuses = [];
  messages = [];
  broadcasts = [];
  presences = [];

  /** `config` as for supabase-js; with `watch` it listens to presence, `track` is tracked whenever it is subscribed. */
  constructor(server, topic, { config = {}, watch = false, track, ...options } = {}) {
    this.client = new RealtimeClient(server.socket, {
      transport: WebSocket,
      params: { apikey: "of nobody" },
      reconnectAfterMs: () => 20,
      timeout: 2 * DEADLINE,
      ...options,
    });
    this.client.socketAdapter.onMessage(message => this.messages.push(message));
    this.channel = this.client.channel(topic, { config });
    this.channel.on("broadcast", { event: "*" }, message => this.broadcasts.push(message));
    if (watch) {
      for (const event of ["sync", "join", "leave"]) {
        this.channel.on("presence", { event }, presence => this.presences.push(presence));
      }
    }
    this.channel.subscribe((status, error) => {
      this.statuses.push(error ? [status, error.message] : [status]);
      if (status === "SUBSCRIBED" && track) this.channel.track(track);
    });
    open.add(this);
  }

  static async subscribed(...args) {
    const member = new Member(...args);
    await member.has("SUBSCRIBED");
    return member;
  }

  static disconnectAll() {
    for (const { client } of open) client.disconnect();
    open.clear();
  }

  /** Waits for the status to have come so many times. */
  has(status, times = 1) {
    return this.until(`${times} ${status}`, () => this.statuses.filter(([name]) => name === status).length >= times);
  }

  until(what, condition) {
    return until(`${what} on ${this.channel.topic}`, condition, () => this.state());
  }

  send(event, payload) {
    return this.channel.send({ type: "broadcast", event, payload });
  }

  /** The broadcasts as [event, payload], once there are so many. */
  async heard(count = 1) {
    await this.until(`${count} broadcasts`, () => this.broadcasts.length >= count);
    return this.broadcasts.map(({ event, payload }) => [event, payload]);
  }

  /** Who is present, as {key: [what is said of them]}. */
  get present() {
    return said(this.channel.presenceState(), metas => metas);
  }

  /**
   * The same, as phoenix.js understands what came. Where a key has several presences, even for a moment, version 2.109.0
   * of realtime-js forgets their refs, and so those that leave stay (supabase-js, issue 2565).
   */
  get told() {
    const state = this.messages.reduce((state, { event, payload }) => {
      if (event === "presence_state") return Presence.syncState(state, structuredClone(payload));
      return event === "presence_diff" ? Presence.syncDiff(state, structuredClone(payload)) : state;
    }, {});
    return said(state, ({ metas }) => metas);
  }

  async sees(present) {
    await this.until(`presence ${inspect(present)}`, () => isDeepStrictEqual(this.present, present));
  }

  async isTold(present) {
    await this.until(`told of ${inspect(present)}`, () => isDeepStrictEqual(this.told, present));
  }

  /** The joins or leaves so far, as [key, [what was said]]. */
  changes(event) {
    const list = event === "join" ? "newPresences" : "leftPresences";
    return this.presences
      .filter(presence => presence.event === event)
      .map(presence => [presence.key, presence[list].map(({ presence_ref, ...meta }) => meta)]);
  }

  /** Cuts the connection, without a word to the server. */
  cut() {
    this.client.socketAdapter.getSocket().conn.terminate();
  }

  state() {
    return {
      statuses: this.statuses,
      present: this.present,
      told: this.told,
      broadcasts: this.broadcasts.slice(-3),
      presences: this.presences.slice(-5),
      messages: this.messages.slice(-5),
    };
  }
}

const said = (state, metas) =>
  Object.fromEntries(
    Object.entries(state).map(([key, presence]) => [key, metas(presence).map(({ phx_ref, phx_ref_prev, presence_ref, ...meta }) => meta)]),
  );
