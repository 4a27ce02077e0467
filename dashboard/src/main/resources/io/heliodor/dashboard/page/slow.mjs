// @ts-check
import { make, section, setText } from "./dom.mjs";
import { connectionRows, connectionTable, gaps } from "./topics.mjs";

/** The connections whose clients have most bytes to take. */
export class SlowView {
  title = "Slow clients";
  call = "slow";
  #notice = make("p", "notice");
  #table = connectionTable("No bytes wait for the connections that were read.");

  /** @param {import("./actions.mjs").Actions} actions */
  constructor(actions) {
    this.actions = actions;
    this.#notice.hidden = true;
    this.element = make("div", "view", section("Connections with bytes that wait", this.#notice, this.#table.element));
  }

  payload() {
    return {};
  }

  /** @param {import("./connection.mjs").Calls["slow"]["reply"]} reply */
  show(reply) {
    const text = gaps(reply, "connections");
    this.#notice.hidden = text === "";
    setText(this.#notice, text);
    this.#table.show(connectionRows(reply.connections, each => this.actions.ofConnection(each)));
  }
}
