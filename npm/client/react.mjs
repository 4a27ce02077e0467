/**
 * Hooks for React 18 and 19. `hooks()` gives them, with the types of a contract:
 *
 *     export const { HeliodorProvider, useChannel, useChannelState, useCall, useEvent, usePresence, useStatus } = hooks<Desk>();
 *
 * All options may change with each render, and count from that render on.
 */
import { createContext, createElement, useCallback, useContext, useEffect, useInsertionEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";

const Current = createContext(undefined);

/** How many providers are mounted with a client. */
const providers = new WeakMap();

function HeliodorProvider({ client, children }) {
  useEffect(() => {
    providers.set(client, (providers.get(client) ?? 0) + 1);
    client.connect();
    return () => {
      providers.set(client, providers.get(client) - 1);
      // StrictMode unmounts and mounts again at once.
      setTimeout(() => providers.get(client) === 0 && client.disconnect(), 0);
    };
  }, [client]);
  return createElement(Current.Provider, { value: client }, children);
}

function useClient() {
  const client = useContext(Current);
  if (!client) throw new Error("this hook needs a client: put the component into <HeliodorProvider client={...}>");
  return client;
}

/** The newest value, for callbacks that run after the render. */
function useLatest(value) {
  const latest = useRef(value);
  useInsertionEffect(() => void (latest.current = value));
  return latest;
}

const IDLE = { phase: "idle" };
const IDLE_CALL = { status: "idle" };
const NOBODY = new Map();

/** A value that changes outside of React, and the one that a server renders. */
function useOutside(value, onChange, rendered) {
  return useSyncExternalStore(onChange, value, () => rendered);
}

/** Presences or a count. An effect asks for them, since that may join the topic anew. */
function useView(kind, channel, name, empty) {
  const held = useMemo(() => {
    const own = {
      view: undefined,
      value: () => (own.view ? own.view.value : empty),
      onChange: callback => {
        own.view = channel[kind](name);
        return own.view.onChange(callback);
      },
    };
    return own;
  }, [kind, channel, name, empty]);
  return useOutside(held.value, held.onChange, empty);
}

function useStatus() {
  const client = useClient();
  return useOutside(() => client.status, client.onStatus, IDLE);
}

function useMessage(event, handler) {
  const client = useClient();
  const latest = useLatest(handler);
  useEffect(() => client.on(event, payload => latest.current(payload)), [client, event, latest]);
}

function useChannel(topic, payload, options) {
  const client = useClient();
  const latest = useLatest({ payload, options });
  const held = useMemo(() => {
    const params = () => (typeof latest.current.payload === "function" ? latest.current.payload() : latest.current.payload);
    const retries = error => latest.current.options?.retries?.(error);
    const own = { isMounted: true, isOutdated: false };
    own.channel = client.channel(topic, params, { retries, awaitsJoin: () => own.isMounted, isOutdated: () => own.isOutdated });
    return own;
  }, [client, topic, latest]);
  const { channel } = held;
  // Runs before all effects of children, and, unlike other effects, not when a component is hidden.
  useInsertionEffect(() => {
    held.isMounted = true;
    return () => void (held.isMounted = false);
  }, [held]);
  // A function is another one at each render, so it is called for joins only.
  const text = typeof payload === "function" ? undefined : JSON.stringify(payload);
  // Until its effect joins, the effects of children send for the new payload, too.
  useInsertionEffect(() => void (held.isOutdated = true), [held, text]);
  useEffect(() => {
    channel.join();
    held.isOutdated = false;
  }, [channel, held, text]);
  useEffect(() => () => channel.leave(), [channel]);
  return [channel, useOutside(() => channel.status, channel.onStatus, IDLE)];
}

function useEvent(channel, event, handler) {
  const latest = useLatest(handler);
  useEffect(() => channel.on(event, payload => latest.current(payload)), [channel, event, latest]);
}

function useChannelState(channel, reducers) {
  const [held, setHeld] = useState({ channel });
  const latest = useLatest(reducers);
  const names = Object.keys(reducers ?? {}).sort().join("\n");
  useEffect(() => {
    const reduce = event => payload =>
      setHeld(before => {
        const reducer = latest.current?.[event];
        const hasState = before.channel === channel && "state" in before;
        return reducer && hasState ? { channel, state: reducer(before.state, payload) } : before;
      });
    const stops = (names ? names.split("\n") : []).map(event => channel.on(event, reduce(event)));
    return () => stops.forEach(stop => stop());
  }, [channel, names, latest]);
  useEffect(() => channel.onState(state => setHeld({ channel, state })), [channel]);
  return held.channel === channel ? held.state : undefined;
}

function useCall(channel, name, options) {
  const key = useMemo(() => ({ channel, name }), [channel, name]);
  const [held, setHeld] = useState({});
  const latest = useLatest(options);
  const run = useRef(0);
  const call = useCallback(
    async request => {
      const own = ++run.current;
      const show = result => own === run.current && setHeld({ key, result });
      show({ status: "running" });
      try {
        const result = await key.channel.call(key.name, request, latest.current);
        show(result);
        return result;
      } catch (misuse) {
        show(IDLE_CALL); // a call before the channel joins
        throw misuse;
      }
    },
    [key, latest],
  );
  return [call, held.key === key ? held.result : IDLE_CALL];
}

function usePresence(channel, name = "presence") {
  return useView("presence", channel, name, NOBODY);
}

function useCount(channel, name) {
  return useView("count", channel, name, undefined);
}

const all = { HeliodorProvider, useClient, useStatus, useMessage, useChannel, useChannelState, useEvent, useCall, usePresence, useCount };

/** A reducer for events that are whole states: the one with the highest version is kept, in whatever order they come. */
export function newest(by) {
  // Versions that cannot be compared, such as that of a state without one, keep no state from being replaced.
  return (state, payload) => (by(payload) <= by(state) ? state : payload);
}

export function hooks() {
  return all;
}
