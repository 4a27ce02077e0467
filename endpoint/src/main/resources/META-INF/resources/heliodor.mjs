/**
 * Functions for pages that use phoenix.js: to get back what a client missed, on channels that keep a history; to send a fresh
 * token; and to stay away after a refusal.
 *
 *     import { Socket } from "./phoenix.mjs";
 *     import { onRefused, refresh, withHistory } from "./heliodor.mjs";
 *
 *     onRefused(socket, ({ status, reason }) => (status === 401 ? signIn() : show(reason)));
 *     setInterval(() => refresh(socket, token()), 5 * 60_000);
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

/** The close codes that are final: a connection would end in the same way again. */
const FINAL = [1002, 1007, 4400, 4401, 4403, 4429];

/** The time after which a client that is refused without `retry_after` connects again, in milliseconds. */
const RETRY_DELAY = 5000;

/**
 * @typedef {object} Refusal
 * @property {number | undefined} status the status of a refused connection; undefined after another final close code
 * @property {string | undefined} reason the text of the refusal
 * @property {number | undefined} retry_after the time after which the server takes it again, in seconds
 * @property {number | undefined} code the close code, if there was no refusal
 * @property {boolean} final whether the socket stays away until the page calls `connect`
 */

/**
 * Keeps a socket away from a server that refused it after its upgrade, and from any other final close. After status 429 and
 * from 500 on it connects again by itself, after `retry_after` or 5 s, and up to as much later.
 *
 * @param {import("phoenix").Socket} socket the socket, before it connects
 * @param {(refusal: Refusal) => void} callback is called once for each refusal
 */
export function onRefused(socket, callback) {
  let retry;
  const disconnect = socket.disconnect.bind(socket);
  socket.disconnect = (...args) => {
    clearTimeout(retry);
    return disconnect(...args);
  };

  socket.onMessage(({ topic, event, payload }) => {
    if (topic !== "phoenix" || event !== "refused") return;
    const final = payload.status !== 429 && payload.status < 500;
    socket.disconnect(); // else phoenix.js connects again 10 ms after the server has closed
    if (!final) {
      const delay = payload.retry_after === undefined ? RETRY_DELAY : payload.retry_after * 1000;
      retry = setTimeout(() => socket.connect(), delay * (1 + Math.random()));
    }
    callback({ ...payload, final });
  });
  socket.onClose(({ code }) => {
    if (!FINAL.includes(code)) return;
    socket.disconnect();
    callback({ code, final: true });
  });
}

/**
 * Sends a fresh token, so that the connection stays open with another identity.
 *
 * @param {import("phoenix").Socket} socket the socket
 * @param {string} token the token
 * @returns {Promise<{ status: "ok" | "error" | "closed", response: any }>} the reply; `closed` if the connection ended before it:
 *   then `authToken` of the socket gives the token of the next one
 */
export function refresh(socket, token) {
  return new Promise(resolve => {
    const ref = socket.makeRef();
    const settle = reply => {
      socket.off([replies, closes]);
      resolve(reply);
    };
    const replies = socket.onMessage(message => {
      if (message.topic === "phoenix" && message.event === "phx_reply" && message.ref === ref) settle(message.payload);
    });
    const closes = socket.onClose(() => settle({ status: "closed", response: {} }));
    socket.push({ topic: "phoenix", event: "refresh", payload: { token }, ref });
  });
}
