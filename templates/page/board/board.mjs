// @ts-check
import { connect } from "@heliodor/client";
import { Socket } from "phoenix";

/** @typedef {import("../types/board").Board} Board */
/** @typedef {Board["types"]["Card"]} Card */

const COLUMNS = { TODO: "To do", DOING: "Doing", DONE: "Done" };

/** @returns {any} */
const find = id => document.getElementById(id);
const problem = text => (find("problem").textContent = text);

/** @type {import("@heliodor/client").Client<Board>} */
const client = connect(new Socket("/socket"));

find("enter").onsubmit = event => {
  event.preventDefault();
  const board = client.channel("board", { name: find("enter").user.value });

  /** @type {Card[]} */
  let cards = [];
  board.onState(state => show((cards = [...state.cards]), move));
  board.on("change", ({ card }) => {
    cards[card.id] = card;
    show(cards, move);
  });
  board.presence().onChange(people => (find("people").textContent = `Here: ${[...people.keys()].join(", ")}`));

  board.onStatus(({ phase, error }) => {
    find("enter").hidden = phase !== "refused";
    find("add").hidden = phase === "refused";
    problem(
      phase === "joining" ? "Connecting…"
      : error ? `Not entered: ${"message" in error ? `the ${error.field} ${error.message}` : error.reason}`
      : "",
    );
  });
  board.join();

  find("add").onsubmit = async event => {
    event.preventDefault();
    const request = { key: crypto.randomUUID(), title: find("add").title.value };
    find("add").reset();
    // Sent again after a lost connection: the server adds a card once for each key.
    const { status, error } = await board.call("add", request, { repeat: true });
    problem(status === "ok" ? "" : `Not added: ${error?.reason ?? status}`);
  };

  /** @type {(card: Card, to: Card["column"]) => Promise<void>} */
  async function move({ id, column }, to) {
    const { status, error } = await board.call("move", { card: id, from: column, to });
    if (status === "ok") problem("");
    else if (!error) problem("The server did not answer");
    else if (!("type" in error)) problem(`Not moved: ${error.reason}`);
    else if (error.type === "AlreadyMoved") problem(`${error.by} has moved it to ${COLUMNS[error.card.column]}`);
    else problem(`There is no card ${error.card}`);
  }
};

/**
 * @param {Card[]} cards
 * @param {(card: Card, to: Card["column"]) => void} move
 */
function show(cards, move) {
  const columns = Object.entries(COLUMNS).map(([column, name]) => {
    const own = cards.filter(card => card.column === column);
    return element("section", {}, element("h2", { textContent: name }), ...own.map(card => {
      const to = column === "TODO" ? "DOING" : "DONE";
      const button = element("button", { textContent: "→", ariaLabel: `Move to ${COLUMNS[to]}`, onclick: () => move(card, to) });
      return element("article", {}, card.title, ...(column === "DONE" ? [] : [button]));
    }));
  });
  find("columns").replaceChildren(...columns);
}

function element(tag, properties, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}
