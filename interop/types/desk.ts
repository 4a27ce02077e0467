// Made by Heliodor from the channels of the server; do not edit.
type Empty = { [key: string]: never };
type Json = { [key: string]: unknown };
type Agent = { name: string; state: "away" | "free" };
type Assigned = { id: string; agent: string };
type Comment = { author: string; content: CommentContent };
type CommentContent = { type: "image" } & Image | { type: "text" } & Text;
type Enter = { agent: string };
type Image = { url: string; alt: string | null };
type Kicked = { by: string };
type Numbers = { open: number };
type Online = { agent: string; since: number };
type Query = { text?: string | null; limit?: number | null };
type Reason = { reason: string };
type Text = { text: string };
type Ticket = { id: number; title: string; assignee: string | null; tags: string[] };
type TicketInput = { id: number; title: string; assignee?: string | null; tags?: string[] | null };

export type Desk = {
  /** In the order in which topics are matched. */
  channels: [
    {
      topic: "ticket:all";
      history: false;
      join: { payload: Empty; reply: Numbers; error: Reason };
      pushes: {};
      calls: {
        find: { request: Query; reply: Ticket[]; error: Reason };
      };
      events: { numbers: Numbers };
      presence: { agents: Agent; viewers: Online };
      counts: { waiting: number };
    },
    {
      topic: `ticket:${string}`;
      history: true;
      join: { payload: Enter; reply: Ticket; error: { reason: "archived" | "no_such_ticket" } };
      pushes: { comment: Comment; typing: Empty };
      calls: {
        assign: { request: Assigned; reply: Ticket; error: { reason: "closed" | "unknown_agent" }; once: true };
        close: { request: Empty; reply: Ticket; error: { reason: "closed" } };
        edit: { request: TicketInput; reply: Ticket; error: { reason: "closed" } };
        preview: { request: ArrayBuffer; reply: ArrayBuffer; error: Reason };
      };
      events: { assigned: Assigned; changed: Ticket; comment: Comment; "file-added": ArrayBuffer | Json };
      presence: { presence: Online; agents: Agent };
      counts: { readers: number };
    },
    {
      topic: `inbox:${string}`;
      history: false;
      join: { payload: object; reply: Empty; error: Reason };
      pushes: {};
      calls: {};
      events: {};
      presence: {};
      counts: {};
    },
  ];
  /** Events under the topic "phoenix". */
  messages: { closing: Empty; kicked: Kicked };
  types: { Agent: Agent; Assigned: Assigned; Comment: Comment; CommentContent: CommentContent; Enter: Enter; Image: Image; Kicked: Kicked; Numbers: Numbers; Online: Online; Query: Query; Reason: Reason; Text: Text; Ticket: Ticket; TicketInput: TicketInput };
};
