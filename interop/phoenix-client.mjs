import { Socket } from "phoenix";
import WebSocket from "ws";
import { DEADLINE, until, within } from "./deadline.mjs";

const open = new Set();

/** A timeout of clients that no test runs into, because its own deadline comes first. */
export const PATIENT = 2 * DEADLINE;

/** phoenix.js with quick retries, patience, and a memory of what came. */
export class Client {
  /** How clients reach the server unless they say so themselves. */
  static transport = WebSocket;

  closes = [];

  constructor(server, options = {}) {
    this.socket = new Socket(server.socket, {
      transport: Client.transport,
      reconnectAfterMs: () => 20,
      rejoinAfterMs: () => 20,
      timeout: PATIENT,
      longpollerTimeout: PATIENT,
      ...options,
    });
    this.socket.onClose(event => this.closes.push(event.code));
    this.socket.connect();
    open.add(this);
  }

  static disconnectAll() {
    for (const client of open) client.socket.disconnect();
    open.clear();
  }

  /** A channel that is not joined yet; `seen` are its events, [event, payload]. */
  channel(topic, payload = {}) {
    const channel = this.socket.channel(topic, payload);
    channel.seen = [];
    channel.onMessage = (event, payload) => {
      // A push whose time is up after it was sent again has no event: phoenix.js passes null.
      if (event !== null && !event.startsWith("chan_reply_")) channel.seen.push([event, payload]);
      return payload;
    };
    return channel;
  }

  async join(topic, payload) {
    const channel = this.channel(topic, payload);
    const reply = await answer(channel.join());
    if (reply.status !== "ok") throw new Error(`${topic} refused: ${JSON.stringify(reply)}`);
    return channel;
  }

  isOpen() {
    return until("the socket is open", () => this.socket.isConnected(), () => this.state());
  }

  state() {
    return {
      socket: this.socket.connectionState(),
      closes: this.closes,
      channels: this.socket.channels.map(({ topic, state, seen }) => ({ topic, state, seen: seen?.slice(-5) })),
    };
  }
}

/** The reply to a push, as {status, response}. */
export function answer(push) {
  const reply = new Promise(resolve => {
    for (const status of ["ok", "error", "timeout"]) push.receive(status, response => resolve({ status, response }));
  });
  return within(`a reply to ${push.event} on ${push.channel.topic}`, reply, () => push.channel.seen.slice(-5));
}

export const ask = (channel, event, payload) => answer(channel.push(event, payload));

/** The payloads of `event` so far. */
export const payloads = (channel, event) => channel.seen.filter(([name]) => name === event).map(([, payload]) => payload);

/** Waits for the channel to have seen `count` of the event; their payloads. */
export async function heard(channel, event, count = 1) {
  await until(`${count} ${event} on ${channel.topic}`, () => payloads(channel, event).length >= count, () => channel.seen.slice(-5));
  return payloads(channel, event);
}

export const joined = channel =>
  until(`${channel.topic} is joined`, () => channel.state === "joined", () => ({ state: channel.state, seen: channel.seen.slice(-5) }));
