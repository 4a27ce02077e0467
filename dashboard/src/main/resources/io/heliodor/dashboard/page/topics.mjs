// @ts-check
import { button, link, make, section, setText, Table } from "./dom.mjs";
import { age, bytes, number, visible } from "./text.mjs";

export const topicHref = topic => `#/topic/${encodeURIComponent(topic)}`;
export const userHref = id => `#/user/${encodeURIComponent(id)}`;

/** The button of the page of a user or a topic that opens its trace. */
export function traceButton(of, text) {
  return button("Trace live", () => {
    location.hash = `#/trace-${of}/${encodeURIComponent(text)}`;
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

/** A table of connections with their nodes. */
export function connectionTable(empty = "No connection.") {
  return new Table(["Node", "User", "Address", "Transport", "#Channels", "#Waiting", "Connection"], empty);
}

export function connectionRows(located) {
  return located.map(({ node, connection: { connection, id, address, transport, channels, waitingBytes } }) => [
    `${node} ${connection}`,
    [
      visible(node),
      id === undefined || id === null ? "" : () => link(userHref(id), visible(id)),
      visible(address),
      transport === "websocket" ? "WebSocket" : "long poll",
      number(channels),
      bytes(waitingBytes),
      visible(connection),
    ],
  ]);
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
      reply.topics.map(({ topic, members, nodes }) => [
        topic,
        [
          () => link(topicHref(topic), visible(topic)),
          number(members),
          nodes.map(({ name, count }) => `${visible(name)} ${number(count)}`).join(", "),
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
  #present = new Table(["Presence", "Key", "#Metas"], "No key is present.");
  #kept = new Table(["Event", "#Age"], "No message is kept.");

  constructor(topic) {
    this.topic = topic;
    this.title = visible(topic);
    this.#notice.hidden = true;
    this.element = make(
      "div",
      "view",
      make("div", "bar", make("h2", "name", visible(topic)), traceButton("topic", topic)),
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
    const counts = reply.present.map(({ name, count }) => `, ${number(count)} present in ${visible(name)}`).join("");
    setText(this.#count, `${number(reply.total)} members, ${number(reply.members.length)} shown${counts}`);
    this.#members.show(connectionRows(reply.members));
    this.#present.show(
      reply.keys.map(({ presence, key, metas }) => [`${presence} ${key}`, [visible(presence), visible(key), number(metas)]]),
    );
    this.#kept.show(reply.kept.map(({ event, ageMillis }, i) => [String(i), [visible(event), age(ageMillis)]]));
  }
}
