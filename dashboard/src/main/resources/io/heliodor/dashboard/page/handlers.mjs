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
  #replies = [];

  constructor() {
    this.#notice.hidden = true;
    this.element = make("div", "view", section("Handlers in the last 10 seconds", this.#notice, this.#table.element));
  }

  payload() {
    return {};
  }

  /** @param {import("./connection.mjs").Calls["handlers"]["reply"]} reply */
  show(reply) {
    const now = performance.now();
    const before = this.#replies[0];
    this.#replies = [...this.#replies, { at: now, handlers: new Map(reply.handlers.map(each => [key(each), each])) }].slice(-10);
    const text = gaps({ silent: reply.silent, more: false, complete: true }, "handlers");
    this.#notice.hidden = text === "";
    setText(this.#notice, text);
    this.#table.show(reply.handlers.map(each => [key(each), this.#row(each, before?.handlers.get(key(each)), now - before?.at)]));
  }

  #row(handler, before, ms) {
    const counts = handler.buckets.map((count, i) => count - (before?.buckets[i] ?? 0));
    // After a restart of a node the totals are lower than before.
    const recent = counts.some(count => count < 0) ? handler.buckets : counts;
    const calls = recent.reduce((sum, count) => sum + count, 0);
    return [
      visible(handler.channel),
      `${handler.kind} ${visible(handler.name)}`,
      rate(ms > 0 ? (calls * 1000) / ms : undefined),
      time(recent, calls * 0.5),
      time(recent, calls * 0.99),
      time(recent, calls),
      number(handler.refused),
      number(handler.failed),
    ];
  }
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
