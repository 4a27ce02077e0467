// A right program: all of the client, and the exact types that it gives. It is compiled, and does not run.
import {
  connect,
  onRefused,
  refresh,
  withHistory,
  type CallResult,
  type Channel,
  type ChannelAt,
  type ChannelStatus,
  type Client,
  type ConnectionStatus,
  type Presence,
  type RefreshReply,
  type ServerError,
  type Stop,
  type TopicOf,
  type View,
} from "@heliodor/client";
import { Presence as PhoenixPresence, Socket, type Channel as PhoenixChannel, type SocketConnectOption } from "phoenix";
import type { Desk } from "./desk.js";
import { exactly } from "./exactly.js";
import type { Playground } from "./playground.js";

type Types = Playground["types"];
type DeskTypes = Desk["types"];
type Json = { [key: string]: unknown };

const socket = new Socket("/socket", { authToken: () => "token", params: { user_id: "ann" }, timeout: 5_000 });

export async function connection() {
  const client = connect<Playground>(socket);
  exactly<Client<Playground>>()(client);
  exactly<Socket>()(client.socket);
  exactly<ConnectionStatus>()(client.status);
  exactly<"idle" | "connecting" | "open" | "reconnecting" | "refused">()(client.status.phase);
  client.connect();

  exactly<Stop>()(client.onPageHide(() => client.connect()));
  const stop = client.onStatus(status => {
    if (status.final) exactly<"refused">()(status.phase);
    exactly<number | undefined>()(status.code);
    if (status.phase !== "refused") return;
    exactly<boolean>()(status.final);
    exactly<number | undefined>()(status.status);
    exactly<string | undefined>()(status.reason);
    exactly<number | undefined>()(status.code);
    exactly<number | undefined>()(status.retry_after);
  });
  exactly<Stop>()(stop);
  stop();

  client.on("notified", payload => exactly<{ body: {} }>()(payload));
  exactly<RefreshReply>()(await client.refresh());
  const { status, response } = await client.refresh("token");
  exactly<"ok" | "error" | "closed" | "timeout">()(status);
  exactly<string | undefined>()(response.reason);
  client.disconnect();
}

export function connections(signedIn: boolean, every: number | undefined) {
  connect<Playground>(socket, {});
  connect<Playground>(socket, { token: () => "token", refreshEvery: 60_000 });
  connect<Playground>(socket, { token: async () => "token", refreshEvery: every });
  connect<Playground>(socket, { token: () => (signedIn ? "token" : undefined) });
  connect<Playground>(socket, { token: async () => (signedIn ? "token" : null) });
}

export function topics(client: Client<Playground>, id: string, number: number) {
  exactly<Channel<Playground["channels"][6]>>()(client.channel("room:lobby"));
  exactly<Channel<Playground["channels"][6]>>()(client.channel(`room:${id}`));
  exactly<Channel<Playground["channels"][5]>>()(client.channel(`state:${number}`));
  const topic = `history:${id}` as const;
  exactly<Channel<Playground["channels"][1]>>()(client.channel(topic));
  const any: TopicOf<Playground> = `own:${id}`;
  client.channel(any);
}

export function payloads(client: Client<Playground>, user: string | null) {
  client.channel("room:lobby");
  client.channel("room:lobby", {});
  client.channel("room:lobby", { user });
  client.channel("room:lobby", () => ({ user }));
  client.channel("room:lobby", undefined, { retries: () => true });
  client.channel("notes:1", { user: "ann" });
  client.channel("notes:1", () => ({ user: "ann" }), { retries: error => error.reason === "full" });
  client.channel("limited:1", {}, { retries: undefined });
}

export async function channel(client: Client<Playground>) {
  const state = client.channel("state:1", { ms: 10 }, { retries: error => error.reason === "too many topics" });
  exactly<string>()(state.topic);
  exactly<typeof state>()(state.join());
  exactly<Types["State"]>()(await state.whenJoined());

  exactly<ChannelStatus<ChannelAt<Playground, "state:1">>>()(state.status);
  state.onStatus(status => {
    switch (status.phase) {
      case "idle":
      case "left":
        return exactly<undefined>()(status.reply);
      case "joining":
        return exactly<Types["State"] | undefined>()(status.reply);
      case "joined":
        return exactly<Types["State"]>()(status.reply);
      case "closed":
        return exactly<string | undefined>()(status.reason);
      case "refused":
        exactly<boolean>()(status.final);
        if (status.error.reason === "too many topics") return exactly<{ reason: "too many topics" }>()(status.error);
        if (status.error.reason === "rate_limited") return exactly<number>()(status.error.retry_after_ms);
        if (status.error.reason === "invalid_payload") return exactly<string>()(status.error.field);
        return exactly<"unauthorized">()(status.error.reason === "unauthorized" ? status.error.reason : "unauthorized");
      default:
        return exactly<never>()(status);
    }
  })();
  exactly<Types["State"] | undefined>()(state.status.reply);
  if (state.status.error) exactly<"refused">()(state.status.phase);

  exactly<Stop>()(state.onState(value => exactly<Types["State"]>()(value)));
  const stop = state.on("bumped", value => exactly<Types["State"]>()(value));
  exactly<Stop>()(stop);
  state.onRecovered(recovery => exactly<{ recovered: boolean; token: string | undefined }>()(recovery))();
  exactly<void>()(state.leave());
}

export function events(client: Client<Playground>) {
  const room = client.channel("room:lobby");
  room.on("shout", payload => exactly<Json>()(payload));
  room.on("shout", (_, token) => exactly<string | undefined>()(token));
  room.on("bin", payload => exactly<ArrayBuffer>()(payload));
  room.on("whisper", () => {});
  room.on("pushed", async payload => exactly<Json>()(payload));
  client.channel("realtime:x", {}).on("broadcast", payload => exactly<Json | ArrayBuffer>()(payload));
}

export function pushes(client: Client<Playground>, line: Types["Typed"]) {
  const room = client.channel("room:lobby");
  exactly<boolean>()(room.push("shout", { text: "Hello" }));
  room.push("shout", line);
  room.push("stop");
  room.push("stop", {});
  room.push("stop", {}, { timeout: 1_000 });
  room.push("stop", undefined, { timeout: undefined });
}

export async function calls(client: Client<Playground>, bytes: ArrayBuffer) {
  const room = client.channel("room:lobby");
  exactly<Promise<CallResult<{ request: Types["Typed"]; reply: Types["Typed"]; error: Types["Reason"] }>>>()(
    room.call("typed", { text: "Hello", count: 1 }, { timeout: 1_000 }),
  );

  const result = await room.call("who");
  switch (result.status) {
    case "ok":
      exactly<Types["Users"]>()(result.reply);
      exactly<string[]>()(result.reply.users);
      break;
    case "error":
      exactly<string>()(result.error.reason);
      if ("field" in result.error) exactly<string>()(result.error.field);
      break;
    case "timeout":
    case "not_sent":
    case "closed":
      break;
    default:
      exactly<never>()(result);
  }

  const { status, reply, error } = await room.call("who");
  if (status === "ok") exactly<Types["Users"]>()(reply);
  if (status === "error") exactly<string>()(error.reason);
  exactly<string[] | undefined>()(reply?.users);
  exactly<string | undefined>()(error?.reason);

  await room.call("who", {}, { timeout: 1_000 });
  await room.call("node", undefined, { timeout: 1_000 });
  await room.call("bin", bytes);
  await room.call("kick", { user_id: "bo" });
  await room.call("notify", { user_id: "bo", body: [1, null] });
  const echo = await room.call("echo", { any: "thing" });
  if (echo.status === "ok") exactly<unknown>()(echo.reply);
  const failed = await room.call("fail", { reason: 7 });
  if (failed.status === "error") exactly<{} | ServerError["reason"]>()(failed.error.reason);
  const realtime = client.channel("realtime:x");
  await realtime.call("broadcast", bytes);
  await realtime.call("broadcast", { type: "broadcast" });
}

export function presence(client: Client<Playground>) {
  const view = client.channel("room:lobby").presence();
  exactly<View<ReadonlyMap<string, Presence<Types["Online"]>>>>()(view);
  exactly<typeof view>()(client.channel("room:lobby").presence("presence"));
  for (const [key, { metas, ...more }] of view.value) {
    exactly<string>()(key);
    exactly<unknown>()(more.name);
    for (const { online_at, phx_ref, phx_ref_prev } of metas) {
      exactly<number>()(online_at);
      exactly<string>()(phx_ref);
      exactly<string | undefined>()(phx_ref_prev);
    }
  }
  exactly<Stop>()(view.onChange(entries => exactly<number>()(entries.size)));
  client.channel("realtime:x").presence().value.get("ann")?.metas[0]?.phx_ref;
}

export async function desk(client: Client<Desk>, id: number) {
  // The first channel that matches serves a topic.
  const all = client.channel("ticket:all");
  const ticket = client.channel(`ticket:${id}`, { agent: "ann" });
  exactly<Channel<Desk["channels"][0]>>()(all);
  exactly<Channel<Desk["channels"][1]>>()(ticket);
  exactly<Channel<Desk["channels"][1]>>()(client.channel("ticket:everything", { agent: "ann" }));
  client.channel("inbox:ann", { any: "thing" });
  client.channel("inbox:ann");

  exactly<View<ReadonlyMap<string, Presence<DeskTypes["Online"]>>>>()(ticket.presence());
  exactly<View<ReadonlyMap<string, Presence<DeskTypes["Agent"]>>>>()(ticket.presence("agents"));
  exactly<View<ReadonlyMap<string, Presence<DeskTypes["Online"]>>>>()(all.presence("viewers"));
  exactly<View<number | undefined>>()(ticket.count("readers"));
  exactly<View<number | undefined>>()(all.count("waiting"));

  client.on("kicked", ({ by }) => exactly<string>()(by));
  client.on("closing", () => {});
  ticket.on("file-added", payload => exactly<ArrayBuffer | Json>()(payload));
  ticket.on("comment", ({ content }) => {
    if (content.type === "image") exactly<string | null>()(content.alt);
    else exactly<string>()(content.text);
  });
  ticket.push("comment", { author: "ann", content: { type: "text", text: "Hello" } });
  ticket.push("typing");

  const found = await all.call("find", { text: "printer" });
  if (found.status === "ok") exactly<DeskTypes["Ticket"] | undefined>()(found.reply[0]);
  await all.call("find");
  await ticket.call("edit", { id: 1, title: "Printer" });
  await ticket.call("edit", { id: 1, title: "Printer", tags: ["a"], assignee: null });

  const assigned = await ticket.call("assign", { id: "1", agent: "bo" }, { repeat: true, timeout: 1_000 });
  if (assigned.status === "error") {
    const { error } = assigned;
    if (error.reason === "rate_limited") exactly<number>()(error.retry_after_ms);
    else if (error.reason === "invalid_payload") exactly<"field" | "message" | "reason">()({} as keyof typeof error);
    else
      exactly<
        | "closed"
        | "crashed"
        | "unknown_agent"
        | "unhandled_event"
        | "unmatched topic"
        | "binary_unsupported"
        | "unknown"
        | "unanswered"
        | "key_reused"
        | "unavailable"
        | "still_running"
        | "overloaded"
      >()(error.reason);
  }
  const closed = await ticket.call("close");
  if (closed.status === "error" && closed.error.reason !== "rate_limited" && closed.error.reason !== "invalid_payload") {
    exactly<"closed" | "crashed" | "unhandled_event" | "unmatched topic" | "binary_unsupported">()(closed.error.reason);
  }
}

/** Functions for any channel and any client take those with types. */
export function untyped(desk: Client<Desk>, playground: Client<Playground>) {
  const watch = (channel: Channel) =>
    channel.onStatus(({ phase }) => exactly<"idle" | "left" | "joining" | "joined" | "refused" | "closed">()(phase));
  const close = (client: Client) => client.disconnect();
  watch(desk.channel("ticket:all"));
  watch(playground.channel("room:lobby"));
  close(desk);
  close(playground);
}

/** A page without a contract. */
export async function withoutContract() {
  const client = connect(socket);
  exactly<Client>()(client);
  client.on("anything", payload => exactly<any>()(payload));
  const channel = client.channel("any:thing", { any: "thing" }, { retries: error => error.reason === "full" });
  exactly<Channel>()(channel);
  channel.on("event", payload => exactly<any>()(payload));
  channel.onState(state => exactly<any>()(state));
  channel.push("event");
  channel.push("event", { any: "thing" }, { timeout: 1 });
  const result = await channel.call("name", { any: "thing" }, { repeat: true, timeout: 1 });
  if (result.status === "ok") exactly<any>()(result.reply);
  if (result.status === "error") exactly<any>()(result.error);
  exactly<any>()(channel.presence().value.get("ann")?.metas[0]?.name);
  exactly<any>()(channel.presence("agents").value.get("ann")?.metas[0]?.name);
  exactly<number | undefined>()(channel.count("readers").value);
  if (channel.status.phase === "refused") exactly<any>()(channel.status.error);
}

/** The parts for pages that use the channels of phoenix.js. */
export async function parts(options: Partial<SocketConnectOption>) {
  const socket = new Socket("/socket", options);
  const channel = withHistory(socket, "room:lobby", () => ({ since: "@a" }));
  exactly<PhoenixChannel>()(channel as PhoenixChannel);
  channel.onState(state => exactly<any>()(state));
  channel.onRecovered(recovery => exactly<{ recovered: boolean; token: string | undefined }>()(recovery));
  channel.join().receive("ok", () => {}).receive("error", ({ reason }) => exactly<any>()(reason));
  new PhoenixPresence(channel).onSync(() => {});
  onRefused(socket, ({ final, status }) => exactly<{ final: boolean; status: number | undefined }>()({ final, status }));
  exactly<RefreshReply>()(await refresh(socket, "token"));
}
