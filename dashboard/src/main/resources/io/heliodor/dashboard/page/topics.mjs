// @ts-check
import { button, link, make, section, setText, Table } from "./dom.mjs";
import { age, bytes, number, visible } from "./text.mjs";

export const topicHref = topic => `#/topic/${encoded(topic)}`;
export const tryHref = topic => `#/try/${encoded(topic)}`;
export const userHref = id => `#/user/${encoded(id)}`;

/** Half a pair of surrogates, which an id may have, is not encoded by the browser. */
export const encoded = text => encodeURIComponent(text.replace(/\p{Cs}/gu, "\ufffd"));

/** A user by a link; an id that was cut finds none. */
export const user = id => (id.length >= MAX_ID && id.endsWith("…") ? visible(id) : () => link(userHref(id), visible(id)));

/** The least length of an id that was cut. */
const MAX_ID = 254;

/** The button of the page of a user or a topic that opens its trace. */
export function traceButton(of, text) {
  return button("Trace live", () => {
    location.hash = `#/trace-${of}/${encoded(text)}`;
  });
}

/**
 * The parts that a reply lacks, as sentences; "" if it has all.
 *
 * @param {{ more?: boolean, complete?: boolean, silent: string[] }} reply
 * @param {string} what the items of the reply
 */
export function gaps({ more, complete, silent }, what) {
  const parts = [];
  if (complete === false) parts.push(`Only the first 100,000 ${what} of a node were read.`);
  if (more) parts.push(`There are more ${what}; find one by a part of its name.`);
  if (silent.length > 0) parts.push(`No answer of ${silent.map(visible).join(", ")}.`);
  return parts.join(" ");
}

/** The nodes with their numbers. */
export const byNode = nodes => nodes.map(({ name, count }) => `${visible(name)} ${number(count)}`).join(", ");

/** A table of connections with their nodes. */
export function connectionTable(empty = "No connection.") {
  return new Table(["Node", "User", "Address", "Transport", "#Channels", "#Waiting", "Connection", "!Actions"], empty);
}

/** @param {any[]} located @param {(located: any) => Node} actions makes the buttons of a row */
export function connectionRows(located, actions) {
  return located.map(each => {
    const { node, connection: { connection, id, address, transport, channels, waitingBytes } } = each;
    const cells = [
      visible(node),
      id === undefined || id === null ? "" : user(id),
      visible(address),
      transport === "websocket" ? "WebSocket" : "long poll",
      number(channels),
      bytes(waitingBytes),
      visible(connection),
      () => actions(each),
    ];
    // A correlation id may be used by connections of several users, and the buttons of a row stay as they are.
    return [`${node} ${connection} ${id ?? ""}`, cells];
  });
}

/** The largest topics. */
export class TopicsView {
  title = "Topics";
  call = "topics";
  #notice = make("p", "notice");
  #table = new Table(["Topic", "#Members", "Nodes"], "No topic with this text in its name.");

  constructor(text) {
    this.text = text;
    this.#notice.hidden = true;
    this.element = make("div", "view", section("Topics by members", this.#notice, this.#table.element));
  }

  payload() {
    return { text: this.text };
  }

  /** @param {import("./connection.mjs").Calls["topics"]["reply"]} reply */
  show(reply) {
    const text = gaps(reply, "topics");
    this.#notice.hidden = text === "";
    setText(this.#notice, text);
    this.#table.show(
      reply.topics.map(({ topic, members, part, nodes }) => [
        topic,
        [
          () => link(topicHref(topic), visible(topic)),
          part ? `${number(members)} or more` : number(members),
          byNode(nodes),
        ],
      ]),
    );
  }
}

/** One topic: its members, presences and history. */
export class TopicView {
  call = "topic";
  #notice = make("p", "notice");
  #count = make("p", "quiet");
  #members = connectionTable();
  #bar;
  #present = new Table(["Presence", "Key", "#Metas"], "No key is present.");
  #kept = new Table(["Event", "#Age"], "No message is kept.");

  /** @param {string} topic @param {import("./actions.mjs").Actions} actions */
  constructor(topic, actions) {
    this.topic = topic;
    this.actions = actions;
    this.title = visible(topic);
    this.#notice.hidden = true;
    this.#bar = make("div", "bar", make("h2", "name", visible(topic)), traceButton("topic", topic));
    this.element = make(
      "div",
      "view",
      this.#bar,
      this.#notice,
      section("Members", this.#count, this.#members.element),
      make("div", "columns", section("Presence", this.#present.element), section("Newest of the history", this.#kept.element)),
    );
  }

  payload() {
    return { text: this.topic };
  }

  /** @param {import("./connection.mjs").Calls["topic"]["reply"]} reply */
  show(reply) {
    const text = gaps(reply, "members");
    this.#notice.hidden = text === "";
    setText(this.#notice, text);
    if (this.actions.on && this.#bar.children.length === 2) {
      this.#bar.append(button("Try a message", () => (location.hash = tryHref(this.topic))));
    }
    const counts = reply.present.map(({ name, count }) => `, ${number(count)} present in ${visible(name)}`).join("");
    const nodes = reply.nodes.length > 1 ? ` (${byNode(reply.nodes)})` : "";
    setText(this.#count, `${number(reply.total)} members${nodes}, ${number(reply.members.length)} shown${counts}`);
    this.#members.show(connectionRows(reply.members, each => this.actions.ofConnection(each, this.topic)));
    this.#present.show(
      reply.keys.map(({ presence, key, metas }) => [`${presence} ${key}`, [visible(presence), visible(key), number(metas)]]),
    );
    this.#kept.show(reply.kept.map(({ event, ageMillis }, i) => [String(i), [visible(event), age(ageMillis)]]));
  }
}
