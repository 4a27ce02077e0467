// @ts-check
import { Serializer, Socket } from "./vendor/phoenix.mjs";
import { connect } from "/socket/heliodor.mjs";

const STEPS = [50, 250, 500, 1000, 2000, 3000];
const LONGEST = 5000;
const LOOPBACK = ["127.0.0.1", "localhost"];

/**
 * The one WebSocket of the page. `phase` is "connecting", "open", "waiting" or "cut"; while it waits or is cut, `retryAt` is
 * the time of the next try, on the clock of performance.now().
 */
export class Connection {
  phase = "connecting";
  opened = false;
  retryAt = 0;

  #ports = [];
  #port = Number(location.port);

  /** Whether this page is at the port of a node: behind a proxy the other nodes are out of reach. */
  #direct = false;

  constructor({ changed, sent, received }) {
    this.changed = changed;
    this.socket = new Socket("/socket", {
      reconnectAfterMs: tries => this.#wait(tries),
      rejoinAfterMs: tries => [500, 1000, 2000][tries - 1] ?? LONGEST,
      encode: (message, callback) =>
        Serializer.encode(message, frame => {
          sent(frame);
          callback(frame);
        }),
      decode: (frame, callback) => {
        received(frame);
        Serializer.decode(frame, callback);
      },
    });
    /** @type {import("@heliodor/client").Client<import("../../types/demo").Demo>} */
    this.client = connect(this.socket);
    this.socket.onOpen(() => {
      this.opened = true;
      this.#become("open");
    });
  }

  connect() {
    this.client.connect();
  }

  /** Ends the wait for the next try. */
  retry() {
    if (this.phase !== "waiting") return;
    this.#become("connecting");
    this.socket.disconnect(() => this.socket.connect());
  }

  /** Cuts the connection for so many milliseconds, as a network does. */
  cut(ms) {
    if (this.phase !== "open") return;
    this.retryAt = performance.now() + ms;
    this.#become("cut");
    this.client.disconnect();
    setTimeout(() => {
      if (this.phase !== "cut") return;
      this.#become("connecting");
      this.client.connect();
    }, ms);
  }

  /** The ports of all nodes; if one does not answer, another one may. */
  know(ports) {
    this.#ports = ports;
    this.#direct ||= LOOPBACK.includes(location.hostname) && ports.includes(this.#port);
  }

  // phoenix.js asks for the delay at the moment at which it starts to wait.
  #wait(tries) {
    // A little chance keeps the clients of a restarted server from coming back all at once.
    const delay = (STEPS[tries - 1] ?? LONGEST) * (0.8 + 0.4 * Math.random());
    this.retryAt = performance.now() + delay;
    this.#turn();
    this.#become("waiting");
    return delay;
  }

  /** The next try goes to another node, if there are several. */
  #turn() {
    const others = this.#direct ? this.#ports.filter(port => port !== this.#port) : [];
    if (others.length === 0) return;
    this.#port = others[Math.floor(Math.random() * others.length)];
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.socket.endPoint = `${scheme}//${location.hostname}:${this.#port}/socket/websocket`;
  }

  #become(phase) {
    this.phase = phase;
    this.changed();
  }
}
