// Made by Heliodor from the channels of the server; do not edit.
type Empty = { [key: string]: never };
type Json = { [key: string]: unknown };
type Assigned = { agent: string };
type Enter = { agent: string };
type Online = { agent: string };
type Reason = { reason: string };
type Ticket = { id: number; title: string; open: boolean };

export type Desk = {
  /** In the order in which topics are matched. */
  channels: [
    {
      topic: `ticket:${string}`;
      history: false;
      join: { payload: Enter; reply: Ticket; error: { reason: "no_such_ticket" } };
      pushes: {};
      calls: {
        assign: { request: Assigned; reply: Ticket; error: { reason: "closed" | "unknown_agent" } };
      };
      events: { assigned: Assigned; changed: Ticket };
      presence: { presence: Online };
      counts: {};
    },
  ];
  /** Events under the topic "phoenix". */
  messages: {};
  types: { Assigned: Assigned; Enter: Enter; Online: Online; Reason: Reason; Ticket: Ticket };
};
