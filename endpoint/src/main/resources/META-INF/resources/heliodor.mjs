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
 * @property {boolean} recovered whether everything that was missed comes now; else fetch the state anew
 * @property {string | undefined} epoch which history the server keeps; undefined if it keeps none
 * @property {number} offset the newest that was kept when this client joined; it gets everything after that
 */

/**
 * A channel of phoenix.js that joins again from where it left off, whatever made it join again.
 *
 * Each callback sees what is kept once and in order, or `onRecovered` says that something may be missing. What carries no
 * offset passes as it comes. It remembers for as long as the page lives, for this channel alone.
 *
 * @param {import("phoenix").Socket} socket the socket
 * @param {string} topic the topic
 * @param {object | (() => object)} [params] what to join with; a function is asked at every join
 * @returns {import("phoenix").Channel & { onRecovered(callback: (recovery: Recovery) => void): void }} the channel
 */
export function withHistory(socket, topic, params = {}) {
  const callbacks = [];
  let epoch;
  let offset = 0;
  let live = false;

  // phoenix.js asks at every join, the first and all others.
  const channel = socket.channel(topic, () => {
    live = false;
    const own = typeof params === "function" ? params() : params;
    if (epoch !== undefined) return { ...own, since: { epoch, offset } };
    // A position that the page has kept itself.
    offset = own.since?.offset ?? 0;
    return own;
  });

  const join = channel.join.bind(channel);
  channel.join = timeout => join(timeout).receive("ok", response => joined(response?.history));

  function joined(history = {}) {
    const recovered = history.recovered === true;
    live = true;
    epoch = history.epoch;
    if (!recovered) offset = history.offset ?? 0;
    // If it was recovered, what was missed has yet to come: each message raises the offset by itself.
    for (const callback of callbacks) callback({ recovered, epoch, offset: history.offset ?? 0 });
  }

  // Before the callbacks of the event. Between the request to join and its reply, what still comes of the membership
  // before will come once more, behind the reply.
  const trigger = channel.trigger.bind(channel);
  channel.trigger = (event, payload, ref, joinRef) => {
    const at = typeof ref === "string" && /^@\d+$/.test(ref) ? Number(ref.slice(1)) : undefined;
    if (at !== undefined) {
      if (!live || at <= offset) return;
      offset = at;
    }
    trigger(event, payload, ref, joinRef);
  };

  channel.onRecovered = callback => void callbacks.push(callback);
  return channel;
}
