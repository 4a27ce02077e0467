// @ts-check
import { make, section, setText, Table } from "./dom.mjs";
import { number, rate, visible } from "./text.mjs";
import { gaps } from "./topics.mjs";

/** The times of handlers in the last seconds. */
export class HandlersView {
  title = "Handlers";
  call = "handlers";
  #notice = make("p", "notice");
  #table = new Table(
    ["Channel", "Handler", "#Calls", "#p50", "#p99", "#Longest", "#Refused", "#Failed"],
    "No handler has run since this page shows them.",
  );

  constructor() {
    this.#notice.hidden = true;
    this.element = make("div", "view", section("Handlers in the last 10 seconds", this.#notice, this.#table.element));
  }

  payload() {
    return {};
  }

  /** @param {import("./connection.mjs").Calls["handlers"]["reply"]} reply */
  show(reply) {
    const text = gaps({ silent: reply.silent, more: false, complete: true }, "handlers");
    this.#notice.hidden = text === "";
    setText(this.#notice, text);
    this.#table.show(reply.handlers.map(each => [key(each), row(each)]));
  }
}

function row({ channel, kind, name, perSecond, buckets, refused, failed }) {
  const calls = buckets.reduce((sum, count) => sum + count, 0);
  return [
    visible(channel),
    `${kind} ${visible(name)}`,
    rate(perSecond),
    time(buckets, calls * 0.5),
    time(buckets, calls * 0.99),
    time(buckets, calls),
    number(refused),
    number(failed),
  ];
}

function key({ channel, kind, name }) {
  return `${channel} ${kind} ${name}`;
}

/** The upper bound of the bucket of a rank, as a text. */
function time(buckets, rank) {
  if (rank <= 0) return "";
  let sum = 0;
  const found = buckets.findIndex(count => (sum += count) >= rank);
  const micros = 2 ** (found < 0 ? buckets.length - 1 : found);
  if (micros < 1000) return `< ${number(micros)} µs`;
  return micros < 1_000_000 ? `< ${number(micros / 1000)} ms` : `< ${number(micros / 1_000_000)} s`;
}
