import { Serializer, Socket } from "./vendor/phoenix.mjs";

const STEPS = [50, 250, 500, 1000, 2000, 3000];
const LONGEST = 5000;

/**
 * The one WebSocket of the page. `phase` is "connecting", "open" or "waiting"; while it waits, `retryAt` says until
 * when, on the clock of performance.now().
 */
export class Connection {
  phase = "connecting";
  opened = false;
  retryAt = 0;

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
    this.socket.onOpen(() => {
      this.opened = true;
      this.#become("open");
    });
  }

  connect() {
    this.socket.connect();
  }

  /** Ends the wait for the next try. */
  retry() {
    if (this.phase !== "waiting") return;
    this.#become("connecting");
    this.socket.disconnect(() => this.socket.connect());
  }

  // phoenix.js asks for the delay at the moment at which it starts to wait.
  #wait(tries) {
    // A little chance keeps the clients of a restarted server from coming back all at once.
    const delay = (STEPS[tries - 1] ?? LONGEST) * (0.8 + 0.4 * Math.random());
    this.retryAt = performance.now() + delay;
    this.#become("waiting");
    return delay;
  }

  #become(phase) {
    this.phase = phase;
    this.changed();
  }
}
