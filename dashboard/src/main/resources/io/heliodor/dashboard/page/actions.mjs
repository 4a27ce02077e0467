// @ts-check
import { make, setText } from "./dom.mjs";
import { visible } from "./text.mjs";

const REFUSALS = {
  off: "Actions are off on this node.",
  off_there: "Actions are off on the node of the target.",
  not_found: "It is not there any more.",
  no_answer: "The node did not answer. The action may have been executed.",
};

/** The actions of an operator, each confirmed in a dialog. The server refuses them unless they are on. */
export class Actions {
  #connection;
  #done = make("p", "notice done");

  /** @param {import("./connection.mjs").Connection} connection */
  constructor(connection) {
    this.#connection = connection;
    this.#done.setAttribute("role", "status");
    this.element = this.#done;
  }

  /** Whether the server executes actions. */
  get on() {
    return this.#connection.channel.status.reply?.actions === true;
  }

  /** Forgets the last result. */
  clear() {
    setText(this.#done, "");
  }

  /** The buttons of a connection, and of its id as a member of a topic; none while actions are off. */
  ofConnection(located, topic) {
    const { id } = located.connection;
    const buttons = make("span", "buttons");
    if (this.on) buttons.append(this.disconnectConnection(located));
    if (this.on && topic !== undefined && id !== undefined && id !== null) buttons.append(this.removeMember(id, topic));
    return buttons;
  }

  /** The button of an id as a member of a topic, likewise. */
  ofMember(id, topic) {
    return this.on ? this.removeMember(id, topic) : document.createTextNode("");
  }

  /** The button of a node, likewise. */
  ofNode(node) {
    return this.on ? this.drainNode(node) : document.createTextNode("");
  }

  disconnectUser(id) {
    return this.#button("Disconnect", `Disconnect all connections of ${visible(id)}`, {
      title: `Disconnect ${visible(id)}?`,
      text: "All connections of this id are closed with code 1001, on all nodes. Pages connect again by themselves.",
      done: `${visible(id)} was disconnected.`,
      run: () => this.#connection.channel.call("disconnect_user", { id }),
    });
  }

  /** @param {{ node: string, connection: { connection: string, id: string | null } }} located */
  disconnectConnection({ node, connection: { connection, id } }) {
    const name = id === undefined || id === null ? visible(connection) : `${visible(connection)} of ${visible(id)}`;
    return this.#button("Disconnect", `Disconnect connection ${name}`, {
      title: `Disconnect connection ${name}?`,
      text: `The connection on ${visible(node)} is closed with code 1001. A page connects again by itself.`,
      done: `The connection ${visible(connection)} was disconnected.`,
      run: () => this.#connection.channel.call("disconnect_connection", { node, connection, id: id ?? null }),
    });
  }

  removeMember(id, topic) {
    return this.#button("Remove", `Remove ${visible(id)} from ${visible(topic)}`, {
      title: `Remove ${visible(id)} from ${visible(topic)}?`,
      text: "All connections of this id leave the topic, on all nodes. Pages do not join it again by themselves.",
      done: `${visible(id)} was removed from ${visible(topic)}.`,
      run: () => this.#connection.channel.call("remove_member", { id, topic }),
    });
  }

  drainNode(node) {
    return this.#button("Drain", `Drain ${visible(node)}`, {
      title: `Drain ${visible(node)}?`,
      text: "The node accepts no more clients, and closes all connections with code 1001 within seconds. It serves again after a restart only.",
      typed: node,
      done: `${visible(node)} drains.`,
      run: () => this.#connection.channel.call("drain_node", { node }),
    });
  }

  #button(text, label, action) {
    const button = make("button", "action", text);
    button.setAttribute("type", "button");
    button.setAttribute("aria-label", label);
    button.addEventListener("click", () => this.#confirm(text, action));
    return button;
  }

  #confirm(text, { title, text: effect, typed, done, run }) {
    this.clear();
    const failure = make("p", "failure");
    failure.setAttribute("role", "alert");
    const cancel = make("button", "", "Cancel");
    cancel.setAttribute("type", "button");
    const confirm = /** @type {HTMLButtonElement} */ (make("button", "danger", text));
    const form = make("form", "", make("h2", "", title), make("p", "", effect));
    let running = false;
    let confirmed = () => true;
    const enable = () => (confirm.disabled = running || !confirmed());
    if (typed !== undefined) {
      const input = /** @type {HTMLInputElement} */ (make("input", ""));
      input.autocomplete = "off";
      input.spellcheck = false;
      confirmed = () => input.value === typed;
      input.addEventListener("input", enable);
      enable();
      form.append(make("label", "", `Type ${visible(typed)} to confirm`, input));
    }
    form.append(failure, make("div", "buttons", cancel, confirm));
    const dialog = /** @type {HTMLDialogElement} */ (make("dialog", "", form));
    dialog.setAttribute("aria-label", title);
    cancel.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    form.addEventListener("submit", async event => {
      event.preventDefault();
      if (running) return;
      running = true;
      enable();
      const { status, error } = await run();
      running = false;
      enable();
      const refusal = REFUSALS[error?.reason] ?? "The action failed. It may have been executed.";
      if (status === "ok") {
        dialog.close();
        setText(this.#done, done);
      } else if (dialog.open) {
        setText(failure, refusal);
      } else {
        setText(this.#done, `${title} ${refusal}`);
      }
    });
    document.body.append(dialog);
    dialog.showModal();
  }
}
