// @ts-check
import { link, make, section, setText, Table } from "./dom.mjs";
import { visible } from "./text.mjs";
import { gaps, topicHref, userHref } from "./topics.mjs";

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** The newest events of connections and channels. */
export class EventsView {
  title = "Events";
  call = "events";
  #notice = make("p", "notice");
  #table = new Table(["Time", "Node", "Event", "Topic or user", "Reason", "Connection"], "Nothing has happened since this page shows events.");

  constructor() {
    this.#notice.hidden = true;
    this.element = make("div", "view", section("Events of connections and channels", this.#notice, this.#table.element));
  }

  payload() {
    return {};
  }

  /** @param {import("./connection.mjs").Calls["events"]["reply"]} reply */
  show(reply) {
    const text = gaps({ silent: reply.silent, more: false, complete: true }, "events");
    this.#notice.hidden = text === "";
    setText(this.#notice, text);
    this.#table.show(
      reply.events.map(({ node, event: { number, atMillis, kind, connection, subject, detail } }) => [
        `${node} ${number}`,
        [
          clock.format(atMillis),
          visible(node),
          kind,
          subject === "" ? "" : () => link((kind === "connected" ? userHref : topicHref)(subject), visible(subject)),
          visible(detail),
          visible(connection),
        ],
      ]),
    );
  }
}
