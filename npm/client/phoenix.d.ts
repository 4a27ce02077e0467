// The types of phoenix.js 1.7 and 1.8, which has none of its own. They replace those of @types/phoenix, and have the same names.
declare module "phoenix" {
  type Params = object | (() => object);

  export interface SocketOptions {
    transport?: new (endpoint: string, ...rest: any[]) => object;
    longPollFallbackMs?: number;
    debug?: boolean;
    sessionStorage?: object;
    /** Of the WebSocket: the text that the server gets as the token. Since 1.8. */
    authToken?: string | (() => string);
    timeout?: number;
    heartbeatIntervalMs?: number;
    reconnectAfterMs?: (tries: number) => number;
    rejoinAfterMs?: (tries: number) => number;
    logger?: (kind: string, message: string, data: unknown) => void;
    longpollerTimeout?: number;
    params?: Params;
    binaryType?: string;
    vsn?: string;
    encode?: (payload: any, callback: (encoded: any) => void) => void;
    decode?: (payload: any, callback: (decoded: any) => void) => void;
  }

  export type SocketConnectOption = Required<SocketOptions>;
  export type BinaryType = "arraybuffer" | "blob";
  export type ConnectionState = "connecting" | "open" | "closing" | "closed";
  export type ChannelState = "closed" | "errored" | "joined" | "joining" | "leaving";
  export type PushStatus = "ok" | "error" | "timeout";
  export type MessageRef = string;

  export interface Message {
    topic: string;
    event: string;
    payload: any;
    ref: string | null;
    join_ref: string | null;
  }

  export class Socket {
    constructor(endPoint: string, options?: SocketOptions);
    /** The address of the next connection, with the name of the transport at its end. */
    endPoint: string;
    connect(params?: object): void;
    disconnect(callback?: () => void, code?: number, reason?: string): void;
    connectionState(): ConnectionState;
    isConnected(): boolean;
    channel(topic: string, params?: Params): Channel;
    endPointURL(): string;
    protocol(): "ws" | "wss";
    makeRef(): MessageRef;
    replaceTransport(transport: new (endpoint: string, ...rest: any[]) => object): void;
    log(kind: string, message: string, data: unknown): void;
    hasLogger(): boolean;
    off(refs: MessageRef[]): void;
    onOpen(callback: () => void): MessageRef;
    onClose(callback: (event: any) => void): MessageRef;
    onError(callback: (error: any, transport: any, establishedConnections: number) => void): MessageRef;
    onMessage(callback: (message: Message) => void): MessageRef;
    ping(callback: (rtt: number) => void): boolean;
    push(message: { topic: string; event: string; payload: object; ref?: string; join_ref?: string }): void;
    remove(channel: Channel): void;
  }

  export class Channel {
    constructor(topic: string, params: Params | undefined, socket: Socket);
    readonly topic: string;
    readonly state: ChannelState;
    readonly socket: Socket;
    join(timeout?: number): Push;
    leave(timeout?: number): Push;
    on(event: string, callback: (payload: any, ref: any, joinRef: any) => void): number;
    off(event: string, ref?: number): void;
    onClose(callback: (payload: any, ref: any, joinRef: any) => void): void;
    onError(callback: (reason: any) => void): number;
    onMessage(event: string, payload: any, ref: any): any;
    push(event: string, payload: object, timeout?: number): Push;
  }

  export class Push {
    constructor(channel: Channel, event: string, payload: () => object, timeout: number);
    send(): void;
    resend(timeout: number): void;
    receive(status: PushStatus | (string & {}), callback: (response: any) => void): this;
  }

  export type PresenceOnJoinCallback = (key: string, current: any, joined: any) => void;
  export type PresenceOnLeaveCallback = (key: string, current: any, left: any) => void;

  export interface PresenceOpts {
    events?: { state: string; diff: string } | undefined;
  }

  export class Presence {
    constructor(channel: Channel, options?: PresenceOpts);
    onJoin(callback: PresenceOnJoinCallback): void;
    onLeave(callback: PresenceOnLeaveCallback): void;
    onSync(callback: () => void): void;
    list<T = any>(chooser?: (key: string, presence: any) => T): T[];
    inPendingSyncState(): boolean;
    static list<T = any>(presences: object, chooser?: (key: string, presence: any) => T): T[];
    static syncState(state: object, next: object, onJoin?: PresenceOnJoinCallback, onLeave?: PresenceOnLeaveCallback): any;
    static syncDiff(
      state: object,
      diff: { joins: object; leaves: object },
      onJoin?: PresenceOnJoinCallback,
      onLeave?: PresenceOnLeaveCallback,
    ): any;
  }

  export class LongPoll {
    constructor(endPoint: string, protocols?: string[]);
  }

  export const Serializer: {
    encode(message: Message, callback: (encoded: string | ArrayBuffer) => void): void;
    decode(payload: string | ArrayBuffer, callback: (message: Message) => void): void;
  };
}
