// @ts-check
import { dress } from "./names.mjs";
import { readNodes } from "./payloads.mjs";

const TOPIC = "demo:nodes";
const COPIED_FOR = 1500;

/** As many avatars have room on the line of a node. */
const SHOWN = 4;

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

/** Copies the text of an element; if the browser allows it in no way, selects the text. */
async function copied(element) {
  try {
    await navigator.clipboard.writeText(element.textContent);
    return true;
  } catch {
    // A page over http from another machine has no clipboard, and a browser may refuse it.
    getSelection().selectAllChildren(element);
    return document.execCommand("copy");
  }
}

/**
 * The nodes of the cluster and who is on which, drawn as long as there have been two. One that is gone stays as an outline until it
 * is back.
 */
export class Nodes {
  /** The name of the node of this page; empty while there is one alone. */
  own = "";
  #section = document.getElementById("nodes");
  #list = document.getElementById("nodes-list");
  #channel;
  #user;
  #cards = new Map();
  #home = "";

  /** Whether there is no connection, so that the state of the nodes is not known. */
  #away = false;

  /** @param {import("./connection.mjs").Connection} connection */
  constructor(connection, changed) {
    this.connection = connection;
    this.changed = changed;
  }

  /** Shows the others that this user is here. */
  enter(user) {
    if (this.#user === user) return;
    this.#user = user;
    const before = this.#channel;
    const channel = this.connection.client.channel(TOPIC, { user });
    this.#channel = channel;
    channel.presence().onChange(people => this.#channel === channel && this.#show(readNodes(people)));
    channel.onState(({ node }) => {
      this.#home = node;
      this.#render();
    });
    before?.leave();
    channel.join();
  }

  /** Without a connection only the names of the nodes are shown. */
  away() {
    if (this.#away) return;
    this.#away = true;
    this.#render();
  }

  #show({ nodes, users }) {
    this.#away = false;
    for (const card of this.#cards.values()) card.alive = false;
    for (const node of nodes) {
      const card = this.#cards.get(node.name) ?? this.#card(node.name);
      Object.assign(card, node, { alive: true });
    }
    for (const card of this.#cards.values()) card.users = users.filter(({ node }) => node === card.name);
    this.connection.know(nodes.map(({ port }) => port));
    this.#render();
  }

  #card(name) {
    const link = make("a", "node-name");
    link.target = "_blank";
    link.textContent = name.split("@")[0];
    const state = make("small", "");
    const users = make("span", "node-users");
    const kill = make("code", "kill");
    const copy = make("button", "copy", "Copy");
    copy.type = "button";
    const end = make("p", "node-end", kill, copy);
    const item = make("li", "node", make("span", "node-gem"), make("div", "node-text", make("p", "", link, state, users), end));
    const card = { name, item, link, state, userList: users, kill, copy, end, users: [] };
    copy.addEventListener("click", () => this.#copy(card));
    this.#cards.set(name, card);
    this.#list.replaceChildren(...[...this.#cards.keys()].sort().map(each => this.#cards.get(each).item));
    return card;
  }

  async #copy({ kill, copy }) {
    copy.textContent = (await copied(kill)) ? "Copied" : "Selected";
    setTimeout(() => (copy.textContent = "Copy"), COPIED_FOR);
  }

  #render() {
    const several = this.#cards.size > 1;
    this.#section.hidden = !several;
    this.own = several ? this.#home.split("@")[0] : "";
    for (const card of this.#cards.values()) {
      const alive = card.alive && !this.#away;
      const here = alive && card.name === this.#home;
      const known = this.#away ? [] : card.users;
      card.item.dataset.state = this.#away ? "unknown" : alive ? "up" : "down";
      card.item.classList.toggle("own", here);
      card.state.textContent = this.#away ? "" : alive ? (here ? "this page" : "") : "gone";
      card.link.href = `${location.protocol}//${location.hostname}:${card.port}/${location.hash}`;
      card.end.hidden = !alive;
      const command = `kill -9 ${card.pid}`;
      // A text that stays the same stays selected.
      if (card.kill.textContent !== command) card.kill.textContent = command;
      card.copy.ariaLabel = `Copy the command that ends node ${card.link.textContent}`;
      const shown = known.slice(0, known.length > SHOWN ? SHOWN - 1 : SHOWN).map(({ name }) => {
        const avatar = make("span", "avatar");
        dress(avatar, name);
        avatar.title = name;
        return avatar;
      });
      const more = known.length - shown.length;
      card.userList.replaceChildren(...shown, ...(more > 0 ? [make("small", "", `+${more}`)] : []));
      const names = known.map(({ name }) => name).join(", ");
      card.userList.ariaLabel = this.#away ? "users not known now" : names || "no users";
    }
    this.changed();
  }
}
