import "./board.css";
import { connect } from "@heliodor/client";
import { hooks } from "@heliodor/client/react";
import { Socket } from "phoenix";
import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";
import type { Board } from "../types/board";
import { TextForm } from "./text-form";

type Card = Board["types"]["Card"];

const COLUMNS = { TODO: "To do", DOING: "Doing", DONE: "Done" };
const NEXT = { TODO: "DOING", DOING: "DONE", DONE: undefined } as const;

const { HeliodorProvider, useCall, useChannel, useChannelState, usePresence } = hooks<Board>();
const client = connect<Board>(new Socket("/socket"));

function Columns({ name, onBack }: { name: string; onBack: () => void }) {
  const [board, status] = useChannel("board", { name });
  const people = usePresence(board);
  const state = useChannelState(board, { change: ({ cards }, { card }) => ({ cards: cards.toSpliced(card.id, 1, card) }) });
  const [add, added] = useCall(board, "add");
  const [move, moved] = useCall(board, "move");

  if (status.phase === "refused") {
    const { error } = status;
    return (
      <p role="alert">
        Not entered: {"message" in error ? `the ${error.field} ${error.message}` : error.reason} <button onClick={onBack}>Back</button>
      </p>
    );
  }
  if (status.phase === "closed") {
    return (
      <p role="alert">
        The server has closed the board <button onClick={onBack}>Back</button>
      </p>
    );
  }
  return (
    <>
      <p role="status">{status.phase === "joined" ? `Here: ${[...people.keys()].join(", ")}` : "Connecting…"}</p>
      <TextForm label="New card" button="Add" maxLength={100} onText={async title => (await add({ title })).status === "ok"} />
      {added.status === "error" && <p role="alert">Not added: {added.error.reason}</p>}
      {moved.status === "error" && (
        <p role="alert">
          {"by" in moved.error ? `${moved.error.by} has moved it to ${COLUMNS[moved.error.card.column]}`
          : "card" in moved.error ? `There is no card ${moved.error.card}`
          : `Not moved: ${moved.error.reason}`}
        </p>
      )}
      {[added.status, moved.status].some(status => status === "timeout" || status === "closed") && (
        <p role="alert">The server did not answer: look whether it is done</p>
      )}
      {[added.status, moved.status].includes("not_sent") && <p role="alert">Nothing was done, without a connection: try again</p>}
      <main>
        {Object.entries(COLUMNS).map(([column, title]) => (
          <section key={column}>
            <h2>{title}</h2>
            {state?.cards
              .filter(card => card.column === column)
              .map(card => <CardLine key={card.id} card={card} onMove={to => move({ card: card.id, from: card.column, to })} />)}
          </section>
        ))}
      </main>
    </>
  );
}

function CardLine({ card, onMove }: { card: Card; onMove: (to: Card["column"]) => void }) {
  const to = NEXT[card.column];
  return (
    <article>
      {card.title}
      {to && (
        <button aria-label={`Move to ${COLUMNS[to]}`} onClick={() => onMove(to)}>
          →
        </button>
      )}
    </article>
  );
}

function App() {
  const [name, setName] = useState("");
  return (
    <HeliodorProvider client={client}>
      <h1>Board</h1>
      {name ?
        <Columns name={name} onBack={() => setName("")} />
      : <TextForm label="Your name" button="Enter" maxLength={30} onText={setName} />}
    </HeliodorProvider>
  );
}

createRoot(document.getElementById("app")!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
