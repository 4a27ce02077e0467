/**
 * What phoenix.js needs to get back what a client missed, on channels that keep a history.
 *
 *     import { Socket } from "./phoenix.mjs";
 *     import { withHistory } from "./heliodor.mjs";
 *
 *     const channel = withHistory(socket, "history:lobby", { user: "ann" });
 *     channel.on("shout", show);
 *     channel.onRecovered(({ recovered }) => recovered || fetchEverythingAnew());
 *     channel.join();
 */

/**
 * @typedef {object} Recovery
 * @property {boolean} recovered whether everything that was missed comes now; else fetch the state anew, which may be older than
 *   messages that arrive meanwhile: compare versions
 * @property {string | undefined} token how far this client is; undefined if the server keeps no history
 */

/**
 * A channel of phoenix.js that joins again from where it left off, whatever made it join again, at any node of the server.
 *
 * Each callback sees what is kept once and in order, or `onRecovered` says that something may be missing: after a join, or when the
 * server itself had missed something. What carries no token passes as it comes. It remembers for as long as the page lives, for
 * this channel alone.
 *
 * @param {import("phoenix").Socket} socket the socket
 * @param {string} topic the topic
 * @param {object | (() => object)} [params] what to join with; a function is asked at every join. A `since` in it is a token that
 *   the page has kept itself, for the first join
 * @returns {import("phoenix").Channel & { onRecovered(callback: (recovery: Recovery) => void): void }} the channel
 */
export function withHistory(socket, topic, params = {}) {
  const callbacks = [];
  let token;
  let live = false;

  // phoenix.js asks at every join, the first and all others.
  const channel = socket.channel(topic, () => {
    live = false;
    const own = typeof params === "function" ? params() : params;
    return token === undefined ? own : { ...own, since: token };
  });

  const join = channel.join.bind(channel);
  channel.join = timeout => join(timeout).receive("ok", response => joined(response?.history));

  function joined(history = {}) {
    live = true;
    token = history.token;
    recovered(history.recovered === true);
  }

  function recovered(all) {
    for (const callback of callbacks) callback({ recovered: all, token });
  }

  // Before the callbacks of the event. Between the request to join and its reply, what still comes of the membership
  // before will come once more, behind the reply.
  const trigger = channel.trigger.bind(channel);
  channel.trigger = (event, payload, ref, joinRef) => {
    if (typeof ref === "string" && ref.startsWith("@")) {
      if (!live) return;
      token = ref;
      if (ref.endsWith("~")) recovered(false);
    }
    trigger(event, payload, ref, joinRef);
  };

  channel.onRecovered = callback => void callbacks.push(callback);
  return channel;
}
