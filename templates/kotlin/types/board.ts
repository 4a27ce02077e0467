// Made by Heliodor from the channels of the server; do not edit.
type Empty = { [key: string]: never };
type Json = { [key: string]: unknown };
type Add = { title: string };
type AlreadyMoved = { card: Card; by: string };
type Card = { id: number; title: string; column: Column };
type Change = { card: Card; by: string };
type Column = "TODO" | "DOING" | "DONE";
type Enter = { name: string };
type Move = { card: number; from: Column; to: Column };
type MoveError = { type: "AlreadyMoved" } & AlreadyMoved | { type: "UnknownCard" } & UnknownCard;
type Online = { since: string };
type Reason = { reason: string };
type State = { cards: Card[] };
type UnknownCard = { card: number };

export type Board = {
  /** In the order in which topics are matched. */
  channels: [
    {
      topic: "board";
      history: true;
      join: { payload: Enter; reply: State; error: Reason };
      pushes: {};
      calls: {
        add: { request: Add; reply: Card; error: Reason };
        move: { request: Move; reply: Card; error: MoveError };
      };
      events: { change: Change };
      presence: { presence: Online };
      counts: {};
    },
  ];
  /** Events under the topic "phoenix". */
  messages: {};
  types: { Add: Add; AlreadyMoved: AlreadyMoved; Card: Card; Change: Change; Column: Column; Enter: Enter; Move: Move; MoveError: MoveError; Online: Online; Reason: Reason; State: State; UnknownCard: UnknownCard };
};
