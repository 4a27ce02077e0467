import assert from "node:assert/strict";
import { connect as connectTcp } from "node:net";
import { randomBytes } from "node:crypto";
import WebSocket from "ws";
import { until, within } from "./deadline.mjs";

const open = new Set();

const address = (server, query) => `${server.socket}/websocket?${query}`;

/** A WebSocket that speaks frames and nothing else. */
export class RawClient {
  closed = false;
  pongs = [];
  #frames = [];

  /** An open client; options as those of ws. */
  static async open(server, { query = "vsn=2.0.0", protocols = [], ...options } = {}) {
    const client = new RawClient(new WebSocket(address(server, query), protocols, options));
    const opened = new Promise((resolve, reject) => client.ws.once("open", resolve).once("error", reject));
    await within("the socket is open", opened, () => client.state());
    return client;
  }

  static terminateAll() {
    for (const client of open) client.ws.terminate();
    open.clear();
  }

  constructor(ws) {
    this.ws = ws;
    open.add(this);
    ws.on("error", error => (this.error = error));
    ws.on("message", (bytes, binary) => this.#frames.push(binary ? bytes : bytes.toString()));
    ws.on("pong", payload => this.pongs.push(payload.toString()));
    ws.on("close", (code, reason) => (this.closed = { code, reason: reason.toString() }));
  }

  /** Arrays go as JSON, strings as text, buffers as binary. */
  send(frame) {
    this.ws.send(Array.isArray(frame) ? JSON.stringify(frame) : frame);
  }

  /** The next frame, which has to be compact JSON. */
  async next() {
    await until("a frame", () => this.#frames.length > 0 || this.closed, () => this.state());
    const text = this.#frames.shift();
    assert.equal(typeof text, "string", `a text frame, but got ${JSON.stringify(this.state())}`);
    assert.equal(text, JSON.stringify(JSON.parse(text)), "no white space and no needless escapes");
    return JSON.parse(text);
  }

  async nextIs(frame) {
    assert.deepEqual(await this.next(), frame);
  }

  /** Sends the frame; the next one to come has to be `reply`. */
  async says(frame, reply) {
    this.send(frame);
    await this.nextIs(reply);
  }

  async join(topic, joinRef = "1", ref = joinRef) {
    await this.says([joinRef, ref, topic, "phx_join", {}], ok(joinRef, ref, topic));
  }

  /** Whatever the server was going to send for earlier frames would come before this echo. */
  async echoes(topic, joinRef = "1", ref = "echo") {
    await this.says([joinRef, ref, topic, "echo", { still: "here" }], ok(joinRef, ref, topic, { still: "here" }));
  }

  isClosed() {
    return until("the socket is closed", () => this.closed, () => this.state());
  }

  state() {
    return { readyState: this.ws.readyState, closed: this.closed, error: this.error?.message, frames: this.#frames, pongs: this.pongs };
  }
}

export const ok = (joinRef, ref, topic, response = {}) => [joinRef, ref, topic, "phx_reply", { status: "ok", response }];
export const error = (joinRef, ref, topic, reason) => [joinRef, ref, topic, "phx_reply", { status: "error", response: { reason } }];
export const close = (joinRef, topic) => [joinRef, joinRef, topic, "phx_close", {}];

/** The HTTP status of a handshake: 101 or that of the refusal. */
export function handshake(server, query, options = {}) {
  const ws = new WebSocket(address(server, query), options);
  const status = new Promise((resolve, reject) => {
    ws.once("open", () => resolve(101));
    ws.once("unexpected-response", (_, response) => resolve(response.statusCode));
    ws.once("error", reject);
  });
  return within(`an answer to ${query}`, status, () => ({ readyState: ws.readyState })).finally(() => {
    ws.on("error", () => {});
    ws.terminate();
  });
}

/** Bytes after a handshake, without a WebSocket library in between; gives what the server sends until it ends. */
export async function bytes(server, payload) {
  const { hostname, port, host } = new URL(server.url);
  const tcp = connectTcp(Number(port), hostname);
  let received = Buffer.alloc(0);
  const ended = new Promise((resolve, reject) => tcp.once("close", resolve).once("error", reject));
  tcp.on("data", data => (received = Buffer.concat([received, data])));
  tcp.write(
    `GET /socket/websocket?vsn=2.0.0 HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`,
  );
  await until("the handshake", () => received.includes("\r\n\r\n"), () => received.toString("latin1"));
  assert.match(received.toString("latin1"), /^HTTP\/1\.1 101 /);
  received = received.subarray(received.indexOf("\r\n\r\n") + 4);
  tcp.write(payload);
  await within("the server ends the connection", ended, () => received).finally(() => tcp.destroy());
  return received;
}
