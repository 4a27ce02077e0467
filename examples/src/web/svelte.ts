import { connect } from "@heliodor/client";
import { Socket } from "phoenix";
import { readable } from "svelte/store";
import type { Desk } from "./desk";

const client = connect<Desk>(new Socket("/socket"));

// @start region=store
/** A ticket that is joined as long as somebody subscribes to the store. */
export function ticketStore(id: number, agent: string) {
  const channel = client.channel(`ticket:${id}`, { agent });
  return readable<Desk["types"]["Ticket"] | undefined>(undefined, set => {
    const stops = [channel.onState(set), channel.on("changed", set)];
    channel.join();
    return () => {
      for (const stop of stops) stop();
      channel.leave();
    };
  });
}
// @end
