import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";
import { Socket } from "phoenix";
import { connect } from "@heliodor/client";
import { hooks } from "@heliodor/client/react";

const { HeliodorProvider, useCall, useChannel, useChannelState, useEvent, usePresence, useStatus } = hooks();

function Connection() {
  const status = useStatus();
  return (
    <p id="connection" data-phase={status.phase}>
      {status.phase}
      {status.final ? `: ${status.status ?? status.code}` : ""}
    </p>
  );
}

function Counter({ topic }) {
  const [channel, { phase }] = useChannel(topic);
  const state = useChannelState(channel, { bumped: (_, next) => next });
  const [bump, result] = useCall(channel, "bump");
  return (
    <section className="counter" data-phase={phase}>
      <h2>{topic}</h2>
      <output>{state ? state.v : "…"}</output>
      <button onClick={() => bump()}>Bump</button>
      <small>{result.status === "ok" ? `it is ${result.reply.v}` : result.status}</small>
    </section>
  );
}

function Room({ topic, user }) {
  const [channel, status] = useChannel(topic, { user });
  const people = usePresence(channel);
  const [lines, setLines] = useState([]);
  useEvent(channel, "shout", ({ text }) => setLines([...lines, text]));
  if (status.phase === "refused") return <p className="refusal">{status.error.reason}</p>;
  return (
    <section className="room" data-phase={status.phase}>
      <h2>{topic}</h2>
      <p>
        {people.size} present: {[...people.keys()].sort().join(", ")}
      </p>
      <ol>
        {lines.map((line, i) => (
          <li key={i}>{line}</li>
        ))}
      </ol>
      <form
        onSubmit={event => {
          event.preventDefault();
          channel.push("shout", { text: event.target.elements.text.value });
          event.target.reset();
        }}
      >
        <input name="text" aria-label={`Say in ${topic}`} />
      </form>
    </section>
  );
}

/** The page: a part for each topic. */
export function App({ client, user, topics }) {
  const [isShown, setShown] = useState(true);
  return (
    <StrictMode>
      <HeliodorProvider client={client}>
        <main>
          <Connection />
          <button onClick={() => setShown(!isShown)}>{isShown ? "Hide" : "Show"}</button>
          {isShown && topics.map((topic, i) => (topic.startsWith("state:") ? <Counter key={i} topic={topic} /> : <Room key={i} topic={topic} user={user} />))}
        </main>
      </HeliodorProvider>
    </StrictMode>
  );
}

/** The address of a page has its options: user, topics, and for refusals the path of a socket, its status and whether there are tokens. */
if (globalThis.document) {
  const options = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  const params = { user_id: options.user, status: options.status ?? 403 };
  globalThis.tokens = 0;
  const token = options.tokens && (async () => `token ${++globalThis.tokens}`);
  const client = connect(new Socket(options.socket ?? "/socket", { params }), { token });
  createRoot(document.querySelector("#app")).render(<App client={client} user={options.user} topics={options.topics.split(",")} />);
}
