// The names that the programs of wrong.txt use.
import type { Channel, ChannelAt, Client } from "@heliodor/client";
import { hooks } from "@heliodor/client/react";
import type { Desk } from "./desk.js";
import type { Playground } from "./playground.js";

export { connect, type Channel, type ChannelAt, type Client } from "@heliodor/client";
export { newest } from "@heliodor/client/react";
export { Socket } from "phoenix";
export type { Desk } from "./desk.js";
export type { Playground } from "./playground.js";

export declare const playground: Client<Playground>;
export declare const room: Channel<ChannelAt<Playground, "room:1">>;
export declare const notes: Channel<ChannelAt<Playground, "notes:1">>;
export declare const state: Channel<ChannelAt<Playground, "state:1">>;

export declare const desk: Client<Desk>;
export declare const all: Channel<ChannelAt<Desk, "ticket:all">>;
export declare const ticket: Channel<ChannelAt<Desk, "ticket:1">>;

/** The hooks are those of the desk. */
export const { HeliodorProvider, useCall, useChannel, useChannelState, useClient } = hooks<Desk>();
export const { useCount, useEvent, useMessage, usePresence, useStatus } = hooks<Desk>();
