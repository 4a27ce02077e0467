// A right program: all hooks, and the exact types that they give. It is compiled, and does not run.
import {
  connect,
  type AnyContract,
  type CallResult,
  type Channel,
  type ChannelAt,
  type ChannelStatus,
  type Client,
  type ConnectionStatus,
  type Presence,
} from "@heliodor/client";
import { hooks, newest, type Hooks, type LastResult } from "@heliodor/client/react";
import { Socket } from "phoenix";
import type { Desk } from "./desk.js";
import { exactly } from "./exactly.js";
import type { Playground } from "./playground.js";

type Types = Playground["types"];
type DeskTypes = Desk["types"];
type Ticket = ChannelAt<Desk, `ticket:${number}`>;

const { HeliodorProvider, useClient, useMessage, useStatus } = hooks<Playground>();
const { useCall, useChannel, useChannelState, useEvent, usePresence } = hooks<Playground>();
const desk = hooks<Desk>();
const client = connect<Playground>(new Socket("/socket"));

export function App() {
  return (
    <HeliodorProvider client={client}>
      <Connection />
      <Room id={1} user="ann" />
      <HeliodorProvider client={client} />
      <HeliodorProvider client={client}>text, {null}</HeliodorProvider>
    </HeliodorProvider>
  );
}

function Connection() {
  exactly<Client<Playground>>()(useClient());
  const status = useStatus();
  exactly<ConnectionStatus>()(status);
  useMessage("notified", payload => exactly<{ body: {} }>()(payload));
  return <p>{status.final ? (status.reason ?? status.code) : status.phase}</p>;
}

function Room({ id, user }: { id: number; user: string }) {
  const [room, status] = useChannel(`room:${id}`, { user });
  exactly<Channel<ChannelAt<Playground, "room:1">>>()(room);
  exactly<ChannelStatus<ChannelAt<Playground, "room:1">>>()(status);
  useChannel("room:1");
  useChannel("room:1", () => ({ user }));
  useChannel("room:1", undefined, { retries: error => error.reason === "full" });
  useChannel("notes:1", { user });

  exactly<void>()(useEvent(room, "shout", payload => exactly<{ [key: string]: unknown }>()(payload)));
  useEvent(room, "whisper", () => {});

  const people = usePresence(room);
  exactly<ReadonlyMap<string, Presence<Types["Online"]>>>()(people);
  exactly<typeof people>()(usePresence(room, "presence"));

  const [who, result] = useCall(room, "who", { timeout: 1_000 });
  type Who = CallResult<{ request: { [key: string]: never }; reply: Types["Users"]; error: Types["Reason"] }>;
  exactly<LastResult<Who>>()(result);
  exactly<Promise<Who>>()(who());
  if (result.status === "ok") exactly<string[]>()(result.reply.users);
  const [typed] = useCall(room, "typed");
  const [bin] = useCall(room, "bin");
  return (
    <>
      {status.phase === "refused" && <p>{status.error.reason}</p>}
      <button disabled={result.status === "running" || result.status === "idle"} onClick={() => who()}>
        {people.size}
      </button>
      <button onClick={async () => exactly<"ok" | "error" | "timeout" | "not_sent" | "closed">()((await typed({ text: "Hello", count: 1 })).status)} />
      <button onClick={() => void bin(new ArrayBuffer(1))} />
    </>
  );
}

export function State() {
  const [channel] = useChannel("state:1", { ms: 1 });
  exactly<Types["State"] | undefined>()(useChannelState(channel));
  exactly<Types["State"] | undefined>()(useChannelState(channel, {}));
  const state = useChannelState(channel, {
    bumped: (before, payload) => {
      exactly<Types["State"]>()(before);
      exactly<Types["State"]>()(payload);
      return { ...before, v: payload.v };
    },
  });
  exactly<Types["State"] | undefined>()(useChannelState(channel, { bumped: newest(({ v }) => v) }));
  exactly<{ at: Date }>()(newest((each: { at: Date }) => each.at)({ at: new Date(1) }, { at: new Date(2) }));
  return <p>{state?.v}</p>;
}

export function OneTicket({ id }: { id: number }) {
  const [ticket] = desk.useChannel(`ticket:${id}`, { agent: "ann" });
  const [all] = desk.useChannel("ticket:all");
  exactly<Channel<Ticket>>()(ticket);
  exactly<DeskTypes["Ticket"] | undefined>()(
    desk.useChannelState(ticket, { changed: (_, next) => next, assigned: (state, { agent }) => ({ ...state, assignee: agent }) }),
  );
  exactly<DeskTypes["Numbers"] | undefined>()(desk.useChannelState(all, { numbers: (_, next) => next }));
  exactly<ReadonlyMap<string, Presence<DeskTypes["Online"]>>>()(desk.usePresence(ticket));
  exactly<ReadonlyMap<string, Presence<DeskTypes["Agent"]>>>()(desk.usePresence(ticket, "agents"));
  exactly<ReadonlyMap<string, Presence<DeskTypes["Online"]>>>()(desk.usePresence(all, "viewers"));
  exactly<number | undefined>()(desk.useCount(ticket, "readers"));
  const [assign, assigned] = desk.useCall(ticket, "assign", { repeat: true });
  if (assigned.status === "error" && assigned.error.reason === "unknown_agent") return <p>{assigned.error.reason}</p>;
  return (
    <button onClick={() => assign({ id: "1", agent: "bo" })}>
      <Title ticket={ticket} />
    </button>
  );
}

/** Parts of a page get a channel as a property. */
function Title({ ticket }: { ticket: Channel<Ticket> }) {
  return <h1>{desk.useChannelState(ticket, { changed: (_, next) => next })?.title}</h1>;
}

/** A page without a contract. */
export function Untyped() {
  const untyped = hooks();
  exactly<Hooks<AnyContract>>()(untyped);
  const [channel, status] = untyped.useChannel("any:thing", { any: "thing" });
  const state = untyped.useChannelState(channel, { changed: (_, next) => next });
  exactly<any>()(state);
  untyped.useEvent(channel, "changed", payload => exactly<any>()(payload));
  const [call, result] = untyped.useCall(channel, "name", { repeat: true });
  void call({ any: "thing" });
  void call();
  exactly<number>()(untyped.usePresence(channel).size + untyped.usePresence(channel, "agents").size);
  exactly<number | undefined>()(untyped.useCount(channel, "readers"));
  untyped.useMessage("anything", payload => exactly<any>()(payload));
  return <p>{status.phase === "joined" && result.status === "ok" ? result.reply : state.title}</p>;
}
