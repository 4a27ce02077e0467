// @ts-check
import { link, make, section, setText, Table } from "./dom.mjs";
import { number, visible } from "./text.mjs";
import { connectionRows, connectionTable, gaps, topicHref, traceButton, userHref } from "./topics.mjs";

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
    this.#table.show(reply.ids.map(id => [id, [() => link(userHref(id), visible(id))]]));
  }
}

/** One user: the connections of an id on all nodes, with their topics. */
export class UserView {
  call = "user";
  #notice = make("p", "notice");
  #count = make("p", "quiet");
  #connections = connectionTable();
  #topics = new Table(["Topic", "#Connections", "Nodes"], "No topic is joined.");

  constructor(id) {
    this.id = id;
    this.title = visible(id);
    this.#notice.hidden = true;
    this.element = make(
      "div",
      "view",
      make("div", "bar", make("h2", "name", visible(id)), traceButton("user", id)),
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
    setText(this.#count, `${number(reply.total)} connections, ${number(reply.connections.length)} shown`);
    this.#connections.show(connectionRows(reply.connections));
    const topics = new Map();
    for (const { node, connection } of reply.connections) {
      for (const topic of connection.topics) topics.set(topic, [...(topics.get(topic) ?? []), node]);
    }
    this.#topics.show(
      [...topics].map(([topic, nodes]) => [
        topic,
        [() => link(topicHref(topic), visible(topic)), number(nodes.length), [...new Set(nodes)].map(visible).join(", ")],
      ]),
    );
  }
}
