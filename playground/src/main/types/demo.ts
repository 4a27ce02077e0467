// Made by Heliodor from the channels of the server; do not edit.
type Empty = { [key: string]: never };
type Json = { [key: string]: unknown };
type Broadcasting = { ack?: boolean | null; self?: boolean | null };
type Change = { event: string; payload?: unknown };
type Config = { broadcast?: Broadcasting | null; presence?: Presenting | null };
type Entered = { write: boolean; max_bytes: number; owner: string | null };
type Failure = { reason: {} };
type Here = { node: string };
type Member = { user: string };
type MessagesEnter = { client?: number | null; secret?: string | null };
type Nap = { ms: number };
type Node = { node: string };
type NodesEnter = { user: string };
type Notice = { user_id: string; body: {} };
type Notified = { body: {} };
type Online = { online_at: number };
type Present = { write: boolean; owner: string };
type Presenting = { key?: string | null; enabled?: boolean | null };
type PrivateEnter = { token?: unknown };
type Reached = { count: number };
type Read = { after: number };
type Ready = { postgres_changes: {}[] };
type RealtimeEnter = { config?: Config | null };
type Reason = { reason: string };
type RoomEnter = { user?: string | null };
type Seen = { node: string; port: number; pid: number };
type State = { v: number; node: string };
type StateEnter = { ms?: number | null };
type Typed = { text: string; count: number };
type User = { user_id: string };
type Users = { users: string[] };
type Value = { v: number };
type Written = { position: number };

export type Demo = {
  /** In the order in which topics are matched. */
  channels: [
    {
      topic: "demo:nodes";
      history: false;
      join: { payload: NodesEnter; reply: Here; error: Reason };
      pushes: {};
      calls: {};
      events: {};
      presence: { presence: Seen };
      counts: {};
    },
    {
      topic: `realtime:${string}`;
      history: false;
      join: { payload: RealtimeEnter; reply: Ready; error: Reason };
      pushes: { access_token: Empty };
      calls: {
        broadcast: { request: object | ArrayBuffer; reply: Empty; error: Reason };
        presence: { request: Change; reply: Empty; error: { reason: "presence_limit" | "unknown_presence_event" } };
      };
      events: { broadcast: Json | ArrayBuffer };
      presence: { presence: { [key: string]: {} } };
      counts: {};
    },
    {
      topic: `history:${string}`;
      history: true;
      join: { payload: RoomEnter; reply: Empty; error: Reason };
      pushes: { crash: Empty; note: object; shout: object; stop: Empty; whisper: object };
      calls: {
        bin: { request: ArrayBuffer; reply: Empty; error: Reason };
        echo: { request: object; reply: unknown; error: Reason };
        fail: { request: Failure; reply: Empty; error: Failure };
        kick: { request: User; reply: Empty; error: Reason };
        node: { request: Empty; reply: Node; error: Reason };
        notify: { request: Notice; reply: Reached; error: Reason };
        push_me: { request: object; reply: Empty; error: Reason };
        slow: { request: Nap; reply: Empty; error: Reason };
        typed: { request: Typed; reply: Typed; error: Reason };
        who: { request: Empty; reply: Users; error: Reason };
      };
      events: { bin: ArrayBuffer; note: Json; pushed: Json; shout: Json; whisper: Json };
      presence: { presence: Online };
      counts: {};
    },
    {
      topic: `limited:${string}`;
      history: false;
      join: { payload: Empty; reply: Empty; error: Reason };
      pushes: {};
      calls: {
        echo: { request: object; reply: unknown; error: Reason };
      };
      events: {};
      presence: {};
      counts: {};
    },
    {
      topic: `private:${string}`;
      history: false;
      join: { payload: PrivateEnter; reply: Empty; error: { reason: "expired" | "unauthorized" } };
      pushes: { shout: object };
      calls: {
        echo: { request: object; reply: unknown; error: Reason };
      };
      events: { shout: Json };
      presence: {};
      counts: {};
    },
    {
      topic: `notes:${string}`;
      history: false;
      join: { payload: Member; reply: Empty; error: Reason };
      pushes: { note: { [key: string]: {} } };
      calls: {};
      events: { note: { [key: string]: {} } };
      presence: {};
      counts: {};
    },
    {
      topic: `state:${string}`;
      history: true;
      join: { payload: StateEnter; reply: State; error: { reason: "too many topics" } };
      pushes: {};
      calls: {
        bump: { request: Empty; reply: Value; error: Reason };
      };
      events: { bumped: State };
      presence: {};
      counts: {};
    },
    {
      topic: `room:${string}`;
      history: false;
      join: { payload: RoomEnter; reply: Empty; error: Reason };
      pushes: { crash: Empty; shout: object; stop: Empty; whisper: object };
      calls: {
        bin: { request: ArrayBuffer; reply: Empty; error: Reason };
        echo: { request: object; reply: unknown; error: Reason };
        fail: { request: Failure; reply: Empty; error: Failure };
        kick: { request: User; reply: Empty; error: Reason };
        node: { request: Empty; reply: Node; error: Reason };
        notify: { request: Notice; reply: Reached; error: Reason };
        push_me: { request: object; reply: Empty; error: Reason };
        slow: { request: Nap; reply: Empty; error: Reason };
        typed: { request: Typed; reply: Typed; error: Reason };
        who: { request: Empty; reply: Users; error: Reason };
      };
      events: { bin: ArrayBuffer; pushed: Json; shout: Json; whisper: Json };
      presence: { presence: Online };
      counts: {};
    },
    {
      topic: `doc:${string}`;
      history: false;
      join: { payload: MessagesEnter; reply: Entered; error: Reason };
      pushes: { awareness: ArrayBuffer };
      calls: {
        read: { request: Read; reply: ArrayBuffer; error: Reason };
        write: { request: ArrayBuffer; reply: Written; error: { reason: "full" | "read_only" | "too_large" } };
      };
      events: { awareness: ArrayBuffer; updated: ArrayBuffer };
      presence: { presence: Present };
      counts: {};
    },
    {
      topic: `own:${string}`;
      history: false;
      join: { payload: Empty; reply: Empty; error: Reason };
      pushes: {};
      calls: {};
      events: {};
      presence: {};
      counts: {};
    },
  ];
  /** Events under the topic "phoenix". */
  messages: { notified: Notified };
  types: { Broadcasting: Broadcasting; Change: Change; Config: Config; Entered: Entered; Failure: Failure; Here: Here; Member: Member; MessagesEnter: MessagesEnter; Nap: Nap; Node: Node; NodesEnter: NodesEnter; Notice: Notice; Notified: Notified; Online: Online; Present: Present; Presenting: Presenting; PrivateEnter: PrivateEnter; Reached: Reached; Read: Read; Ready: Ready; RealtimeEnter: RealtimeEnter; Reason: Reason; RoomEnter: RoomEnter; Seen: Seen; State: State; StateEnter: StateEnter; Typed: Typed; User: User; Users: Users; Value: Value; Written: Written };
};
