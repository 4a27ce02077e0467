/**
 * The client of Heliodor, on top of phoenix.js: typed channels, presence and calls; what a client missed, on channels that keep a
 * history; fresh tokens; and final refusals. Types are in `heliodor.d.mts`; nothing is imported.
 *
 *     import { Socket } from "phoenix";
 *     import { connect } from "@heliodor/client";
 *
 *     const client = connect(new Socket("/socket"));
 *     const ticket = client.channel("ticket:42", { user: "ann" });
 *     ticket.onState(show);
 *     ticket.on("changed", show);
 *     ticket.join();
 *     const result = await ticket.call("assign", { agent: "bo" });
 *
 * `withHistory`, `onRefused` and `refresh` are parts of it, for pages that use the channels of phoenix.js themselves.
 */

/**
 * @typedef {object} Recovery
 * @property {boolean} recovered whether everything that was missed comes now
 * @property {string | undefined} token how far this client is; undefined if the server keeps no history, or sends kept messages first
 */

/** The maximum delay of `setTimeout`, in milliseconds: a timer with a longer one runs at once. */
const MAX_DELAY = 2 ** 31 - 1;

/** Runs a function after any time, in milliseconds. All timers of the client begin here. */
function startTimer(run, delay) {
  const timer = {};
  const wait = left => {
    timer.id = setTimeout(() => (left > MAX_DELAY ? wait(left - MAX_DELAY) : run()), Math.min(left, MAX_DELAY));
  };
  wait(delay);
  return timer;
}

const stopTimer = timer => clearTimeout(timer?.id);

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
export function withHistory(socket, topic, params) {
  const callbacks = [];
  const states = [];
  const { channel } = recovering(socket, topic, params, {
    onRecovered: recovery => callbacks.forEach(callback => callback(recovery)),
    onState: state => states.forEach(callback => callback(state)),
    hasState: () => states.length > 0,
  });
  channel.onRecovered = callback => void callbacks.push(callback);
  channel.onState = callback => void states.push(callback);
  return channel;
}

/** The channel of `withHistory`, and a function that joins anew: for its state without a token, else with it. */
function recovering(socket, topic, params = {}, { onJoined, onRecovered, onState, hasState, whenIdle = run => run() }) {
  let joinsAnew;
  let token;
  let live = false;
  let hasJoined = false;
  let lacksState = false; // after a gap, until a join without a token

  // phoenix.js asks at every join, the first and all others.
  const channel = socket.channel(topic, () => {
    live = false;
    const own = typeof params === "function" ? params() : params;
    // A token of the page itself is for the first join.
    const since = lacksState ? undefined : token;
    return since !== undefined || (hasJoined && "since" in own) ? { ...own, since } : own;
  });

  const join = channel.join.bind(channel);
  channel.join = timeout => join(timeout).receive("ok", joined);

  function joined(state) {
    const history = state?.history ?? {};
    stopTimer(joinsAnew);
    live = true;
    hasJoined = true;
    lacksState = false;
    token = history.token;
    const recovered = history.recovered === true;
    onJoined?.(state);
    onRecovered({ recovered, token });
    if (!recovered) onState(state);
  }

  function joinAnew(needsState = true) {
    lacksState ||= needsState;
    whenIdle(() => {
      if (channel.state !== "joined") return;
      channel.state = "errored"; // as after an error of the server, which phoenix.js answers with a join
      channel.rejoin();
    });
  }

  // Before the callbacks of the event. Between the request to join and its reply, what still comes of the membership
  // before will come once more, behind the reply.
  const trigger = channel.trigger.bind(channel);
  channel.trigger = (event, payload, ref, joinRef) => {
    if (typeof ref === "string" && ref.startsWith("@")) {
      if (!live) return;
      token = ref;
      if (ref.endsWith("~")) {
        onRecovered({ recovered: false, token });
        stopTimer(joinsAnew);
        lacksState ||= hasState(); // the connection may break before it joins anew
        if (lacksState) joinsAnew = startTimer(() => joinAnew(), Math.random() * GAP_DELAY);
      }
    }
    trigger(event, payload, ref, joinRef);
  };
  return { channel, joinAnew };
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
  let isRefused = false; // the close code that follows is the same refusal
  const disconnect = socket.disconnect.bind(socket);
  socket.disconnect = (...args) => {
    stopTimer(retry);
    return disconnect(...args);
  };

  socket.onMessage(({ topic, event, payload }) => {
    if (topic !== "phoenix" || event !== "refused") return;
    isRefused = true;
    const final = payload.status !== 429 && payload.status < 500;
    socket.disconnect(); // else phoenix.js connects again 10 ms after the server has closed
    if (!final) {
      // 0 would connect without a pause.
      const delay = payload.retry_after > 0 ? payload.retry_after * 1000 : RETRY_DELAY;
      retry = startTimer(() => socket.connect(), delay * (1 + Math.random()));
    }
    callback({ ...payload, final });
  });
  socket.onOpen(() => (isRefused = false));
  socket.onClose(({ code }) => {
    if (isRefused || !FINAL.includes(code)) return;
    socket.disconnect();
    callback({ code, final: true });
  });
}

/**
 * Sends a fresh token, so that the connection stays open with another identity.
 *
 * @param {import("phoenix").Socket} socket the socket
 * @param {string} token the token
 * @returns {Promise<{ status: "ok" | "error" | "closed" | "timeout", response: any }>} the reply; `closed` if the connection ended
 *   before it: then `authToken` of the socket gives the token of the next one. `timeout` if there is none after 10 s
 */
export function refresh(socket, token) {
  return new Promise(resolve => {
    const ref = socket.makeRef();
    const settle = reply => {
      stopTimer(timer);
      socket.off([replies, closes]);
      resolve(reply);
    };
    const replies = socket.onMessage(message => {
      if (message.topic === "phoenix" && message.event === "phx_reply" && message.ref === ref) settle(message.payload);
    });
    const closes = socket.onClose(() => settle({ status: "closed", response: {} }));
    const timer = startTimer(() => settle({ status: "timeout", response: {} }), TOKEN_TIME);
    socket.push({ topic: "phoenix", event: "refresh", payload: { token }, ref });
  });
}

/** The reasons of refused joins after which a later attempt may be accepted; all others are final. */
const RETRIED_JOINS = ["join crashed", "rate_limited", "overloaded", "unavailable", "draining", "replaced"];

/** The errors of calls with a key after which the same call, sent again, gets its answer. */
const REPEATED_CALLS = ["rate_limited", "unavailable", "still_running", "overloaded"];

/** The close code for a message that is larger than the server reads. */
const TOO_LARGE = 1009;

/** The time within which a call is repeated, in milliseconds. The server keeps an answer for 10 minutes. */
const REPEAT_TIME = 5 * 60_000;

/** The time before a call that was refused is repeated, in milliseconds, unless the server names one. */
const REPEAT_DELAY = 1000;

/** The minimum time between two refreshes, in milliseconds. */
const MIN_REFRESH = 1000;

/** The time within which the function `token` gives a token, and a server answers a refresh, in milliseconds. */
const TOKEN_TIME = 10_000;

/** The time within which a server answers the heartbeat of a page that was shown again, in milliseconds. */
const ANSWER_TIME = 3000;

/** The time for which phoenix.js may connect by itself when a page is shown again, in milliseconds. */
const RETURN_TIME = 1000;

/** The maximum number of messages that wait for a join, for each topic. */
const MAX_WAITING = 1000;

const sleep = ms => new Promise(resolve => startTimer(resolve, ms));

/** The result of a call for which there is no room. */
const refused = () => sleep(REPEAT_DELAY).then(() => ({ status: "not_sent" }));

/**
 * Returns a payload as it is written now, for a message that waits: the page may change the object meanwhile. Throws if it cannot be
 * written, which would fail when the connection opens or the join is answered, and stop what follows there.
 */
function copied(payload) {
  if (payload instanceof ArrayBuffer) return payload.slice(0);
  const text = JSON.stringify(payload);
  return text && JSON.parse(text);
}

/** Keeps a message until it is sent or given up; its timeout gives it up, too. */
function keep(messages, send, giveUp, timeout) {
  const remove = () => {
    messages.delete(message);
    stopTimer(timer);
  };
  const message = {
    send() {
      remove();
      send();
    },
    giveUp(status) {
      remove();
      giveUp(status);
    },
  };
  const timer = startTimer(() => message.giveUp("not_sent"), timeout);
  messages.add(message);
}

/** Checks a timeout of the page. phoenix.js runs its timers itself, so a longer one would be over at once. */
function checkTimeout(what, timeout) {
  if (timeout === undefined || (timeout > 0 && timeout <= MAX_DELAY)) return;
  throw new RangeError(`the timeout of ${what} is ${timeout}: give milliseconds above 0, at most ${MAX_DELAY}, or leave it out`);
}

/** Returns why a token cannot be sent, or undefined. Servers read the bytes of a handshake and of a header in different ways beyond ASCII. */
function faultOf(token) {
  if (typeof token !== "string") return `a token is a string, not ${typeof token}`;
  const [character] = token.match(/[^\0-\x7f]/u) ?? [];
  return character && `a token is ASCII, and has no "${character}": encode it, such as with encodeURIComponent`;
}

/** The text of a join's payload without the position in the history, which is another one after each message. */
const textOf = payload => JSON.stringify({ ...payload, since: undefined });

/** Makes it an uncaught exception of the page. */
function report(error) {
  if (globalThis.reportError) globalThis.reportError(error);
  else
    queueMicrotask(() => {
      throw error;
    });
}

/** Calls each of them. An exception is reported as an uncaught one, and stops no other callback. */
function notify(callbacks, ...values) {
  for (const callback of [...(callbacks ?? [])]) {
    try {
      callback(...values);
    } catch (error) {
      report(error);
    }
  }
}

/** Adds a callback; the function returned removes it. */
function add(callbacks, callback) {
  const own = (...values) => callback(...values);
  callbacks.add(own);
  return () => void callbacks.delete(own);
}

/** A value that changes, and the callbacks that get the new one. */
function observable(value) {
  const callbacks = new Set();
  return {
    get value() {
      return value;
    },
    onChange: callback => add(callbacks, callback),
    set(next) {
      if (next === value) return;
      value = next;
      for (const callback of [...callbacks]) {
        if (value !== next) return; // a callback has changed it again
        notify([callback], next);
      }
    },
  };
}

/**
 * A client of the server that a socket leads to. It connects with the first join, or by `connect()`, so it can be made where
 * nothing may be opened, such as in a module that is also rendered on a server.
 *
 * @param {import("phoenix").Socket} socket the socket, which the client connects and disconnects from now on
 * @param {object} [options]
 * @param {() => string | Promise<string>} [options.token] gives a fresh token, or undefined if the user has signed out. It is called
 *   before the first connection, after a refusal with status 401, and at each `refresh`, and again 5 to 10 s after it has thrown or
 *   given nothing for 10 s. Connections have it as `authToken`, which needs phoenix 1.8
 * @param {number} [options.refreshEvery] the time between two calls of `refresh`, in milliseconds, at least 1000; never by default
 * @returns {object} the client
 */
export function connect(socket, { token, refreshEvery } = {}) {
  const status = observable({ phase: "idle" });
  const memberships = new Map();
  const messages = new Map();
  let run = 0; // counts connects and disconnects, so that what was begun before the last one ends
  let wanted = false;
  let staysAway = false; // after a disconnect or a final refusal, until the page connects
  let isAlive = socket.isConnected(); // false once a disconnect has begun, also while phoenix.js still sends what waits
  let current;
  let rejected; // the run whose token was refused
  let refreshes;
  let fetches = 0; // counts calls of `token`
  let taken = 0; // the last of them whose token counts, or that was under way at a disconnect
  let isFresh = false; // whether the token is one of the last seconds
  let isRenewed = false; // whether the next connection may have other rights
  let opening; // the run that waits for a token or for the end of the connection before
  let stopProbe; // of the heartbeat that waits for its answer
  let returns;
  const hides = new Set();
  let hidden; // the last event of a page that was left

  // A connection that died while the computer slept, the page was frozen or the network was away is open until a heartbeat fails.
  const page = globalThis.window ?? globalThis;
  const wakes = [[page, "online"], [page, "pageshow"], [page.document, "visibilitychange"], [page.document, "resume"]];
  const isHidden = () => page.document?.visibilityState === "hidden";

  if (refreshEvery != null) {
    if (!token) throw new Error("refreshEvery needs a function that gives the tokens: connect(socket, { token, refreshEvery })");
    if (!Number.isFinite(refreshEvery) || refreshEvery < MIN_REFRESH)
      throw new RangeError(`refreshEvery is ${refreshEvery}: give at least ${MIN_REFRESH} ms, such as 5 * 60_000, or leave it out for never`);
  }
  if (token) useTokens();

  /** phoenix.js calls it since some version of 1.8, and takes its text before. */
  function useTokens() {
    socket.authToken = Object.assign(() => current, { toString: () => current });
  }

  // phoenix.js before 1.8.16 connects by itself after a disconnect: for a page that was left while the connection closed and is shown
  // again, after a heartbeat that failed since then, and to poll instead of a WebSocket that was connecting. Some versions of 1.8 connect
  // when a page becomes visible, even a socket that never was connected.
  const wasUsed = socket.connectionState() !== "closed";
  for (const way of ["connect", "transportConnect"]) {
    const proceed = socket[way]?.bind(socket);
    if (!proceed) continue;
    socket[way] = (...args) => {
      if (!wanted && (!wasUsed || staysAway)) return;
      try {
        proceed(...args);
      } catch (error) {
        // Such as of `params` of the socket, or of a browser that permits no such address. phoenix.js would not try again.
        if (!wanted) throw error;
        report(error);
        fail({ status: 400, reason: error.message });
      }
    };
  }

  // A window calls its listeners in the order in which they were added, those for the capture phase too. So that of phoenix.js, which the
  // socket adds when it is made, is always before that of the client. It disconnects by this method.
  const disconnect = socket.disconnect.bind(socket);
  socket.disconnect = (...args) => {
    if (wanted && page.event?.type === "pagehide") hide(page.event);
    return disconnect(...args);
  };

  onRefused(socket, refusal => {
    isAlive = false;
    if (!wanted) return;
    if (token && refusal.final && (refusal.status === 401 || refusal.code === 4401) && rejected !== run) {
      rejected = ++run;
      open("reconnecting");
      return;
    }
    if (refusal.final) end();
    status.set({ phase: "refused", ...refusal });
  });
  socket.onOpen(() => {
    isAlive = true;
    if (!wanted) return;
    status.set({ phase: "open" });
    if (isRenewed) enterAuthorized();
  });
  socket.onClose(checkConnection);
  socket.onError(checkConnection);
  socket.onMessage(({ topic, event, payload }) => {
    if (topic === "phoenix") notify(messages.get(event), payload);
    if (event !== "refused") rejected = undefined; // a refusal may follow an open connection
  });

  function checkConnection() {
    if (socket.isConnected()) return;
    isAlive = false;
    if (!wanted) return;
    if (status.value.phase === "open") status.set({ phase: "reconnecting" });
    // The last token may have expired meanwhile: browsers report a refused handshake as a lost connection.
    if (token && !isFresh && opening !== run) fetchToken().catch(report);
  }

  async function fetchToken() {
    const [own, begun] = [++fetches, run];
    isFresh = true;
    startTimer(() => (isFresh = false), RETRY_DELAY);
    // A request that gets no answer, as on a captive portal, would wedge the client. A later result is ignored.
    let timer;
    const late = new Promise((_, reject) => {
      timer = startTimer(() => reject(new Error(`the function \`token\` gave none within ${TOKEN_TIME / 1000} s`)), TOKEN_TIME);
    });
    let fresh;
    try {
      fresh = await Promise.race([token(), late]);
    } finally {
      stopTimer(timer);
    }
    if (begun !== run) return undefined; // it may be that of the user before
    if (own < taken) return current; // a later one counts
    taken = own;
    const fault = fresh == null ? "no token" : faultOf(fresh);
    if (!fault) {
      isRenewed ||= fresh !== current;
      return (current = fresh);
    }
    if (wanted) fail({ status: fresh == null ? 401 : 400, reason: fault });
    return undefined;
  }

  /** Ends the client as a final refusal does. */
  function fail(refusal) {
    end();
    socket.disconnect();
    status.set({ phase: "refused", ...refusal, final: true });
  }

  function enterAuthorized() {
    isRenewed = false;
    for (const membership of memberships.values()) membership.enterAuthorized();
  }

  function end() {
    run++;
    taken = ++fetches;
    wanted = false;
    staysAway = true;
    isAlive = false;
    stopTimer(refreshes);
    refreshes = undefined;
    stopTimer(returns);
    stopProbe?.();
    for (const [target, type] of wakes) target?.removeEventListener?.(type, wake);
    page.removeEventListener?.("pagehide", hide);
    for (const membership of [...memberships.values()]) membership.drop();
  }

  function flush() {
    for (const membership of memberships.values()) membership.flush();
  }

  /** Sends what waits, and the last messages of the page, once for each time that it is left. */
  function hide(event) {
    if (event === hidden) return;
    hidden = event;
    notify(hides);
    for (const membership of memberships.values()) membership.flushAll();
  }

  function wake() {
    stopTimer(returns);
    if (isHidden()) stopProbe?.();
    else if (socket.isConnected()) probe();
    // phoenix.js 1.7.0 does not connect when a page is shown again before it has let the connection go.
    else returns = startTimer(() => !isHidden() && !socket.conn && opening !== run && status.value.phase !== "refused" && reconnect(), RETURN_TIME);
  }

  /** Sends a heartbeat, and connects anew if nothing comes for a while before its answer. */
  function probe() {
    if (stopProbe || socket.conn?.skipHeartbeat) return; // a poll ends by itself
    const ref = socket.makeRef();
    let timer;
    const wait = () => {
      stopTimer(timer);
      timer = startTimer(() => {
        stopProbe();
        reconnect();
      }, ANSWER_TIME);
    };
    stopProbe = () => {
      stopProbe = undefined;
      stopTimer(timer);
      socket.off([messages, closes]);
    };
    const messages = socket.onMessage(message => (message.ref === ref ? stopProbe?.() : wait()));
    const closes = socket.onClose(() => stopProbe?.());
    wait();
    socket.push({ topic: "phoenix", event: "heartbeat", payload: {}, ref });
  }

  /** Connects without waiting for the end of the connection before, which may be dead. */
  function reconnect() {
    run++;
    isAlive = false;
    isFresh = true; // `open` fetches a token
    const { conn } = socket;
    socket.replaceTransport(socket.transport);
    socket.clearHeartbeats();
    if (conn) conn.onopen = conn.onerror = conn.onmessage = conn.onclose = () => {};
    for (const channel of socket.channels) if (["joined", "joining"].includes(channel.state)) channel.trigger("phx_error", {});
    open("reconnecting");
  }

  function start() {
    if (wanted) return;
    wanted = true;
    staysAway = false;
    isRenewed = true;
    run++;
    for (const [target, type] of wakes) target?.addEventListener?.(type, wake);
    page.addEventListener?.("pagehide", hide); // without a connection, phoenix.js does not disconnect
    if (refreshEvery != null) refreshLater();
    open("connecting");
  }

  async function open(phase) {
    const own = run;
    opening = own;
    const now = isAlive ? "open" : phase;
    if (status.value.phase !== now) status.set({ phase: now });
    while (token) {
      try {
        await fetchToken();
        break;
      } catch (error) {
        if (own === run) report(error);
        await sleep(RETRY_DELAY * (1 + Math.random()));
      }
      if (own !== run) return;
    }
    if (own !== run) return;
    if (isAlive) {
      opening = undefined;
      return;
    }
    // Before its version 1.8.16, phoenix.js ignores a connect while the connection before is closing.
    socket.disconnect(() => {
      if (own !== run) return;
      opening = undefined;
      for (const membership of memberships.values()) membership.disconnected();
      socket.connect();
    });
  }

  /** Sends a token, or a fresh one. */
  async function renew(fresh) {
    const sent = fresh ?? (token ? await fetchToken() : undefined);
    if (sent == null && token) throw new Error("refresh() has no token, since the function `token` gave none that can be sent");
    if (sent == null) throw new Error("refresh() has no token: give it one, or give connect(socket, { token }) a function");
    const fault = faultOf(sent);
    if (fault) throw new TypeError(`refresh() of a token that cannot be sent: ${fault}`);
    // phoenix.js would keep it for the next connection, which may be another user's.
    if (!isAlive) return { status: "closed", response: {} };
    const begun = run;
    const reply = await refresh(socket, sent);
    if (reply.status === "ok" && begun === run) {
      current = sent;
      if (socket.authToken) useTokens();
      enterAuthorized();
    }
    return reply;
  }

  /** One refresh at a time: the next time begins when the last one has ended. */
  function refreshLater() {
    const own = (refreshes = startTimer(async () => {
      if (isAlive) await renewOften().catch(report);
      if (own === refreshes) refreshLater();
    }, refreshEvery));
  }

  async function renewOften() {
    const fresh = await fetchToken();
    if (fresh == null) return; // signed out, or a token that cannot be sent
    const { status, response } = await renew(fresh);
    if (status === "error") throw new Error(`a fresh token was refused: ${response.reason}`);
  }

  function join(channel) {
    if (!staysAway) start();
    const { topic } = channel;
    const before = memberships.get(topic);
    // A channel that joins while the last one leaves has another payload; the same one, as under StrictMode, stays.
    // Unless it has something to send first: then the topic is joined anew after that.
    if (before?.isEmpty && !before.wasLeftBy(channel) && !before.owes()) before.end();
    let membership = memberships.get(topic);
    if (!membership) {
      membership = new Membership(socket, topic, () => memberships.delete(topic), checkConnection);
      memberships.set(topic, membership);
    }
    membership.add(channel);
    return membership;
  }

  return {
    socket,
    get status() {
      return status.value;
    },
    onStatus: status.onChange,
    connect: start,
    onPageHide: callback => add(hides, callback),
    disconnect() {
      if (wanted && page.event?.type === "pagehide") hide(page.event);
      flush();
      end();
      socket.disconnect();
      status.set({ phase: "idle" });
    },
    refresh: renew,
    on(event, callback) {
      if (!messages.has(event)) messages.set(event, new Set());
      return add(messages.get(event), callback);
    },
    channel: (topic, params, options) => channelOf(socket, join, topic, params, options),
  };
}

/** The one membership of a topic, for all of its channels that have joined. */
class Membership {
  status = observable({ phase: "joining", reply: undefined });
  drops = 0;
  #channels = new Set();
  #folds = new Map();
  #pending = new Set();
  #socket;
  #topic;
  #ended;
  #lost;
  #left = new WeakSet();
  #leaves;
  #rejoins;
  #channel; // of phoenix.js, while joining or joined
  #joinAnew;
  #isCurrent = false; // whether no event came after the last state
  #hadState = false; // whether a join had its reply
  #owesState = false; // whether a callback came since then, while the topic was not joined
  #needsState = false; // whether the next join anew is for a state
  #whenIdle; // runs when no call waits for its reply
  #payload; // of the last join
  #sent; // its text
  #compares;
  #next = []; // payloads that the last join had not, with the messages that were taken for each. The last one is that of the page

  constructor(socket, topic, ended, lost) {
    this.#socket = socket;
    this.#topic = topic;
    this.#ended = ended;
    this.#lost = lost;
  }

  get isEmpty() {
    return this.#channels.size === 0;
  }

  wasLeftBy(channel) {
    return this.#left.has(channel);
  }

  add(channel) {
    stopTimer(this.#leaves);
    const isInherited = this.isEmpty && this.#channel && !this.wasLeftBy(channel);
    this.#channels.add(channel);
    if (isInherited || this.#isOutdated()) this.comparePayload();
    if (this.#channel) {
      this.#track(channel);
      return;
    }
    try {
      this.enter();
    } catch (error) {
      this.#channels.delete(channel);
      if (this.isEmpty) this.#ended();
      throw error;
    }
  }

  #track({ presences, counts }) {
    for (const [name, view] of presences) this.presence(name, view);
    for (const [name, view] of counts) this.count(name, view);
  }

  /** Leaves a moment later, so that a channel which joins again at once, or is replaced by another one, causes no other join. */
  remove(channel) {
    this.#channels.delete(channel);
    this.#left.add(channel);
    if (!this.isEmpty) {
      this.comparePayload();
      return;
    }
    this.#leaveLater();
  }

  #leaveLater() {
    stopTimer(this.#leaves);
    this.#leaves = startTimer(() => this.isEmpty && !this.owes() && this.end(), 0);
  }

  /** Whether messages wait that cannot be sent now. Then the topic is left after the reply to the join, or when the time of the last is over. */
  owes() {
    this.flush();
    return this.#isWaiting() || this.#owesNext();
  }

  #isWaiting() {
    return this.#channel?.pushBuffer.some(push => !push.hasReceived("timeout")) ?? false;
  }

  #owesNext() {
    return this.#next.some(({ messages }) => messages.size > 0);
  }

  /** Sends what waits for the reply to a join that was sent. The server keeps the order. */
  flush() {
    const channel = this.#channel;
    if (channel?.state !== "joining" || !this.#socket.isConnected() || this.#socket.sendBuffer.length > 0) return;
    for (const push of channel.pushBuffer.splice(0)) push.send();
  }

  /** Sends what waits for joins with other payloads, too. No reply of the membership before is awaited: the page is left. */
  flushAll() {
    this.flush();
    while (this.#owesNext() && this.#channel && !this.#isWaiting() && this.#socket.isConnected()) {
      this.#channel.state = "errored"; // else phoenix.js leaves the topic first
      this.#channel.rejoin();
      this.flush();
    }
  }

  #giveUpNext() {
    for (const { messages } of this.#next.splice(0)) for (const message of [...messages]) message.giveUp("closed");
  }

  /** Gives up what waits, and the calls without a reply: the next connection may be that of another user. */
  drop() {
    this.drops++;
    this.#giveUpNext();
    if (this.#channel) this.#channel.pushBuffer = [];
    for (const call of [...this.#pending]) call.settle({ status: "closed" });
    if (this.isEmpty) this.end();
  }

  end() {
    this.flush();
    stopTimer(this.#leaves);
    this.#ended();
    this.#quit({ phase: "left" });
  }

  /** Joins again with the next connection, also if phoenix.js did not wait for the end of the last one, as before 1.8.16. */
  disconnected() {
    if (this.#channel?.state === "joined") this.#channel.trigger("phx_error", {});
  }

  /** Joins after a fresh token, which may have the right that was missing. */
  enterAuthorized() {
    const { error, reason } = this.status.value;
    if ((error?.reason ?? reason) === "unauthorized") this.enter();
  }

  /** Joins, unless it has. */
  enter() {
    if (this.#channel) return;
    // An exception is one of the page's join.
    const first = { payload: this.#next.length > 0 ? undefined : copied(this.#params()) };
    this.#isCurrent = false;
    this.status.set({ phase: "joining", reply: this.status.value.reply });
    for (const channel of this.#channels) this.#track(channel);
    const own = () => this.#channel === channel;
    const { channel, joinAnew } = recovering(this.#socket, this.#topic, () => this.#nextPayload(first), {
      onJoined: reply => {
        if (this.isEmpty) this.#leaveLater();
        if (this.#isOutdated()) {
          this.#anew(true);
          return;
        }
        this.#hadState = true;
        if (own()) this.status.set({ phase: "joined", reply });
      },
      onRecovered: recovery => {
        if (this.#isOutdated()) return;
        this.#each("recoveries", recovery);
        if (recovery.recovered && this.#owesState) this.#anew(true);
      },
      onState: reply => {
        if (this.#isOutdated()) return;
        this.#isCurrent = true;
        this.#owesState = false;
        this.#each("states", reply);
      },
      hasState: () => [...this.#channels].some(({ states }) => states.size > 0),
      whenIdle: run => {
        this.#whenIdle = run;
        this.#runIfIdle();
      },
    });
    this.#channel = channel;
    this.#joinAnew = joinAnew;
    channel.onMessage = (event, payload, ref) => {
      if (own() && !/^(phx|chan)_/.test(event)) this.#receive(event, payload, ref?.startsWith("@") ? ref : undefined);
      return payload;
    };
    channel.onError(() => {
      this.#lost();
      if (!own()) return;
      for (const call of [...this.#pending]) call.lost();
      this.status.set({ phase: "joining", reply: this.status.value.reply });
    });
    channel.onClose(payload => own() && this.#quit({ phase: "closed", reason: payload?.reason }));
    channel.join().receive("error", error => {
      if (!own()) return;
      const final = !(this.#isRetried(error) ?? RETRIED_JOINS.includes(error?.reason));
      const refused = { phase: "refused", error, final };
      if (final && this.#isOutdated() && (!this.isEmpty || this.#owesNext())) {
        const next = this.#next.splice(0);
        this.#quit({ phase: "joining", reply: undefined });
        this.#next = next;
        this.enter();
      } else if (final) this.#quit(refused);
      else this.status.set(refused);
    });
  }

  /** The page's decision about a refusal; undefined without one. */
  #isRetried(error) {
    for (const { retries } of this.#channels) {
      try {
        const decided = retries?.(error);
        if (decided !== undefined) return decided;
      } catch (failure) {
        report(failure);
      }
    }
    return undefined;
  }

  /** An exception of the page must not reach phoenix.js, which would not join the topics after this one. */
  #nextPayload(first) {
    // What waits was taken for the payload before. It is sent first.
    if (!first.payload && this.#isOutdated() && this.#isWaiting()) return this.#payload;
    while (this.#next.length > 1 && this.#next[0].messages.size === 0) this.#next.shift(); // given up meanwhile
    const { payload, messages } = this.#next.shift() ?? { messages: [] };
    try {
      this.#payload = first.payload ?? (messages.size > 0 ? payload : copied(this.#params()));
      this.#sent = textOf(this.#payload);
    } catch (error) {
      report(error);
    }
    first.payload = undefined;
    for (const message of [...messages]) message.send(); // after the reply
    return this.#payload;
  }

  /** Whether the payload of the page is not that of the last join any more. */
  #isOutdated() {
    return this.#next.length > 0;
  }

  /** Joins anew, one turn later, if the payload is not that of the last join any more. What is sent from now on waits for that. */
  comparePayload() {
    if (!this.#channel || this.isEmpty) return;
    try {
      const payload = copied(this.#params());
      const text = textOf(payload);
      if (this.#next.at(-1)?.messages.size === 0) this.#next.pop();
      if ((this.#next.at(-1)?.text ?? this.#sent) !== text) this.#next.push({ payload, text, messages: new Set() });
    } catch (error) {
      report(error);
      return;
    }
    stopTimer(this.#compares);
    // The reply to a join under way does the same.
    this.#compares = startTimer(() => this.#isOutdated() && this.#anew(true), 0);
  }

  #params() {
    const [first] = this.#channels;
    const params = first?.params;
    return (typeof params === "function" ? params() : params) ?? {};
  }

  #each(kind, value) {
    for (const channel of [...this.#channels]) notify(channel[kind], value);
  }

  #receive(event, payload, token) {
    if (this.#isOutdated() && this.status.value.phase !== "joined") return; // of a join whose state nobody has got
    const isFolded = [...this.#folds.values()].some(fold => fold.receive(event, payload));
    if (!isFolded) this.#isCurrent = false;
    for (const channel of [...this.#channels]) notify(channel.events.get(event), payload, token);
  }

  #quit(status) {
    const channel = this.#channel;
    const calls = [...this.#pending];
    this.#channel = undefined;
    this.#whenIdle = undefined;
    stopTimer(this.#rejoins);
    this.#giveUpNext();
    this.#folds.clear();
    for (const channel of this.#channels) channel.forget();
    for (const call of calls) call.settle({ status: "closed" });
    this.status.set(status);
    if (channel && !["closed", "leaving"].includes(channel.state)) channel.leave();
  }

  /** Gives a late callback the state: that of the last join, or by a join anew if it may be old. */
  giveState(callback) {
    const { phase, reply } = this.status.value;
    if (phase !== "joined") this.#owesState = this.#hadState;
    else if (this.#isCurrent) notify([callback], reply);
    else this.#anew(true);
  }

  /** Joins anew. If only presences are missing, a history gives the messages that come meanwhile. */
  #anew(needsState) {
    this.#needsState ||= needsState;
    stopTimer(this.#rejoins);
    this.#rejoins = startTimer(() => {
      if (this.#channel) this.#joinAnew(this.#needsState);
      this.#needsState = false;
    }, 0);
  }

  /** The reply to a request of a membership does not reach the next one. */
  #runIfIdle() {
    if (!this.#whenIdle || [...this.#pending].some(call => call.isSent())) return;
    const run = this.#whenIdle;
    this.#whenIdle = undefined;
    run();
  }

  presence(name, view) {
    this.#fold(name, view, presenceFold, `${name}_state`, `${name}_diff`);
  }

  count(name, view) {
    this.#fold(name, view, countFold, `${name}_count`);
  }

  #fold(name, view, kind, ...events) {
    let fold = this.#folds.get(events[0]);
    if (!fold) {
      fold = kind(events, value => {
        for (const { presences, counts } of this.#channels) (kind === presenceFold ? presences : counts).get(name)?.set(value);
      });
      this.#folds.set(events[0], fold);
      // Its state has passed.
      if (this.status.value.phase === "joined") this.#anew(false);
    }
    if (fold.value !== undefined) view.set(fold.value);
  }

  /**
   * Sends a message, or lets it wait for the join with the payload for which it was taken. Returns false if the topic is not joined,
   * or if too many wait.
   */
  #take(payload, timeout, send, giveUp) {
    const channel = this.#channel;
    if (!channel) return false;
    const next = this.#next.at(-1);
    if (!next && channel.canPush()) {
      send(payload);
      return true;
    }
    const copy = copied(payload);
    const count = () => this.#next.reduce((sum, { messages }) => sum + messages.size, channel.pushBuffer.length);
    // Those that have waited too long make room.
    if (count() >= MAX_WAITING) channel.pushBuffer = channel.pushBuffer.filter(push => !push.hasReceived("timeout"));
    if (count() >= MAX_WAITING) return false;
    if (next) keep(next.messages, () => send(copy), giveUp, timeout ?? this.#socket.timeout);
    else send(copy);
    return true;
  }

  push(event, payload, timeout) {
    const leave = () => this.isEmpty && this.#leaveLater();
    return this.#take(payload, timeout, content => this.#channel.push(event, content, timeout).receive("timeout", leave), leave);
  }

  /** The result of a call. One that is repeated does not wait for the reply to a request whose connection broke. */
  call(name, request, timeout, isRepeated) {
    if (!this.#channel) return Promise.resolve({ status: "closed" });
    return new Promise(resolve => {
      let push;
      const call = {
        settle: result => {
          this.#pending.delete(call);
          resolve(result);
          this.#runIfIdle();
        },
        isSent: () => push?.sent ?? false,
        lost: () => isRepeated && call.isSent() && call.settle({ status: "timeout" }),
      };
      const giveUp = status => {
        call.settle({ status });
        if (this.isEmpty) this.#leaveLater();
      };
      const send = content => {
        push = this.#channel.push(name, content, timeout);
        push
          .receive("ok", reply => call.settle({ status: "ok", reply }))
          // A close follows that ends repeated calls as well, unless the membership was replaced.
          .receive("error", error =>
            call.settle(error?.reason !== "channel_closed" ? { status: "error", error } : { status: isRepeated ? "timeout" : "closed" }),
          )
          .receive("timeout", () => giveUp(push.sent ? "timeout" : "not_sent"));
      };
      if (this.#take(request, timeout, send, giveUp)) this.#pending.add(call);
      else resolve(refused());
    });
  }
}

/** The presences of a name; `receive` returns whether an event is theirs. Diffs before the first state are in that state. */
function presenceFold([state, diff], set) {
  let entries;
  return {
    get value() {
      return entries;
    },
    receive(event, payload) {
      if (event === state) set((entries = new Map(Object.entries(payload))));
      else if (event === diff && entries) set((entries = changed(entries, payload)));
      return event === state || event === diff;
    },
  };
}

function changed(before, { joins, leaves }) {
  const entries = new Map(before);
  const without = (key, { metas }) => {
    const refs = new Set(metas.map(({ phx_ref }) => phx_ref));
    return (entries.get(key)?.metas ?? []).filter(({ phx_ref }) => !refs.has(phx_ref));
  };
  for (const [key, joined] of Object.entries(joins)) entries.set(key, { ...joined, metas: [...without(key, joined), ...joined.metas] });
  for (const [key, left] of Object.entries(leaves)) {
    const metas = without(key, left);
    if (metas.length > 0) entries.set(key, { ...entries.get(key), metas });
    else entries.delete(key);
  }
  return entries;
}

function countFold([name], set) {
  let count;
  return {
    get value() {
      return count;
    },
    receive(event, payload) {
      if (event === name) set((count = payload.count));
      return event === name;
    },
  };
}

/**
 * The part of a page in a topic: its callbacks, and its hold on the membership. What is sent while `awaitsJoin` is true waits for the
 * join: React runs the effects of children, which send, before the effect of their parent, which joins. What is sent while `isOutdated` is
 * true waits likewise for the join with another payload.
 */
function channelOf(socket, enter, topic, params, { retries, awaitsJoin = () => false, isOutdated = () => false } = {}) {
  const status = observable({ phase: "idle" });
  const early = new Set(); // what was sent before the join
  let membership;
  let former; // the membership that the channel left in this turn of the event loop
  let stops;
  let joined;
  let isRejected = false; // whether the promise is that of a refusal before

  status.onChange(now => {
    if (!isRejected || isOver(now)) return;
    isRejected = false;
    joined = undefined;
  });

  const channel = {
    topic,
    params,
    retries,
    events: new Map(),
    states: new Set(),
    recoveries: new Set(),
    presences: new Map(),
    counts: new Map(),
    forget() {
      for (const view of channel.presences.values()) view.set(NOBODY);
      for (const view of channel.counts.values()) view.set(undefined);
    },
  };

  /** Returns the membership for a message. A child that is unmounted with its parent sends after the parent has left. */
  function sender(what) {
    if (status.value.phase === "idle" && !awaitsJoin()) throw new Error(`${what} on "${topic}" before join(): call join() first`);
    if (isOutdated()) membership?.comparePayload();
    return membership ?? former;
  }

  /** Keeps a message until the join, or for its timeout. Returns false if there is no room. */
  function wait(payload, send, giveUp, timeout = socket.timeout) {
    const copy = copied(payload);
    if (early.size >= MAX_WAITING) return false;
    keep(early, () => send(copy), giveUp, timeout);
    return true;
  }

  function view(views, name, empty, track) {
    let one = views.get(name);
    if (!one) {
      one = observable(empty);
      views.set(name, one);
      membership?.[track](name, one);
    }
    return one;
  }

  const api = {
    topic,
    get status() {
      return status.value;
    },
    onStatus: status.onChange,
    join() {
      if (membership) {
        membership.enter();
        membership.comparePayload();
        return api;
      }
      if (typeof params !== "function") copied(params); // an exception is one of the page's join
      membership = enter(channel);
      status.set(membership.status.value);
      stops = membership.status.onChange(status.set);
      for (const callback of [...channel.states]) membership.giveState(callback);
      for (const message of [...early]) message.send();
      return api;
    },
    leave() {
      if (!membership) return;
      stops();
      membership.remove(channel);
      former = membership;
      startTimer(() => (former = undefined), 0);
      membership = undefined;
      channel.forget();
      status.set({ phase: "left" });
    },
    on(event, callback) {
      if (!channel.events.has(event)) channel.events.set(event, new Set());
      return add(channel.events.get(event), callback);
    },
    onState(callback) {
      const stop = add(channel.states, callback);
      membership?.giveState(callback);
      return stop;
    },
    onRecovered: callback => add(channel.recoveries, callback),
    whenJoined() {
      joined ??= new Promise((resolve, reject) => {
        const settle = now => {
          if (now.phase === "joined") resolve(now.reply);
          else if (isOver(now)) {
            isRejected = true;
            const reason = (now.error ?? now).reason ?? "without a reason";
            reject(Object.assign(new Error(`"${topic}" is ${now.phase}: ${reason}`), { status: now }));
          } else return;
          stop();
        };
        const stop = status.onChange(settle);
        settle(status.value);
      });
      joined.catch(() => {}); // a page need not wait until its end
      return joined;
    },
    presence: (name = "presence") => view(channel.presences, name, NOBODY, "presence"),
    count: name => view(channel.counts, name, undefined, "count"),
    push(event, payload, { timeout } = {}) {
      checkTimeout(`push("${event}")`, timeout);
      const to = sender(`push("${event}")`);
      if (to || !awaitsJoin()) return to?.push(event, payload, timeout) ?? false;
      const send = copy => membership.push(event, copy, timeout) || report(new Error(`push("${event}") on "${topic}" was not sent: too many messages wait`));
      return wait(payload, send, () => {}, timeout);
    },
    async call(name, request, { timeout, repeat = false } = {}) {
      checkTimeout(`call("${name}")`, timeout);
      sender(`call("${name}")`);
      const own = repeat ? copied(request) : request; // it is sent again as it was
      const sent = copy => (membership ?? former).call(name, copy, timeout, repeat !== false);
      const isRepeated = ({ status, error }) => ["timeout", "not_sent"].includes(status) || REPEATED_CALLS.includes(error?.reason);
      const decides = typeof repeat === "function" ? repeat : () => true;
      const attempt = () =>
        new Promise(resolve => {
          if (membership ?? former) resolve(sent(own));
          else if (!awaitsJoin()) resolve({ status: "closed" });
          else if (!wait(own, copy => resolve(sent(copy)), status => resolve({ status }), timeout)) resolve(refused());
        });
      const drops = membership?.drops;
      let isLate = !repeat;
      let wasSent = false;
      let wake;
      let refusals = 0;
      let tooLarge = 0;
      const closes = repeat && socket.onClose(({ code }) => {
        if (code === TOO_LARGE) refusals++;
      });
      const end = repeat && startTimer(() => {
        isLate = true;
        wake?.();
      }, REPEAT_TIME);
      try {
        for (;;) {
          refusals = 0;
          const result = await attempt();
          const { reason, retry_after_ms } = result.error ?? {};
          wasSent ||= result.status !== "not_sent";
          // The close may be for a larger message that another part sent before: then the next attempt is answered.
          if (result.status === "timeout" && refusals > 0) tooLarge++;
          if (isLate || tooLarge > 1 || !isRepeated(result) || !decides(result)) {
            return result.status === "not_sent" && wasSent ? { status: "timeout" } : result;
          }
          if (reason) {
            const delay = retry_after_ms > 0 ? retry_after_ms : REPEAT_DELAY;
            let pause;
            await new Promise(resolve => (pause = startTimer((wake = resolve), delay * (1 + Math.random()))));
            stopTimer(pause);
            // A server that has forgotten an answer would execute the call again.
            if (isLate) return result;
          }
          if (membership && drops !== undefined && membership.drops > drops) return { status: "closed" };
        }
      } finally {
        if (repeat) {
          stopTimer(end);
          socket.off([closes]);
        }
      }
    },
  };
  return api;
}

const isOver = ({ phase, final }) => phase === "closed" || final === true;

/** The presences before the first state. */
const NOBODY = new Map();
