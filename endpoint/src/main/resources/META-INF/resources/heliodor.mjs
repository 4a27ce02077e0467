/**
 * What phoenix.js needs to get back what a client missed, on channels that keep a history.
 *
 *     import { Socket } from "./phoenix.mjs";
 *     import { withHistory } from "./heliodor.mjs";
 *
 *     const channel = withHistory(socket, "board:1", { user: "ann" });
 *     channel.onState(state => show(state.cards));
 *     channel.on("changed", change => apply(change));
 *     channel.join();
 */

/**
 * @typedef {object} Recovery
 * @property {boolean} recovered whether everything that was missed comes now
 * @property {string | undefined} token how far this client is; undefined if the server keeps no history, or sends kept messages first
 */

/** The maximum delay of a join after a gap, in milliseconds: all clients of a node notice it at once. */
const GAP_DELAY = 1000;

/**
 * A channel of phoenix.js that joins again from where it left off, whatever made it join again, at any node of the server.
 *
 * Each callback sees what is kept once and in order, or `onState` gets the state anew: the reply of the join handler, to a first join
 * and to each later one that recovers nothing. What is broadcast since the server read that state follows it. When the server
 * itself had missed something, a channel with an `onState` joins anew within a second. `onRecovered` is called at each join, before
 * `onState`, and after such a gap. What carries no token passes as it comes. It remembers for as long as the page lives, for this
 * channel alone.
 *
 * @param {import("phoenix").Socket} socket the socket
 * @param {string} topic the topic
 * @param {object | (() => object)} [params] what to join with; a function is asked at every join. A `since` in it is a token that
 *   the page has kept itself, for the first join
 * @returns {import("phoenix").Channel & { onState(callback: (state: any) => void): void,
 *   onRecovered(callback: (recovery: Recovery) => void): void }} the channel
 */
export function withHistory(socket, topic, params = {}) {
  const callbacks = [];
  const states = [];
  let joinsAnew;
  let token;
  let live = false;

  // phoenix.js asks at every join, the first and all others.
  const channel = socket.channel(topic, () => {
    live = false;
    const own = typeof params === "function" ? params() : params;
    return token === undefined ? own : { ...own, since: token };
  });

  const join = channel.join.bind(channel);
  channel.join = timeout => join(timeout).receive("ok", joined);

  function joined(state) {
    const history = state?.history ?? {};
    clearTimeout(joinsAnew);
    live = true;
    token = history.token;
    const all = history.recovered === true;
    recovered(all);
    if (!all) for (const callback of states) callback(state);
  }

  function joinAnew() {
    token = undefined;
    if (channel.state !== "joined") return;
    channel.state = "errored"; // as after an error of the server, which phoenix.js answers with a join
    channel.rejoin();
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
      if (ref.endsWith("~")) {
        recovered(false);
        clearTimeout(joinsAnew);
        if (states.length > 0) joinsAnew = setTimeout(joinAnew, Math.random() * GAP_DELAY);
      }
    }
    trigger(event, payload, ref, joinRef);
  };

  channel.onRecovered = callback => void callbacks.push(callback);
  channel.onState = callback => void states.push(callback);
  return channel;
}
