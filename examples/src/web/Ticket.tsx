import { connect } from "@heliodor/client";
import { hooks } from "@heliodor/client/react";
import { Socket } from "phoenix";
import type { Desk } from "./desk";

// @start region=hooks
export const { HeliodorProvider, useCall, useChannel, useChannelState, useEvent, usePresence, useStatus } = hooks<Desk>();
export const client = connect<Desk>(new Socket("/socket"));
// @end

// @start region=provider
export function App() {
  return (
    <HeliodorProvider client={client}>
      <Ticket id={42} agent="ann" />
    </HeliodorProvider>
  );
}
// @end

// @start region=component
function Ticket({ id, agent }: { id: number; agent: string }) {
  const [channel, status] = useChannel(`ticket:${id}`, { agent });
  const ticket = useChannelState(channel, { changed: (_, next) => next });
  const people = usePresence(channel);
  const [assign, assigned] = useCall(channel, "assign");

  if (status.phase === "refused" && status.final) return <p>{status.error.reason}</p>;
  if (!ticket) return <p>…</p>;
  return (
    <article>
      <h1>{ticket.title}</h1>
      <p>{people.size} here</p>
      <button disabled={assigned.status === "running"} onClick={() => assign({ agent })}>
        Take it
      </button>
      {assigned.status === "error" && <p>{assigned.error.reason}</p>}
    </article>
  );
}
// @end
