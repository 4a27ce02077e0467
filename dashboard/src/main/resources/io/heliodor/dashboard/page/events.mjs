// @ts-check
import { button, field, link, make, section, select, setText, Table } from "./dom.mjs";
import { number, visible } from "./text.mjs";
import { gaps, topicHref, userHref } from "./topics.mjs";

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** The choices of the filter, with the kinds of their events. */
const KINDS = {
  "All events": [],
  Connects: ["connected"],
  Disconnects: ["disconnected"],
  Joins: ["joined"],
  Refusals: ["join refused", "request refused"],
  Ends: ["left"],
};

const [ALL] = Object.keys(KINDS);

/** The filter stays when the view is left, and until the page is. */
const filter = { text: "", kind: ALL };

/** The newest events of connections and channels, those that pass the filter. */
export class EventsView {
  title = "Events";
  call = "events";
  #notice = make("p", "notice");
  #table = new Table(["Time", "Node", "Event", "Topic or user", "Reason", "Connection"], "");
  #text = field("Filter by text", "search");
  #kind = select("Kind of events", Object.keys(KINDS));
  #count = make("p", "quiet");
  #clear = button("Clear", () => this.#choose({ text: "", kind: ALL }));

  /** Those of the last reply. */
  #events = [];

  constructor() {
    this.#notice.hidden = true;
    this.#text.control.addEventListener("input", () => this.#choose({ text: this.#text.control.value }));
    this.#kind.control.addEventListener("change", () => this.#choose({ kind: this.#kind.control.value }));
    const bar = make("div", "bar filter", this.#text.element, this.#kind.element, this.#clear, this.#count);
    this.element = make("div", "view", section("Events of connections and channels", this.#notice, bar, this.#table.element));
    this.#choose({});
  }

  payload() {
    return {};
  }

  /** @param {import("./connection.mjs").Calls["events"]["reply"]} reply */
  show(reply) {
    const text = gaps({ silent: reply.silent, more: false, complete: true }, "events");
    this.#notice.hidden = text === "";
    setText(this.#notice, text);
    this.#events = reply.events.map(each => ({ ...each, texts: texts(each) }));
    this.#list();
  }

  /** Changes the filter. The button keeps the focus, which a button that is hidden would lose. */
  #choose(change) {
    Object.assign(filter, change);
    if (this.#text.control.value !== filter.text) this.#text.control.value = filter.text;
    this.#kind.control.value = filter.kind;
    this.#clear.setAttribute("aria-disabled", String(!isSet()));
    this.#list();
  }

  #list() {
    const shown = this.#events.filter(passes);
    setText(this.#count, isSet() ? `${number(shown.length)} of ${number(this.#events.length)} events` : "");
    this.#table.empty = this.#events.length > 0 ? "No event passes the filter." : "Nothing has happened since this page shows events.";
    this.#table.show(
      shown.map(({ node, event: { number, kind, subject }, texts }) => [
        `${node} ${number}`,
        texts.with(3, subject === "" ? "" : () => link((kind === "connected" ? userHref : topicHref)(subject), texts[3])),
      ]),
    );
  }
}

/** The texts of a row. */
function texts({ node, event: { atMillis, kind, connection, subject, detail } }) {
  return [clock.format(atMillis), visible(node), kind, visible(subject), visible(detail), visible(connection)];
}

function isSet() {
  return filter.text !== "" || filter.kind !== ALL;
}

/** Whether an event is of the kind and has the text, as it is or as it is shown. */
function passes({ event, texts }) {
  const kinds = KINDS[filter.kind];
  const part = filter.text.toLowerCase();
  return (kinds.length === 0 || kinds.includes(event.kind)) && [event.subject, ...texts].some(text => text.toLowerCase().includes(part));
}
