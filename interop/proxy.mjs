import { createServer, connect } from "node:net";
import { once } from "node:events";

/** A TCP proxy on loopback: what goes through it can be cut off while both ends live. */
export class Proxy {
  #pairs = new Set();
  #cut = false;
  #muted = false;
  #listener;
  #port;

  /** How many connections it has passed on. */
  accepted = 0;

  /** The time after which new connections get what the server sends, in milliseconds. */
  replyDelay = 0;

  static async to(server) {
    const proxy = new Proxy();
    proxy.lead(server);
    proxy.#listener = createServer(near => proxy.#pass(near));
    proxy.#listener.listen(0, "127.0.0.1");
    await once(proxy.#listener, "listening");
    proxy.url = `http://127.0.0.1:${proxy.#listener.address().port}`;
    return proxy;
  }

  /** New connections go to this server. */
  lead(server) {
    this.#port = Number(new URL(server.url).port);
  }

  /** The URL for phoenix.js, which appends the name of the transport. */
  get socket() {
    return `ws://${new URL(this.url).host}/socket`;
  }

  /** Ends all connections, and each new one at once. */
  cut() {
    this.#cut = true;
    for (const { near, far } of this.#pairs) for (const end of [near, far]) end.destroy();
  }

  /** The server still hears the client, but is heard no more. */
  mute() {
    this.#muted = true;
    for (const { near, far } of this.#pairs) far.unpipe(near);
  }

  /** The connections of now are dead, though neither end is told: what either sends is swallowed. New ones pass. */
  swallow() {
    for (const { near, far } of this.#pairs) {
      for (const [end, other] of [[near, far], [far, near]]) {
        end.unpipe(other);
        end.resume();
      }
    }
  }

  /** Everything passes again, late as it may be: what the server said to muted connections comes now. */
  mend() {
    this.#cut = false;
    if (!this.#muted) return;
    this.#muted = false;
    for (const { near, far } of this.#pairs) far.pipe(near);
  }

  close() {
    this.cut();
    this.#listener.close();
  }

  #pass(near) {
    if (this.#cut) return near.destroy();
    this.accepted++;
    const far = connect(this.#port, "127.0.0.1");
    const pair = { near, far };
    this.#pairs.add(pair);
    near.pipe(far);
    if (this.replyDelay > 0) far.on("data", data => setTimeout(() => near.write(data), this.replyDelay));
    else if (!this.#muted) far.pipe(near);
    for (const [end, other] of [[near, far], [far, near]]) {
      end.on("error", () => {});
      // Whatever ends one side ends the other.
      end.on("close", failed => {
        this.#pairs.delete(pair);
        // Without a reset, which would discard what the server has not read yet of a page that was left.
        if (end === near && !failed && !this.#cut) other.end();
        else other.destroy();
      });
    }
  }
}
