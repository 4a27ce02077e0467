import Refresh from "./refresh.mjs"; // first
import * as React from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { Socket } from "phoenix";
import { connect } from "@heliodor/client";
import { hooks, newest } from "@heliodor/client/react";
import { FakeTransport } from "../fake-transport.mjs";

// What components do in their first effects, in every way in which React runs effects, with a server that is this page.

const { Activity, StrictMode, Suspense, useEffect, useLayoutEffect, useState } = React;
const { HeliodorProvider, useCall, useChannel, useChannelState, useEvent, usePresence } = hooks();
const PAYLOADS = { object: user => ({ user }), function: user => () => ({ user }) };
const PHASES = { passive: useEffect, layout: useLayoutEffect };

/** A server that accepts all that is opened and joined, answers calls, and sends an event after each join. */
class Server extends FakeTransport {
  static frames = [];

  constructor(...args) {
    super(...args);
    setTimeout(() => this.readyState === 0 && this.accept());
  }

  send(text) {
    super.send(text);
    for (const frame of this.take()) {
      Server.frames.push(frame);
      setTimeout(() => this.readyState === 1 && this.answer(frame));
    }
  }

  answer({ event, ...frame }) {
    if (event === "phx_join") {
      this.reply(frame, { topic: frame.topic, v: 1 });
      this.receive(frame.joinRef, null, frame.topic, "agents_state", { bo: { metas: [] }, cy: { metas: [] } });
      this.receive(frame.joinRef, null, frame.topic, "presence_state", { ann: { metas: [] } });
      this.receive(frame.joinRef, null, frame.topic, "news", { of: frame.topic });
    } else if (event === "phx_leave" || event === "ask") this.reply(frame, {});
  }
}

let seen; // what the components saw, each once
let last; // the channel of the last child

/** A child that sends, calls and listens in its first effect, and says so when it goes. */
function Child({ channel, phase }) {
  const useFirst = PHASES[phase];
  last = channel;
  const [ask] = useCall(channel, "ask");
  const state = useChannelState(channel);
  const people = usePresence(channel);
  if (state) seen.add(`state ${state.topic}`);
  if (people.size) seen.add(`${people.size} present`);
  useEvent(channel, "news", ({ of }) => seen.add(`news ${of}`));
  useFirst(() => {
    seen.add(`push ${channel.push("hello")}`);
    channel.call("ask", { by: "channel" }).then(({ status }) => seen.add(`call ${status}`));
    ask({ by: "hook" }).then(({ status }) => seen.add(`useCall ${status}`));
    const stop = channel.on("news", () => seen.add("listened"));
    return () => {
      stop();
      seen.add(`bye ${channel.push("bye")}`);
    };
  }, [channel]);
  return <i>{state?.topic}</i>;
}

let Late; // a component that is loaded when the test says so
let load;

function Parent({ topic, phase, suspends }) {
  const [channel] = useChannel(topic);
  return (
    <>
      {suspends && <Late />}
      <Child channel={channel} phase={phase} />
    </>
  );
}
/** A child that sends and calls in its first effect, and whenever its user is another one. */
function Sender({ channel, call, user }) {
  useLayoutEffect(() => void channel.push("said", { by: user }), [channel, user]);
  useEffect(() => void call({ by: user }).catch(() => {}), [call, user]);
  return null;
}

/** All options of the hooks, which the test changes. */
function Options({ topic, user, kind, handler, event, name, view, sends }) {
  const [channel, status] = useChannel(topic, PAYLOADS[kind](user));
  const state = useChannelState(channel, { [event]: newest(({ v }) => v) });
  const people = usePresence(channel, view);
  const [call, result] = useCall(channel, name, { timeout: 60_000 });
  useLayoutEffect(() => void results.push(`${name} ${result.status}`));
  useEvent(channel, event, ({ v }) => seen.add(`${handler} ${v}`));
  last = call;
  return (
    <p>
      {status.phase} {state?.v} {people.size}
      {sends && <Sender channel={channel} call={call} user={user} />}
    </p>
  );
}

const results = []; // of the call of each commit

let show; // changes what the page shows

function Page({ client, phase, options }) {
  const [shown, setShown] = useState({ topic: "a", isThere: true, isVisible: true, options });
  show = next => setShown(before => ({ ...before, ...next }));
  const parent = shown.options ? <Options {...shown.options} /> : shown.isThere && <Parent {...shown} phase={phase} />;
  return (
    <HeliodorProvider client={client}>
      <Suspense fallback="...">{Activity ? <Activity mode={shown.isVisible ? "visible" : "hidden"}>{parent}</Activity> : parent}</Suspense>
    </HeliodorProvider>
  );
}

globalThis.version = React.version;

/** What the server got and the components saw since the last step. */
globalThis.look = () => ({
  sent: Server.frames.map(({ topic, event, payload }) => `${topic} ${event}${(payload.by ?? payload.user) ? ` ${payload.by ?? payload.user}` : ""}`),
  seen: [...seen].sort(),
});

/** One step: what it does causes frames, and is seen by components. */
const step = run => options => {
  Server.frames = [];
  seen = new Set();
  return run(options);
};

let root;
globalThis.begin = step(({ strict, phase, isHydrated, options }) => {
  Late = React.lazy(() => new Promise(resolve => (load = () => resolve({ default: () => "loaded" }))));
  const client = connect(new Socket("ws://test/socket", { transport: Server }));
  const once = <Page client={client} phase={phase} options={options} />;
  const page = strict ? <StrictMode>{once}</StrictMode> : once;
  const element = document.body.appendChild(document.createElement("div"));
  if (isHydrated) {
    element.innerHTML = renderToString(page);
    if (client.status.phase !== "idle") throw new Error("rendering on a server has connected");
    root = hydrateRoot(element, page);
  } else {
    root = createRoot(element);
    root.render(page);
  }
});
/** The result that each commit had since the last call. */
globalThis.results = () => results.splice(0);
globalThis.change = step(next => show(next));
globalThis.load = () => load();

/** Puts new code in the place of a component, as a bundler does after an edit. */
globalThis.edit = step(name => {
  const before = { Parent, Child }[name];
  Refresh.register(before, name);
  Refresh.register(props => before(props), name);
  Refresh.performReactRefresh();
});
globalThis.end = step(() => root.unmount());

/** The server sends an event. */
globalThis.receive = step(([event, payload]) => Server.open[0].receive(null, null, "o", event, payload));
globalThis.call = step(() => void last());

/** What the channel of a component that is gone takes. */
globalThis.push = event => last.push(event);
globalThis.late = async () => [last.push("hello"), (await last.call("ask")).status];
