// Made by Heliodor from the channels of the server; do not edit.
type Empty = { [key: string]: never };
type Json = { [key: string]: unknown };
type ClusterView = { coordinator: string; voters: string[]; notVoting: string[]; links: Link[]; reachability: Reachability | null; elections: ElectionList | null; reasons: string[] };
type ConnectionState = { connection: string; id: string | null; address: string; transport: string; channels: number; topics: string[]; waitingBytes: number };
type ConnectionTarget = { node: string; connection: string; id?: string | null };
type Count = { name: string; count: number };
type ElectionLeader = { election: string; leader: string | null };
type ElectionList = { elections: ElectionLeader[]; more: boolean };
type Events = { events: LocatedEvent[]; silent: string[] };
type Frames = { frames: LocatedFrame[]; read: Count[]; running: boolean; ended: TraceEnd[]; untraced: string[]; silent: string[] };
type HandlerRow = { channel: string; kind: string; name: string; perSecond: number; refused: number; failed: number; buckets: number[] };
type Handlers = { handlers: HandlerRow[]; silent: string[] };
type KeptEvent = { event: string; ageMillis: number };
type Link = { peer: string; queuedBytes: number; roundTripMicros: number | null; through: string | null };
type Located = { node: string; connection: ConnectionState };
type LocatedEvent = { node: string; event: LoggedEvent };
type LocatedFrame = { node: string; frame: LoggedFrame };
type LoggedEvent = { number: number; atMillis: number; kind: string; connection: string; subject: string; detail: string };
type LoggedFrame = { number: number; atMillis: number; connection: string; user: string; topic: string; event: string; direction: string; kind: string; bytes: number; status: string; count: number; payload: string | null };
type MemberTarget = { id: string; topic: string };
type MemoryUse = { used: number; limit: number };
type MessageTarget = { socket: string; topic: string; event: string };
type NodeReport = { atMillis: number; numbers: Numbers; closed: Count[]; refused: Count[]; cluster: ClusterView | null; directMemory: MemoryUse | null; replication: Replication | null };
type NodeState = { name: string; state: State; report: NodeReport | null };
type NodeTarget = { node: string };
type Numbers = { connections: number; channels: number; topics: number; opened: number; framesIn: number; framesOut: number; bytesIn: number; bytesOut: number; mailboxMessages: number; pausedConnections: number; oldestHandlerSeconds: number; outboxBytes: number; laneBytes: number; memoryUsed: number; memoryLimit: number };
type Overview = { node: string; members: number; nodes: NodeState[] };
type PageSettings = { actions: boolean };
type PresentKey = { presence: string; key: string; metas: number };
type Reachability = { suspects: number; detours: number; lostMessages: number };
type Reason = { reason: string };
type Replication = { presences: number | null; replicatedBytes: number; historyGaps: number; historiesDropped: number; copiesRefused: number; callsAlone: number };
type Search = { text: string };
type SlowClients = { connections: Located[]; silent: string[] };
type SocketRow = { path: string; reachable: boolean; contract: unknown; problem: string };
type Sockets = { sockets: SocketRow[]; more: boolean };
type State = "OK" | "NO_DASHBOARD" | "NO_ANSWER";
type TopicDetails = { topic: string; total: number; nodes: Count[]; members: Located[]; kept: KeptEvent[]; present: Count[]; keys: PresentKey[]; silent: string[] };
type TopicRow = { topic: string; members: number; part: boolean; nodes: Count[] };
type Topics = { topics: TopicRow[]; more: boolean; complete: boolean; silent: string[] };
type TraceBegun = { id: string; maxSeconds: number; maxFrames: number; full: string[]; silent: string[] };
type TraceEnd = { node: string; why: string };
type TraceId = { id: string };
type TraceRead = { id: string; read: Count[] };
type TraceRequest = { of: Traced; text: string };
type Traced = "USER" | "TOPIC";
type UserDetails = { id: string; total: number; nodes: Count[]; connections: Located[]; silent: string[] };
type UserTarget = { id: string };
type Users = { ids: string[]; more: boolean; complete: boolean; silent: string[] };

export type Dashboard = {
  /** In the order in which topics are matched. */
  channels: [
    {
      topic: "heliodor:dashboard";
      history: false;
      join: { payload: Empty; reply: PageSettings; error: Reason };
      pushes: {};
      calls: {
        disconnect_connection: { request: ConnectionTarget; reply: Empty; error: { reason: "no_answer" | "not_found" | "off" | "off_there" } };
        disconnect_user: { request: UserTarget; reply: Empty; error: { reason: "off" } };
        drain_node: { request: NodeTarget; reply: Empty; error: { reason: "no_answer" | "not_found" | "off" | "off_there" } };
        events: { request: Empty; reply: Events; error: { reason: "busy" } };
        frames: { request: TraceRead; reply: Frames; error: { reason: "busy" } };
        handlers: { request: Empty; reply: Handlers; error: { reason: "busy" } };
        overview: { request: Empty; reply: Overview; error: { reason: "busy" } };
        remove_member: { request: MemberTarget; reply: Empty; error: { reason: "not_found" | "off" } };
        slow: { request: Empty; reply: SlowClients; error: { reason: "busy" } };
        sockets: { request: Empty; reply: Sockets; error: { reason: "off" } };
        topic: { request: Search; reply: TopicDetails; error: { reason: "busy" } };
        topics: { request: Search; reply: Topics; error: { reason: "busy" } };
        trace: { request: TraceRequest; reply: TraceBegun; error: { reason: "busy" | "too_many_traces" } };
        try_message: { request: MessageTarget; reply: Empty; error: { reason: "not_found" | "off" } };
        untrace: { request: TraceId; reply: Empty; error: { reason: "busy" } };
        user: { request: Search; reply: UserDetails; error: { reason: "busy" } };
        users: { request: Search; reply: Users; error: { reason: "busy" } };
      };
      events: {};
      presence: {};
      counts: {};
    },
  ];
  /** Events under the topic "phoenix". */
  messages: {};
  types: { ClusterView: ClusterView; ConnectionState: ConnectionState; ConnectionTarget: ConnectionTarget; Count: Count; ElectionLeader: ElectionLeader; ElectionList: ElectionList; Events: Events; Frames: Frames; HandlerRow: HandlerRow; Handlers: Handlers; KeptEvent: KeptEvent; Link: Link; Located: Located; LocatedEvent: LocatedEvent; LocatedFrame: LocatedFrame; LoggedEvent: LoggedEvent; LoggedFrame: LoggedFrame; MemberTarget: MemberTarget; MemoryUse: MemoryUse; MessageTarget: MessageTarget; NodeReport: NodeReport; NodeState: NodeState; NodeTarget: NodeTarget; Numbers: Numbers; Overview: Overview; PageSettings: PageSettings; PresentKey: PresentKey; Reachability: Reachability; Reason: Reason; Replication: Replication; Search: Search; SlowClients: SlowClients; SocketRow: SocketRow; Sockets: Sockets; State: State; TopicDetails: TopicDetails; TopicRow: TopicRow; Topics: Topics; TraceBegun: TraceBegun; TraceEnd: TraceEnd; TraceId: TraceId; TraceRead: TraceRead; TraceRequest: TraceRequest; Traced: Traced; UserDetails: UserDetails; UserTarget: UserTarget; Users: Users };
};
