// @ts-check
import { Socket } from "./phoenix.mjs";

const TIMEOUT = 10_000;

/** The maximum number of messages whose event is remembered for their reply. */
const MAX_SENT = 200;

/**
 * @typedef {object} Line a frame
 * @property {"sent" | "received"} direction by this page
 * @property {string} kind
 * @property {string} topic
 * @property {string} event
 * @property {string} status
 * @property {any} payload
 */

/**
 * @typedef {object} Join
 * @property {string} path of the socket
 * @property {string} token
 * @property {Record<string, string>} params
 * @property {string} topic
 * @property {any} payload
 */

/** A connection to a socket of the application with one channel, as any client has it. It ends once, and never connects again. */
export class Trial {
  #socket;
  #channel;
  #topic;
  /** @type {(line: Line) => void} */
  #line;
  /** @type {() => void} */
  #changed;
  #sent = new Map();
  #opened = false;

  /** "joining", "joined" or "ended". */
  phase = "joining";

  /** Why it ended. */
  text = "";

  /**
   * @param {Join} join
   * @param {(line: Line) => void} line gets each frame
   * @param {() => void} changed is called after each change of the phase
   */
  constructor({ path, token, params, topic, payload }, line, changed) {
    this.#topic = topic;
    this.#line = line;
    this.#changed = changed;
    const authToken = token === "" ? undefined : token;
    /** @type {any} */
    this.#socket = new Socket(path, { params, authToken, timeout: TIMEOUT });
    // phoenix.js would connect and join again. The text of a close takes precedence.
    this.#socket.reconnectTimer.scheduleTimeout = () => queueMicrotask(() => this.end("The connection was lost."));
    this.#socket.onOpen(() => this.#open());
    this.#channel = this.#socket.channel(topic, payload);
    this.#channel.rejoinTimer.scheduleTimeout = () => {};
    const push = this.#socket.push.bind(this.#socket);
    this.#socket.push = message => {
      this.#out(message);
      push(message);
    };
    this.#socket.onMessage(message => this.#in(message));
    this.#socket.onClose(({ code, reason }) => this.end(this.#closed(code, reason)));
  }

  /** Connects and joins. */
  open() {
    try {
      this.#socket.connect();
    } catch {
      this.end("The token has characters that the protocol does not take.");
    }
  }

  #open() {
    if (this.#opened) {
      this.end("The connection was lost.");
      return;
    }
    this.#opened = true;
    this.#channel.join().receive("timeout", () => this.end("No reply to the join."));
  }

  #closed(code, reason) {
    if (!this.#opened) return "The connection was refused, or failed. The token or a parameter may be wrong.";
    return `The connection was closed with code ${code}${reason === "" ? "" : `, ${reason}`}.`;
  }

  /** Sends a message. @param {string} event @param {any} payload @param {boolean} replied whether a reply is expected */
  send(event, payload, replied) {
    if (this.phase !== "joined") return;
    const sent = this.#channel.push(event, payload, TIMEOUT);
    if (replied) sent.receive("timeout", () => this.#line({ direction: "received", kind: "reply", topic: this.#topic, event, status: "no reply", payload: "" }));
  }

  /** Closes the connection. @param {string} text */
  end(text) {
    if (this.phase === "ended") return;
    this.phase = "ended";
    this.text = text;
    this.#socket.disconnect();
    const changed = this.#changed;
    this.#release();
    changed();
  }

  /** Drops the token, the parameters and the callbacks: the listeners of phoenix.js at the window keep its socket. */
  #release() {
    this.#socket.authToken = undefined;
    this.#socket.params = () => ({});
    this.#socket.stateChangeCallbacks = { open: [], close: [], error: [], message: [] };
    this.#line = () => {};
    this.#changed = () => {};
  }

  #out({ topic, event, payload, ref }) {
    if (topic === "phoenix") return; // a heartbeat
    this.#sent.set(ref, event);
    if (this.#sent.size > MAX_SENT) this.#sent.delete(this.#sent.keys().next().value);
    const kind = event === "phx_join" ? "join" : "message";
    this.#line({ direction: "sent", kind, topic, event, status: "", payload: typeof payload === "function" ? payload() : payload });
  }

  #in({ topic, event, payload, ref }) {
    if (topic === "phoenix" && event === "phx_reply") return;
    if (event === "phx_reply") {
      const request = this.#sent.get(ref) ?? event;
      this.#sent.delete(ref);
      this.#line({ direction: "received", kind: "reply", topic, event: request, status: payload.status, payload: payload.response });
      if (request === "phx_join") this.#joined(payload);
      return;
    }
    const ends = topic === this.#topic && (event === "phx_close" || event === "phx_error");
    this.#line({ direction: "received", kind: ends ? "close" : "push", topic, event, status: "", payload });
    if (ends) this.end(event === "phx_close" ? "The server closed the channel." : "The server closed the channel after an error.");
    if (topic === "phoenix" && event === "refused") this.end(`The server refused the connection with status ${payload?.status}.`);
  }

  #joined({ status, response }) {
    if (status !== "ok") {
      this.end(`The join was refused${typeof response?.reason === "string" ? `: ${response.reason}` : ""}.`);
    } else if (this.phase === "joining") {
      this.phase = "joined";
      this.#changed();
    }
  }
}
