/// <reference path="./phoenix.d.ts" />
import type { Channel as PhoenixChannel, Socket } from "phoenix";

/** The topics and messages of a server: the type that `./heliodor contract --ts` or `ContractFiles` writes. */
export interface Contract {
  channels: readonly ChannelContract[];
  messages: object;
}

/** The contract of one channel. */
export interface ChannelContract {
  topic: string;
  history: boolean;
  join: { payload: unknown; reply: unknown; error: unknown };
  pushes: object;
  calls: object;
  events: object;
  presence: object;
  counts: object;
}

/** The contract of one call. */
export interface CallContract {
  request: unknown;
  reply: unknown;
  error: unknown;
  once?: true;
}

/** The contract of a page without types. */
export interface AnyContract {
  channels: [AnyChannel];
  messages: { [event: string]: any };
}

/** The contract of a channel without types. */
export interface AnyChannel {
  topic: string;
  history: boolean;
  join: { payload: any; reply: any; error: any };
  pushes: { [event: string]: any };
  calls: { [name: string]: any };
  events: { [event: string]: any };
  presence: { [name: string]: any };
  counts: { [name: string]: number };
}

type First<Channels, Topic> = Channels extends readonly [infer Head extends ChannelContract, ...infer Rest]
  ? Topic extends Head["topic"]
    ? Head
    : First<Rest, Topic>
  : never;
type Member<T, Name> = Name extends keyof T ? T[Name] : never;

/** The topics of a contract. */
export type TopicOf<C extends Contract> = C["channels"][number]["topic"];

/** The contract of the channel that serves a topic: the first one that matches. */
export type ChannelAt<C extends Contract, Topic> = First<C["channels"], Topic>;

/** The contract of the call of a name. */
export type CallAt<C extends ChannelContract, Name> = Member<C["calls"], Name> extends infer Found extends CallContract ? Found : never;

/** The arguments for a payload of a push. It may be left out if it may be `{}`. */
export type PushArguments<Payload> = {} extends Payload
  ? [payload?: Payload | undefined, options?: SendOptions | undefined]
  : [payload: Payload, options?: SendOptions | undefined];

/** The arguments for a request and its options. A request may be left out if it may be `{}`. */
export type CallArguments<Call extends CallContract> = {} extends Call["request"]
  ? [request?: Call["request"] | undefined, options?: CallOptions<Call> | undefined]
  : [request: Call["request"], options?: CallOptions<Call> | undefined];

/** The payload of a join, or a function that is called at each join. */
export type JoinPayload<Payload> = Payload | (() => Payload);

/** The arguments for the name of a presence. It may be left out if the channel has one with the name `presence`. */
export type PresenceName<C extends ChannelContract, Name> = "presence" extends keyof C["presence"]
  ? [name?: Name | undefined]
  : [name: Name];

/** Removes a callback. */
export type Stop = () => void;

/** Errors of the server itself, which any call may get. */
export type ServerError =
  | { reason: "invalid_payload"; field: string; message: string }
  | { reason: "rate_limited"; retry_after_ms: number }
  | { reason: "unhandled_event" | "unmatched topic" | "binary_unsupported" | "crashed" };

/** Further errors of calls that are executed once. */
export type OnceError = { reason: "unknown" | "unanswered" | "key_reused" | "unavailable" | "still_running" | "overloaded" };

/** Refusals of the server itself, which any join may get. */
export type JoinError =
  | { reason: "invalid_payload"; field: string; message: string }
  | { reason: "rate_limited"; retry_after_ms: number }
  | {
      reason:
        | "unmatched topic"
        | "invalid topic"
        | "join crashed"
        | "too many channels joined"
        | "overloaded"
        | "unavailable"
        | "unauthorized"
        | "draining"
        | "replaced"
        | "removed";
    };

/** A refusal of a connection. */
export interface Refusal {
  /** The status; undefined after another final close code. */
  status?: number;
  /** The text of the refusal. */
  reason?: string;
  /** The time after which the server takes the client again, in seconds. */
  retry_after?: number;
  /** The close code, if there was no refusal. */
  code?: number;
  /** Whether the socket stays away until the page calls `connect`. */
  final: boolean;
}

/**
 * The status of a connection. `idle`: the page has not connected, or has disconnected. `reconnecting`: a connection was lost, and
 * phoenix.js connects again. `refused`: final, or until the next attempt.
 */
export type ConnectionStatus =
  | ({ readonly phase: "idle" | "connecting" | "open" | "reconnecting" } & { readonly [Field in keyof Refusal]?: undefined })
  | ({ readonly phase: "refused" } & Readonly<Refusal>);

/**
 * The status of a channel. `idle`: before `join`. `joining`: also after a lost connection, with the last reply. `refused`: final, or
 * until the next attempt. `closed`: the server ended the membership. `left`: the page did.
 */
export type ChannelStatus<C extends ChannelContract = AnyChannel> =
  | { readonly phase: "idle" | "left"; readonly reply?: undefined; readonly error?: undefined }
  | { readonly phase: "joining"; readonly reply: C["join"]["reply"] | undefined; readonly error?: undefined }
  | { readonly phase: "joined"; readonly reply: C["join"]["reply"]; readonly error?: undefined }
  | { readonly phase: "refused"; readonly error: C["join"]["error"] | JoinError; readonly final: boolean; readonly reply?: undefined }
  | { readonly phase: "closed"; readonly reason: string | undefined; readonly reply?: undefined; readonly error?: undefined };

/** The errors of a call. */
export type CallError<Call extends CallContract = any> = Call["error"] | ServerError | (Call extends { once: true } ? OnceError : never);

/**
 * The result of a call. `timeout`: it may have been executed, or not. `not_sent`: it was not, because its time ended before the join, or
 * too many messages wait. `closed`: the channel ended before the reply.
 */
export type CallResult<Call extends CallContract = any> =
  | { readonly status: "ok"; readonly reply: Call["reply"]; readonly error?: undefined }
  | { readonly status: "error"; readonly error: CallError<Call>; readonly reply?: undefined }
  | { readonly status: "timeout" | "not_sent" | "closed"; readonly reply?: undefined; readonly error?: undefined };

export interface SendOptions {
  /**
   * The time until a message counts as not answered, in milliseconds, above 0 and at most 2 147 483 647, which are 24.8 days; by default that
   * of the socket, 10 000. With another one `push` throws and `call` is rejected.
   */
  timeout?: number | undefined;
}

export interface OnceOptions extends SendOptions {
  /**
   * Sends the call again, with the same key, until it is answered: after a lost connection, a timeout, and errors that pass. Ends after
   * 5 minutes, since the server forgets answers after 10. A function decides after each of these whether it is sent again; else the
   * result is that of the call.
   */
  repeat?: boolean | ((result: CallResult) => boolean) | undefined;
}

/** The options of a call. Calls that the server executes once may be repeated. */
export type CallOptions<Call extends CallContract = any> = Call extends { once: true } ? OnceOptions : SendOptions;

/** The presences of a key. */
export interface Presence<Meta = any> {
  readonly metas: readonly (Meta & { phx_ref: string; phx_ref_prev?: string })[];
  /** Fields that the server adds to a key. */
  readonly [field: string]: unknown;
}

/** The presences of a topic, by key. */
export type Presences<Meta = any> = ReadonlyMap<string, Presence<Meta>>;

/** A value that changes. Each value is another object, and is not changed itself. */
export interface View<T> {
  readonly value: T;
  onChange(callback: (value: T) => void): Stop;
}

/**
 * A part of a page in a topic. All channels of a topic share one membership, with the payload of the first that joined. When that one leaves,
 * the payload is that of the next: if it differs, the topic is joined anew.
 */
export interface Channel<C extends ChannelContract = AnyChannel> {
  readonly topic: string;
  readonly status: ChannelStatus<C>;
  onStatus(callback: (status: ChannelStatus<C>) => void): Stop;

  /**
   * Joins the topic, now and after each lost connection, until `leave`. A further call tries once more after a final refusal, and joins anew
   * if a function as payload returns another one than at the last join. Throws if the payload cannot be written, or its function throws;
   * at later joins that is an uncaught exception of the page, and the topic is joined with the payload before.
   */
  join(): Channel<C>;

  /**
   * Leaves the topic at the end of the turn, if no other channel of it has joined by then. What waits is sent before: without a connection
   * with the next one, unless its timeout is over by then.
   */
  leave(): void;

  /**
   * Calls back for each event of a name, with the token of the event if the channel keeps a history. An exception of a callback is
   * reported as an uncaught one.
   */
  on<Event extends keyof C["events"] & string>(
    event: Event,
    callback: (payload: C["events"][Event], token: string | undefined) => void,
  ): Stop;

  /**
   * Calls back with the reply to each join that has recovered nothing: the first, and later ones unless a history had all that was
   * missed. If it is added later, the channel joins anew when its last state may be old.
   */
  onState(callback: (state: C["join"]["reply"]) => void): Stop;

  /**
   * The reply to the first accepted join; rejected after a final refusal, with the `status`. It is one promise until `join` is called
   * again after that, so a component of React may pass it to `use`.
   */
  whenJoined(): Promise<C["join"]["reply"]>;

  /** Calls back at each join, before `onState`, and after a gap: whether all that was missed comes now. */
  onRecovered(callback: (recovery: { recovered: boolean; token: string | undefined }) => void): Stop;

  /** The presences of a name, by key. Empty until the first state, and after `leave`. */
  presence<Name extends keyof C["presence"] & string = keyof C["presence"] & string & "presence">(
    ...name: PresenceName<C, Name>
  ): View<Presences<C["presence"][Name]>>;

  /** The count of a name; undefined until the server has sent it. */
  count(name: keyof C["counts"] & string): View<number | undefined>;

  /**
   * Sends an event as it is now, when the channel has joined with the payload that the page has now. Returns false if it has ended, or if
   * 1000 messages wait. A channel that was left takes messages until the end of the turn. Throws if the payload cannot be written, and
   * before `join`, unless it is a channel of a hook, whose messages wait for the join.
   */
  push<Event extends keyof C["pushes"] & string>(event: Event, ...payload: PushArguments<C["pushes"][Event]>): boolean;

  /** Sends a call, when the channel has joined. The promise is never rejected, except before `join` as `push`. */
  call<Name extends keyof C["calls"] & string>(
    name: Name,
    ...request: CallArguments<CallAt<C, Name>>
  ): Promise<CallResult<CallAt<C, Name>>>;
}

export interface ChannelOptions<C extends ChannelContract = AnyChannel> {
  /** Whether a refused join is tried again. By default after errors that pass, such as `overloaded`, and not after others. */
  retries?: ((error: C["join"]["error"] | JoinError) => boolean) | undefined;
}

/** A client of a server. */
export interface Client<C extends Contract = AnyContract> {
  readonly socket: Socket;
  readonly status: ConnectionStatus;
  onStatus(callback: (status: ConnectionStatus) => void): Stop;

  /** Connects, unless it has. The first join connects by itself, unless the page has disconnected or was refused for good. */
  connect(): void;

  /**
   * Disconnects. That is final, also for a page that is left and shown again: channels join again after `connect` of this client. Messages
   * that wait are given up, and calls without a reply are `closed`.
   */
  disconnect(): void;

  /**
   * Calls back when the page is left (`pagehide`), before phoenix.js closes the connection: a last message is sent. A listener of the page
   * itself may be called after that, whatever its phase. Called also without a connection; not after `disconnect`.
   */
  onPageHide(callback: () => void): Stop;

  /**
   * Sends a token, or a fresh one of `token`, so that the connection stays open with another identity. Rejected if there is none, if it
   * cannot be sent, and if `token` throws or gives nothing within 10 s.
   */
  refresh(token?: string): Promise<RefreshReply>;

  /** Calls back for messages to this connection, such as those of `Channels.push`. */
  on<Event extends keyof C["messages"] & string>(event: Event, callback: (payload: C["messages"][Event]) => void): Stop;

  /** A channel, which joins by `join`. A function as payload is called at each join. */
  channel<Topic extends TopicOf<C>>(
    topic: Topic,
    ...payload: ChannelArguments<ChannelAt<C, Topic>>
  ): Channel<ChannelAt<C, Topic>>;
}

/** The arguments for the payload and the options of a channel. */
export type ChannelArguments<C extends ChannelContract> = {} extends C["join"]["payload"]
  ? [payload?: JoinPayload<C["join"]["payload"]> | undefined, options?: ChannelOptions<C> | undefined]
  : [payload: JoinPayload<C["join"]["payload"]>, options?: ChannelOptions<C> | undefined];

export interface ConnectOptions {
  /**
   * Returns a fresh token, or none if the user has signed out. Called before the first connection, after a refusal with status 401,
   * and at each `refresh`. A promise that is not settled within 10 s counts as rejected: the client reports an uncaught exception, calls the
   * function again after 5 to 10 s if it has no connection, and ignores what the promise gives later. A token is a string of ASCII characters: any
   * other value is a final refusal with status 400, and its reason. Needs phoenix 1.8.
   */
  token?: (() => string | null | undefined | Promise<string | null | undefined>) | undefined;
  /** The time between two refreshes, in milliseconds, at least 1000; never by default. `connect` throws for another one, and for `Infinity`. */
  refreshEvery?: number | undefined;
}

/** A client of the server that a socket leads to. It connects with the first join, or by `connect()`. */
export function connect<C extends Contract = AnyContract>(socket: Socket, options?: ConnectOptions): Client<C>;

export interface RefreshReply {
  /** `closed`: the connection ended before the reply. `timeout`: no reply came within 10 s, so the token may count or not. */
  status: "ok" | "error" | "closed" | "timeout";
  response: { status?: number; reason?: string };
}

/** Sends a fresh token, so that the connection stays open with another identity. */
export function refresh(socket: Socket, token: string): Promise<RefreshReply>;

/** Keeps a socket away from a server that refused it after its upgrade, and from any other final close. */
export function onRefused(socket: Socket, callback: (refusal: Refusal) => void): void;

/** A channel of phoenix.js that joins again from where it left off. */
export function withHistory(
  socket: Socket,
  topic: string,
  params?: object | (() => object),
): PhoenixChannel & {
  onState(callback: (state: any) => void): void;
  onRecovered(callback: (recovery: { recovered: boolean; token: string | undefined }) => void): void;
};

export {};
