// @ts-check
import { connect } from "@heliodor/client";
import { Socket } from "phoenix";

/** @typedef {import("../types/board").Board["types"]} Types */

const COLUMNS = { TODO: "To do", DOING: "Doing", DONE: "Done" };
/** @returns {any} */
const find = id => document.getElementById(id);

/** @type {Map<number, Types["Card"]>} */
const cards = new Map();
/** @type {Types["Change"][]} */
let changes = [];
/** @type {Types["User"]} */
let me;

/** @type {import("@heliodor/client").Client<import("../types/board").Board>} */
const client = connect(new Socket("/socket", { authToken: location.hash.slice(1) }));
const board = client.channel("board");
const people = board.presence();

client.onStatus(({ phase }) => {
  if (phase === "open") state("online", "Connected");
  if (phase === "reconnecting") state("connecting", "Connecting…");
});
client.on("kicked", ({ name }) => {
  state("removed", `${name} removed you`);
  client.disconnect();
});

board.onState(state => {
  me = state.me;
  changes = state.changes;
  cards.clear();
  state.cards.forEach(card => cards.set(card.id, card));
  showCards();
  showActivity();
});
board.on("change", change => {
  changes = [change, ...changes].slice(0, 50);
  cards.set(change.card.id, change.card);
  showCards(change.card.id);
  showActivity();
});
board.on("cursor", showCursor);
people.onChange(showPeople);
if (location.hash) board.join();
else state("removed", "Open a link that the server printed");

find("add").onsubmit = async event => {
  event.preventDefault();
  const title = event.target.elements.title;
  const result = await board.call("add", { key: crypto.randomUUID(), title: title.value }, { repeat: true });
  if (isDone(result)) title.value = "";
};

let moved = 0;
addEventListener("pointermove", event => {
  if (event.timeStamp - moved < 100 || document.body.dataset.state !== "online") return;
  moved = event.timeStamp;
  board.push("point", { x: event.clientX / innerWidth, y: event.clientY / innerHeight });
});

/**
 * Whether a call is done; else its refusal is shown.
 *
 * @param {{ status: string, error?: any }} result
 */
function isDone({ status, error }) {
  if (status === "error") {
    const { reason, field, message, retry_after_ms } = error;
    if (reason === "rate_limited") refuse(`Too many changes: try again in ${retry_after_ms} ms`);
    else refuse(field ? `The ${field} ${message}` : reason);
  }
  return status === "ok";
}

const kick = async ({ name, owner }) => isDone(await board.call("kick", { name, owner }));
const move = async (card, column) => isDone(await board.call("move", { card, column }));

let hiding;
function refuse(text) {
  find("refusal").textContent = text;
  find("refusal").hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => (find("refusal").hidden = true), 4000);
}

function state(name, text) {
  document.body.dataset.state = name;
  find("status").textContent = text;
}

function showCards(fresh) {
  const columns = Object.entries(COLUMNS).map(([column, name]) => {
    const mine = [...cards.values()].filter(card => card.column === column);
    const heading = element("h2", { textContent: name }, element("span", { textContent: mine.length }));
    return element("div", { className: "column", ...dropInto(column) }, heading, ...mine.map(card => show(card, fresh)));
  });
  find("columns").replaceChildren(...columns);
}

function show(card, fresh) {
  const order = Object.keys(COLUMNS);
  const at = order.indexOf(card.column);
  const button = (column, text, title) =>
    element("button", { textContent: text, title, ariaLabel: title, onclick: () => move(card.id, column) });
  const buttons = [
    ...(at > 0 ? [button(order[at - 1], "←", `Move to ${COLUMNS[order[at - 1]]}`)] : []),
    ...(at < 2 ? [button(order[at + 1], "→", `Move to ${COLUMNS[order[at + 1]]}`)] : []),
    button("ARCHIVED", "✓", "Archive"),
  ];
  return element(
    "article",
    {
      className: card.id === fresh ? "card fresh" : "card",
      draggable: true,
      ondragstart: event => event.dataTransfer.setData("text/plain", card.id),
    },
    element("p", { textContent: card.title }),
    element("div", {}, ...buttons),
  );
}

function dropInto(column) {
  return {
    ondragover: event => {
      event.preventDefault();
      event.currentTarget.classList.add("over");
    },
    ondragleave: event => event.currentTarget.classList.remove("over"),
    ondrop: event => {
      event.preventDefault();
      event.currentTarget.classList.remove("over");
      const card = cards.get(Number(event.dataTransfer.getData("text/plain")));
      if (card && card.column !== column) move(card.id, column);
    },
  };
}

function showActivity() {
  find("activity").replaceChildren(
    ...changes.map(({ card, added, by, at }) => {
      const did =
        added ? `added “${card.title}”`
        : card.column === "ARCHIVED" ? `archived “${card.title}”`
        : `moved “${card.title}” to ${COLUMNS[card.column]}`;
      const time = element("time", { dateTime: at, textContent: new Date(at).toLocaleTimeString() });
      return element("li", { textContent: `${by.name} ${did}` }, time);
    }),
  );
}

function showPeople() {
  const rows = [...people.value].map(([name, { metas: [user, ...more] }]) => {
    const initial = colored(element("b", { textContent: name[0] }), name);
    const row = element("li", {}, initial, element("span", { textContent: name }));
    const notes = [name === me.name && "you", user.owner && "owner", more.length && `${more.length + 1} tabs`].filter(Boolean);
    if (notes.length) row.append(element("small", { textContent: notes.join(", ") }));
    if (me.owner && name !== me.name) {
      row.append(element("button", { textContent: "Kick", ariaLabel: `Kick ${name}`, onclick: () => kick(user) }));
    }
    return row;
  });
  find("people").replaceChildren(...rows);
  for (const cursor of [...find("cursors").children]) people.value.has(cursor.title) || cursor.remove();
}

function showCursor({ by, at }) {
  let cursor = [...find("cursors").children].find(each => each.title === by.name);
  if (!cursor) {
    cursor = colored(element("span", { title: by.name }, element("i", { textContent: by.name })), by.name);
    find("cursors").append(cursor);
  }
  cursor.style.translate = `${at.x * innerWidth}px ${at.y * innerHeight}px`;
}

/** Each name has its color. */
function colored(node, name) {
  const hue = [...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 360, 0);
  node.style.setProperty("--of", `hsl(${hue} 55% 42%)`);
  return node;
}

function element(tag, properties, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}
