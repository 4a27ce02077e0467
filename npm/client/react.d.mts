import type { ReactElement, ReactNode } from "react";
import type {
  AnyContract,
  CallAt,
  CallOptions,
  CallResult,
  Channel,
  ChannelArguments,
  ChannelAt,
  ChannelContract,
  ChannelStatus,
  Client,
  ConnectionStatus,
  Contract,
  PresenceName,
  Presences,
  TopicOf,
} from "./heliodor.mjs";

/** The next state of a channel for each event of a name. Other events change nothing. */
export type Reducers<C extends ChannelContract> = {
  [Event in keyof C["events"] & string]?: (state: C["join"]["reply"], payload: C["events"][Event]) => C["join"]["reply"];
};

/** The argument for a request. It may be left out if it may be `{}`. */
export type Request<T> = {} extends T ? [request?: T | undefined] : [request: T];

/** The result of the last call. `idle`: before the first one. */
export type LastResult<Result> = Result | { readonly status: "idle" | "running"; readonly reply?: undefined; readonly error?: undefined };

/**
 * Hooks for React 18 and 19, with the types of a contract. All options may change with each render, and count from that render on; those of
 * a call count for the calls after it.
 */
export interface Hooks<C extends Contract> {
  /** Gives a client to the components in it, and keeps it connected while it is mounted. */
  HeliodorProvider: (props: { client: Client<C>; children?: ReactNode }) => ReactElement;

  /** The client of the provider around the component. */
  useClient: () => Client<C>;

  /** The status of the connection. */
  useStatus: () => ConnectionStatus;

  /** Calls the handler of the last render for messages to this connection, such as those of `Channels.push`. */
  useMessage: <Event extends keyof C["messages"] & string>(event: Event, handler: (payload: C["messages"][Event]) => void) => void;

  /**
   * A channel and its status. It is joined while the component is mounted, and is another one for another topic. If the payload of a
   * render is another JSON than that of the last join, the topic is joined anew. A function as payload is called at each join, and is
   * not watched.
   */
  useChannel: <Topic extends TopicOf<C>>(
    topic: Topic,
    ...payload: ChannelArguments<ChannelAt<C, Topic>>
  ) => readonly [channel: Channel<ChannelAt<C, Topic>>, status: ChannelStatus<ChannelAt<C, Topic>>];

  /** The state of the last join, changed by the reducers of later events; undefined before the first join. */
  useChannelState: <Ch extends ChannelContract>(channel: Channel<Ch>, reducers?: Reducers<Ch>) => Ch["join"]["reply"] | undefined;

  /** Calls the handler of the last render for each event of a name. */
  useEvent: <Ch extends ChannelContract, Event extends keyof Ch["events"] & string>(
    channel: Channel<Ch>,
    event: Event,
    handler: (payload: Ch["events"][Event]) => void,
  ) => void;

  /** A function that sends a call, and the result of the last one. */
  useCall: <Ch extends ChannelContract, Name extends keyof Ch["calls"] & string>(
    channel: Channel<Ch>,
    name: Name,
    options?: CallOptions<CallAt<Ch, Name>>,
  ) => readonly [
    call: (...request: Request<CallAt<Ch, Name>["request"]>) => Promise<CallResult<CallAt<Ch, Name>>>,
    result: LastResult<CallResult<CallAt<Ch, Name>>>,
  ];

  /** The presences of a name, by key. Empty until the first state. */
  usePresence: <Ch extends ChannelContract, Name extends keyof Ch["presence"] & string = keyof Ch["presence"] & string & "presence">(
    channel: Channel<Ch>,
    ...name: PresenceName<Ch, Name>
  ) => Presences<Ch["presence"][Name]>;

  /** The count of a name; undefined until the server has sent it. */
  useCount: <Ch extends ChannelContract>(channel: Channel<Ch>, name: keyof Ch["counts"] & string) => number | undefined;
}

/** A value that orders the versions of a state. */
export type Version = number | bigint | string | Date;

/**
 * A reducer of `useChannelState` for events that are whole states: it keeps the one with the highest version. Two commits on two nodes of
 * a server may arrive in either order.
 */
export function newest<State>(by: (state: State) => Version): (state: State, payload: State) => State;

/** The hooks, with the types of a contract. They are the same functions at each call. */
export function hooks<C extends Contract = AnyContract>(): Hooks<C>;
