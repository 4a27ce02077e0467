// Made by Heliodor from the channels of the server; do not edit.
type Empty = { [key: string]: never };
type Json = { [key: string]: unknown };
type Enter = { name: string };
type Message = { from: string; text: string; at: string };
type Online = { since: string };
type Reason = { reason: string };
type Say = { text: string };

export type Chat = {
  /** In the order in which topics are matched. */
  channels: [
    {
      topic: `room:${string}`;
      history: true;
      join: { payload: Enter; reply: Empty; error: Reason };
      pushes: { say: Say };
      calls: {};
      events: { message: Message };
      presence: { presence: Online };
      counts: {};
    },
  ];
  /** Events under the topic "phoenix". */
  messages: {};
  types: { Enter: Enter; Message: Message; Online: Online; Reason: Reason; Say: Say };
};
