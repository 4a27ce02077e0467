// Made by Heliodor from the channels of the server; do not edit.
type Empty = { [key: string]: never };
type Json = { [key: string]: unknown };
type Conversation = { ticket: Ticket; messages: Message[]; seen: Seen[] };
type Home = { tickets: Ticket[]; unread: Unread[] };
type IsTyping = { by: Person; active: boolean };
type Message = { id: number; author: string; name: string; body: string; clientId: string; sent: string };
type Notice = { text: string; ticket: number };
type Online = { name: string };
type OpenTickets = { tickets: Ticket[] };
type Person = { id: string; name: string; agent: boolean };
type Read = { upto: number };
type Reason = { reason: string };
type Say = { body: string; clientId: string };
type Seen = { reader: string; upto: number };
type Ticket = { id: number; customer: string; name: string; subject: string; agent: string; closed: boolean; version: number };
type Typing = { active: boolean };
type Unread = { ticket: number; messages: number; version: number };

export type Desk = {
  /** In the order in which topics are matched. */
  channels: [
    {
      topic: "agents";
      history: false;
      join: { payload: Empty; reply: OpenTickets; error: Reason };
      pushes: {};
      calls: {};
      events: { changed: Ticket };
      presence: { presence: Online };
      counts: {};
    },
    {
      topic: `ticket:${string}`;
      history: true;
      join: { payload: Empty; reply: Conversation; error: Reason };
      pushes: { typing: Typing };
      calls: {
        close: { request: Empty; reply: Ticket; error: Reason };
        read: { request: Read; reply: Seen; error: Reason };
        say: { request: Say; reply: Message; error: Reason };
      };
      events: { changed: Ticket; is_typing: IsTyping; message: Message; seen: Seen };
      presence: {};
      counts: {};
    },
    {
      topic: `user:${string}`;
      history: false;
      join: { payload: Empty; reply: Home; error: Reason };
      pushes: {};
      calls: {};
      events: { changed: Ticket; notice: Notice; unread: Unread };
      presence: {};
      counts: { agents: number };
    },
  ];
  /** Events under the topic "phoenix". */
  messages: {};
  types: { Conversation: Conversation; Home: Home; IsTyping: IsTyping; Message: Message; Notice: Notice; Online: Online; OpenTickets: OpenTickets; Person: Person; Read: Read; Reason: Reason; Say: Say; Seen: Seen; Ticket: Ticket; Typing: Typing; Unread: Unread };
};
