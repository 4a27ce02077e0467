import { connect } from "@heliodor/client";
import { Socket } from "phoenix";
import { onScopeDispose, shallowRef } from "vue";
import type { Desk } from "./desk";

const client = connect<Desk>(new Socket("/socket"));

// @start region=composable
export function useTicket(id: number, agent: string) {
  const channel = client.channel(`ticket:${id}`, { agent });
  const status = shallowRef(channel.status);
  const ticket = shallowRef<Desk["types"]["Ticket"]>();
  const people = shallowRef(channel.presence().value);

  channel.onStatus(next => (status.value = next));
  channel.presence().onChange(next => (people.value = next));
  channel.onState(next => (ticket.value = next));
  channel.on("changed", next => (ticket.value = next));
  channel.join();
  onScopeDispose(channel.leave);
  return { channel, status, ticket, people };
}
// @end
