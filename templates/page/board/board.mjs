// @ts-check
import { connect } from "@heliodor/client";
import { Socket } from "phoenix";

/** @typedef {import("../types/board").Board} Board */
/** @typedef {Board["types"]["Card"]} Card */

const COLUMNS = { TODO: "To do", DOING: "Doing", DONE: "Done" };
/** @type {{ [column: string]: Card["column"] }} */
const NEXT = { TODO: "DOING", DOING: "DONE" };

/** A call without an answer may have been executed. */
const UNKNOWN = "The server did not answer: look whether it is done";

/** @returns {any} */
const find = id => document.getElementById(id);
const report = text => (find("problem").textContent = text);

/** @type {Card[]} */
let cards = [];

/** @type {import("@heliodor/client").Client<Board>} */
const client = connect(new Socket("/socket"));
const board = client.channel("board", () => ({ name: find("enter").elements.user.value }));

// After a lost connection the board is joined again: it sends the missed changes, or a new state if these are too many.
board.onState(state => {
  cards = [...state.cards];
  show();
});
board.on("change", ({ card }) => {
  cards[card.id] = card;
  show();
});
board.presence().onChange(people => (find("people").textContent = `Here: ${[...people.keys()].join(", ")}`));
board.onStatus(({ phase, error }) => {
  const outside = ["idle", "refused", "closed"].includes(phase);
  find("enter").hidden = !outside;
  find("add").hidden = outside;
  report(
    phase === "joining" ? "Connecting…"
    : phase === "closed" ? "The server has closed the board"
    : error ? `Not entered: ${"message" in error ? `the ${error.field} ${error.message}` : error.reason}`
    : "",
  );
});

find("enter").onsubmit = event => {
  event.preventDefault();
  board.join();
};

find("add").onsubmit = async event => {
  event.preventDefault();
  const field = find("add").elements.title;
  const title = field.value;
  const { status, error } = await board.call("add", { title });
  if (status === "ok" && field.value === title) field.value = "";
  report(status === "ok" ? "" : error ? `Not added: ${error.reason}` : UNKNOWN);
};

/** @param {Card} card */
async function move({ id, column }) {
  const { status, error } = await board.call("move", { card: id, from: column, to: NEXT[column] });
  if (status === "ok") report("");
  else if (!error) report(UNKNOWN);
  else if ("reason" in error) report(`Not moved: ${error.reason}`);
  else if (error.type === "AlreadyMoved") report(`${error.by} has moved it to ${COLUMNS[error.card.column]}`);
  else report(`There is no card ${error.card}`);
}

function show() {
  const columns = Object.entries(COLUMNS).map(([column, name]) => {
    const own = cards.filter(card => card.column === column);
    return element("section", {}, element("h2", { textContent: name }), ...own.map(showCard));
  });
  find("columns").replaceChildren(...columns);
}

/** @param {Card} card */
function showCard(card) {
  const next = NEXT[card.column];
  if (!next) return element("article", {}, card.title);
  const button = element("button", { textContent: "→", ariaLabel: `Move to ${COLUMNS[next]}`, onclick: () => move(card) });
  return element("article", {}, card.title, button);
}

function element(tag, properties, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}
