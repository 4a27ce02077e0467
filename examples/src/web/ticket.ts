import { connect } from "@heliodor/client";
import { Socket } from "phoenix";
import type { Desk } from "./desk";

declare function show(ticket: Desk["types"]["Ticket"]): void;
declare function notify(text: string): void;
declare function fetchToken(): Promise<string>;

// @start region=join
const client = connect<Desk>(new Socket("/socket"));

const ticket = client.channel("ticket:42", { agent: "ann" });
ticket.onState(show);
ticket.on("changed", show);
ticket.join();
// @end

// @start region=call
async function assign(agent: string) {
  const result = await ticket.call("assign", { agent });
  switch (result.status) {
    case "ok":
      return show(result.reply);
    case "error":
      return notify(result.error.reason === "closed" ? "The ticket is closed" : result.error.reason);
    default:
      return notify("The server did not answer: look whether it is assigned");
  }
}
// @end

// @start region=status
client.onStatus(status => {
  if (status.phase === "refused" && status.final) notify(`Sign in again: ${status.reason ?? status.code}`);
});
ticket.onStatus(status => {
  if (status.phase === "refused") notify(status.error.reason);
});
// @end

// @start region=presence
const people = ticket.presence();
people.onChange(entries => {
  for (const [key, { metas }] of entries) console.log(key, metas.map(({ agent }) => agent));
});
// @end

// @start region=token
const signedIn = connect<Desk>(new Socket("/socket"), { token: fetchToken, refreshEvery: 5 * 60_000 });
// @end

export { assign, signedIn };
