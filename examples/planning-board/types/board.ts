// Made by Heliodor from the channels of the server; do not edit.
type Empty = { [key: string]: never };
type Json = { [key: string]: unknown };
type Add = { key: string; title: string };
type Card = { id: number; title: string; column: Column };
type Change = { card: Card; added: boolean; by: User; at: string };
type Column = "TODO" | "DOING" | "DONE" | "ARCHIVED";
type Cursor = { by: User; at: Point };
type Move = { card: number; column: Column };
type Point = { x: number; y: number };
type Reason = { reason: string };
type State = { me: User; cards: Card[]; changes: Change[] };
type User = { name: string; owner: boolean };

export type Board = {
  /** In the order in which topics are matched. */
  channels: [
    {
      topic: "board";
      history: true;
      join: { payload: Empty; reply: State; error: Reason };
      pushes: { point: Point };
      calls: {
        add: { request: Add; reply: Card; error: Reason; once: true };
        kick: { request: User; reply: Empty; error: Reason };
        move: { request: Move; reply: Card; error: Reason };
      };
      events: { change: Change; cursor: Cursor };
      presence: { presence: User };
      counts: {};
    },
  ];
  /** Events under the topic "phoenix". */
  messages: { kicked: User };
  types: { Add: Add; Card: Card; Change: Change; Column: Column; Cursor: Cursor; Move: Move; Point: Point; Reason: Reason; State: State; User: User };
};
