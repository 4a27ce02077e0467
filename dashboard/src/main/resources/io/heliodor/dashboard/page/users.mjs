// @ts-check
import { link, make, section, setText, Table } from "./dom.mjs";
import { number, visible } from "./text.mjs";
import { byNode, connectionRows, connectionTable, gaps, topicHref, traceButton, user } from "./topics.mjs";

/** The ids of connections. */
export class UsersView {
  title = "Users";
  call = "users";
  #notice = make("p", "notice");
  #table = new Table(["User"], "No id with this text. Connections without an id are on the pages of their topics.");

  constructor(text) {
    this.text = text;
    this.#notice.hidden = true;
    this.element = make("div", "view", section("Ids of connections", this.#notice, this.#table.element));
  }

  payload() {
    return { text: this.text };
  }

  /** @param {import("./connection.mjs").Calls["users"]["reply"]} reply */
  show(reply) {
    const text = gaps(reply, "ids");
    this.#notice.hidden = text === "";
    setText(this.#notice, text);
    this.#table.show(reply.ids.map(id => [id, [user(id)]]));
  }
}

/** One user: the connections of an id on all nodes, with their topics. */
export class UserView {
  call = "user";
  #notice = make("p", "notice");
  #count = make("p", "quiet");
  #connections = connectionTable();
  #topics = new Table(["Topic", "#Connections", "Nodes", "!Actions"], "No topic is joined.");
  #disconnect;

  /** @param {string} id @param {import("./actions.mjs").Actions} actions */
  constructor(id, actions) {
    this.id = id;
    this.actions = actions;
    this.#disconnect = make("p", "actions");
    this.title = visible(id);
    this.#notice.hidden = true;
    this.element = make(
      "div",
      "view",
      make("div", "bar", make("h2", "name", visible(id)), traceButton("user", id)),
      this.#disconnect,
      this.#notice,
      section("Connections", this.#count, this.#connections.element),
      section("Topics", this.#topics.element),
    );
  }

  payload() {
    return { text: this.id };
  }

  /** @param {import("./connection.mjs").Calls["user"]["reply"]} reply */
  show(reply) {
    const text = gaps(reply, "connections");
    this.#notice.hidden = text === "";
    setText(this.#notice, text);
    if (this.actions.on && !this.#disconnect.hasChildNodes()) this.#disconnect.append(this.actions.disconnectUser(this.id));
    const nodes = reply.nodes.length > 1 ? ` (${byNode(reply.nodes)})` : "";
    setText(this.#count, `${number(reply.total)} connections${nodes}, ${number(reply.connections.length)} shown`);
    this.#connections.show(connectionRows(reply.connections, each => this.actions.ofConnection(each)));
    const topics = new Map();
    for (const { node, connection } of reply.connections) {
      for (const topic of connection.topics) topics.set(topic, [...(topics.get(topic) ?? []), node]);
    }
    this.#topics.show(
      [...topics].map(([topic, nodes]) => [
        topic,
        [() => link(topicHref(topic), visible(topic)), number(nodes.length), [...new Set(nodes)].map(visible).join(", "), () => this.actions.ofMember(this.id, topic)],
      ]),
    );
  }
}
