// @ts-check
import { button, make, section, setText, Table } from "./dom.mjs";
import { example, isBinary, problems } from "./schema.mjs";
import { number, visible } from "./text.mjs";
import { Trial } from "./trial.mjs";

/** @typedef {import("./connection.mjs").Calls} Calls */
/** @typedef {Calls["sockets"]["reply"]["sockets"][0]} SocketRow */
/** @typedef {import("./schema.mjs").Schema} Schema */
/** @typedef {{ name: string, payload?: Schema, request?: Schema }} Declared */
/** @typedef {{ topic: string, join: { payload: Schema }, receives: Declared[], calls: Declared[] }} Channel */
/** @typedef {{ channels: Channel[], types: import("./schema.mjs").Types }} Contract */
/** @typedef {{ name: string, schema: Schema, replied: boolean }} Message */

const MAX_LINES = 200;
const MAX_TEXT = 2000;

/** The time after which a hidden page closes its connection. */
const HIDDEN = 60_000;

const REFUSALS = {
  off: "Actions are off on this node.",
  not_found: "The socket is not there any more.",
  rate_limited: "Too many messages at once. Send it again.",
};
const ELSEWHERE =
  "The sockets of the application have another address than this page, which is at the management address. A browser connects a page to its own address only.";
const REAL = "This is a real message: the server handles it as that of any client.";
const SECRET = /token|secret|password|key/i;
const OTHER = "other";

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });

let fields = 0;

/** @param {string} text @param {Element} control */
function field(text, control) {
  control.id = `field-${fields++}`;
  const label = make("label", "", text);
  label.setAttribute("for", control.id);
  return make("div", "field", label, control);
}

/** Several controls with one title. @param {string} text @param {...Element} controls */
function group(text, ...controls) {
  const element = make("div", "field", make("span", "", text), ...controls);
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", text);
  return element;
}

/** @param {string} type @returns {HTMLInputElement} */
function input(type) {
  const element = /** @type {HTMLInputElement} */ (make("input", ""));
  element.type = type;
  element.autocomplete = "off";
  element.autocapitalize = "none";
  element.spellcheck = false;
  return element;
}

/** @returns {HTMLTextAreaElement} */
function textArea() {
  const element = /** @type {HTMLTextAreaElement} */ (make("textarea", ""));
  element.rows = 6;
  element.spellcheck = false;
  element.autocapitalize = "none";
  return element;
}

function alertLine() {
  const element = make("p", "failure");
  element.setAttribute("role", "alert");
  return element;
}

const submit = text => {
  const element = /** @type {HTMLButtonElement} */ (make("button", "main-control", text));
  element.type = "submit";
  return element;
};

/** A form of an area; Ctrl and Enter send it from a text area, too. @param {() => void} send @param {...Node} children */
function form(send, ...children) {
  const element = /** @type {HTMLFormElement} */ (make("form", "card", ...children));
  element.autocomplete = "off";
  element.addEventListener("submit", event => {
    event.preventDefault();
    send();
  });
  element.addEventListener("keydown", event => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    element.requestSubmit();
  });
  return element;
}

/** JSON in a text area: an example, until it is edited. */
class Payload {
  element = textArea();
  #example = "";

  /** @param {Schema} schema @param {import("./schema.mjs").Types} types */
  suggest(schema, types) {
    const text = JSON.stringify(example(schema, types), null, 2);
    if (this.element.value === this.#example || this.element.value.trim() === "") this.element.value = text;
    this.#example = text;
  }

  /**
   * The payload, or its problems.
   *
   * @param {Schema} schema
   * @param {import("./schema.mjs").Types} types
   * @returns {{ payload?: any, wrong: string[] }}
   */
  read(schema, types) {
    let payload;
    try {
      payload = JSON.parse(this.element.value);
    } catch (e) {
      return { wrong: [`This is not JSON: ${e instanceof Error ? e.message : e}`] };
    }
    if (typeof payload !== "object" || payload === null || Array.isArray(payload)) return { wrong: ["The payload must be an object"] };
    return { payload, wrong: problems(payload, schema, types) };
  }

  /** @param {boolean} wrong */
  mark(wrong) {
    if (wrong) this.element.setAttribute("aria-invalid", "true");
    else this.element.removeAttribute("aria-invalid");
    if (wrong) this.element.focus();
  }
}

/** The contract of a socket, if there is one. @param {SocketRow | undefined} socket @returns {Contract | undefined} */
const contractOf = socket => /** @type {any} */ (socket?.contract ?? undefined);

/** @param {SocketRow | undefined} socket */
const typesOf = socket => contractOf(socket)?.types ?? {};

/** The channel of a topic: the first that matches. @param {Contract | undefined} contract @param {string} topic */
const channelOf = (contract, topic) =>
  contract?.channels.find(each => (each.topic.endsWith("*") ? topic.startsWith(each.topic.slice(0, -1)) : topic === each.topic));

/** The text of a payload, without its end if it is long. */
function shown(payload) {
  if (payload instanceof ArrayBuffer) return `${number(payload.byteLength)} bytes`;
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  return visible(text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);
}

/** Sends messages as a client: to a socket of the application, with a token that the operator types. */
export class TryView {
  title = "Try a message";
  call = "sockets";
  #connection;

  /** @type {SocketRow[]} */
  #sockets = [];

  /** @type {Trial | undefined} */
  #trial;

  /** The socket and the topic of the trial; the fields of the join may change meanwhile. @type {{ socket: SocketRow, topic: string } | undefined} */
  #tried;
  #notice = make("p", "notice");

  // The join.
  #socket = /** @type {HTMLSelectElement} */ (make("select", ""));
  #token = input("password");
  #params = make("div", "pairs");
  #topic = input("text");
  #patterns = make("datalist", "");
  #match = make("p", "quiet");
  #joinPayload = new Payload();
  #joinFailure = alertLine();
  #join = submit("Connect and join");
  #joinForm;

  // The message.
  #joined = make("h2", "name");
  #event = /** @type {HTMLSelectElement} */ (make("select", ""));
  #name = input("text");
  #nameField = field("Name of the event", this.#name);
  #payload = new Payload();
  #failure = alertLine();
  #send = submit("Send");
  #sendForm;

  // The frames.
  #lines = [];
  #count = 0;
  #drawn = 0;
  #state = make("p", "quiet");
  #table = new Table(["Time", "Direction", "Kind", "Event", "Result", "Payload"], "No frame yet.");
  #frames;
  #hiding;
  #left = false;

  /** @param {string} topic @param {import("./connection.mjs").Connection} connection */
  constructor(topic, connection) {
    this.#connection = connection;
    this.#topic.value = topic;
    this.#topic.required = true;
    this.#topic.maxLength = 255;
    this.#name.maxLength = 255;
    this.#patterns.id = "patterns";
    this.#topic.setAttribute("list", this.#patterns.id);
    this.#notice.setAttribute("role", "status");
    this.#notice.tabIndex = -1;
    this.#match.setAttribute("role", "status");
    this.#table.element.classList.add("frames");
    this.#joinForm = form(
      () => this.#connect(),
      make("div", "columns", field("Socket", this.#socket), field("Token, if the socket takes one", this.#token)),
      group("Connect parameters", this.#params, button("Add a parameter", () => this.#addParam(true))),
      field("Topic", this.#topic),
      this.#patterns,
      this.#match,
      field("Payload of the join", this.#joinPayload.element),
      this.#joinFailure,
      make("div", "bar", this.#join, make("p", "quiet", "The token and the parameters go to the socket only. They are kept nowhere.")),
    );
    this.#sendForm = form(
      () => this.#push(),
      make("div", "bar", this.#joined, button("Leave", () => this.#trial?.end("You left the topic."))),
      make("div", "columns", field("Event", this.#event), this.#nameField),
      field("Payload", this.#payload.element),
      this.#failure,
      make("div", "bar", this.#send, make("p", "quiet", REAL)),
    );
    this.#frames = section("Frames", this.#state, this.#table.element);
    this.element = make(
      "div",
      "view",
      make("h2", "title", "Try a message"),
      make("p", "quiet", "This page connects as a client, with the rights of the token that you type. Joins and messages are real, and are in the audit log."),
      this.#notice,
      this.#joinForm,
      this.#sendForm,
      this.#frames,
    );
    this.#note("");
    for (const part of [this.#joinForm, this.#sendForm, this.#frames]) part.hidden = true;
    this.#socket.addEventListener("change", () => this.#suggestTopics());
    this.#topic.addEventListener("input", () => this.#suggestJoin());
    this.#event.addEventListener("change", () => this.#suggestMessage());
    document.addEventListener("visibilitychange", this.#hidden);
    this.#addParam(false);
  }

  payload() {
    return {};
  }

  /** @param {Calls["sockets"]["reply"]} reply */
  show({ sockets, more }) {
    this.call = "";
    if (more) this.#note(`This endpoint has more sockets; ${number(sockets.length)} are shown.`);
    this.#sockets = sockets.filter(each => each.reachable);
    if (this.#sockets.length === 0) {
      this.#note(sockets.length === 0 ? "This endpoint has no socket but that of this page." : ELSEWHERE);
      return;
    }
    this.#socket.replaceChildren(...this.#sockets.map(each => make("option", "", visible(each.path))));
    this.#socket.selectedIndex = Math.max(0, this.#sockets.findIndex(each => channelOf(contractOf(each), this.#topic.value) !== undefined));
    this.#joinForm.hidden = false;
    this.#suggestTopics();
  }

  /** The call was refused; returns whether the view shows it. */
  refuse(error) {
    if (error?.reason !== "off") return false;
    this.call = "";
    this.#note(REFUSALS.off);
    return true;
  }

  /** Another view is opened. */
  leave() {
    this.#left = true;
    document.removeEventListener("visibilitychange", this.#hidden);
    clearTimeout(this.#hiding);
    this.#trial?.end("");
  }

  #hidden = () => {
    clearTimeout(this.#hiding);
    if (document.hidden) this.#hiding = setTimeout(() => this.#trial?.end("The page was hidden for a minute, so it left the topic."), HIDDEN);
  };

  #note(text) {
    this.#notice.hidden = text === "";
    setText(this.#notice, text);
  }

  /** The chosen socket. */
  get #chosen() {
    return this.#sockets[Math.max(0, this.#socket.selectedIndex)];
  }

  get #contract() {
    return contractOf(this.#chosen);
  }

  get #channel() {
    return channelOf(this.#contract, this.#topic.value);
  }

  get #types() {
    return typesOf(this.#chosen);
  }

  /** A name and a value. @param {boolean} focused */
  #addParam(focused) {
    const name = input("text");
    const value = input("text");
    name.setAttribute("aria-label", "Name of a parameter");
    name.placeholder = "name";
    value.setAttribute("aria-label", "Value of the parameter");
    value.placeholder = "value";
    name.addEventListener("input", () => (value.type = SECRET.test(name.value) ? "password" : "text"));
    this.#params.append(make("div", "pair", name, value));
    if (focused) name.focus();
  }

  #readParams() {
    const pairs = [...this.#params.children].map(pair => [...pair.querySelectorAll("input")].map(each => each.value));
    return Object.fromEntries(pairs.filter(([name]) => name !== ""));
  }

  #suggestTopics() {
    const patterns = this.#contract?.channels.map(each => each.topic.replace(/\*$/, "")) ?? [];
    this.#patterns.replaceChildren(
      ...patterns.map(each => {
        const option = make("option", "");
        option.setAttribute("value", each);
        return option;
      }),
    );
    this.#suggestJoin();
  }

  #suggestJoin() {
    const channel = this.#channel;
    const problem = this.#chosen?.problem ?? "";
    setText(
      this.#match,
      problem !== ""
        ? `The contract of the socket is not shown: ${visible(problem)}.`
        : channel !== undefined
          ? `The channel is ${visible(channel.topic)}.`
          : this.#topic.value === ""
            ? `Channels: ${(this.#contract?.channels ?? []).map(each => visible(each.topic)).join(", ")}`
            : "The socket has no channel for this topic.",
    );
    this.#joinPayload.suggest(channel?.join.payload ?? {}, this.#types);
  }

  /**
   * The reason why a message is not allowed, or "". The request is an audit event.
   *
   * @param {string} socket its path
   * @param {string} topic
   * @param {string} event
   */
  async #allow(socket, topic, event) {
    const target = { socket, topic, event };
    const { status, error } = /** @type {any} */ (await this.#connection.channel.call("try_message", target));
    return status === "ok" ? "" : (REFUSALS[error?.reason] ?? "The dashboard did not answer.");
  }

  async #connect() {
    const { payload, wrong } = this.#joinPayload.read(this.#channel?.join.payload ?? {}, this.#types);
    setText(this.#joinFailure, wrong.map(visible).join("\n"));
    this.#joinPayload.mark(wrong.length > 0);
    if (wrong.length > 0 || this.#join.disabled) return;
    const tried = { socket: this.#chosen, topic: this.#topic.value };
    const join = { path: tried.socket.path, token: this.#token.value, params: this.#readParams(), topic: tried.topic, payload };
    this.#join.disabled = true;
    const refused = await this.#allow(join.path, join.topic, "phx_join");
    this.#join.disabled = false;
    setText(this.#joinFailure, refused);
    if (refused !== "" || this.#left) return;
    this.#lines = [];
    this.#note("");
    this.#joinForm.hidden = true;
    this.#frames.hidden = false;
    setText(this.#state, "Connecting.");
    this.#draw();
    this.#tried = tried;
    this.#trial = new Trial(join, line => this.#add(line), () => this.#changed());
    this.#trial.open();
  }

  #changed() {
    if (this.#left) return;
    if (this.#trial?.phase === "joined") {
      setText(this.#joined, visible(this.#tried?.topic ?? ""));
      this.#suggestMessages();
      this.#sendForm.hidden = false;
      this.#event.focus();
      return;
    }
    // A hidden form loses the focus. The next key must not join again, so the button does not get it.
    const focused = document.activeElement === document.body || this.#sendForm.contains(document.activeElement);
    this.#note(visible(this.#trial?.text ?? ""));
    this.#trial = undefined;
    setText(this.#state, "");
    setText(this.#failure, "");
    this.#sendForm.hidden = true;
    this.#joinForm.hidden = false;
    if (focused) this.#notice.focus();
  }

  /** The declared messages of the channel of the trial. @returns {Message[]} */
  get #messages() {
    const { calls = [], receives = [] } = channelOf(contractOf(this.#tried?.socket), this.#tried?.topic ?? "") ?? {};
    return [
      ...receives.map(({ name, payload }) => ({ name, schema: payload ?? {}, replied: false })),
      ...calls.map(({ name, request }) => ({ name, schema: request ?? {}, replied: true })),
    ];
  }

  #suggestMessages() {
    const options = this.#messages.map(({ name, schema, replied }, i) => {
      const option = /** @type {HTMLOptionElement} */ (make("option", "", `${visible(name)}${replied ? " (call)" : ""}${isBinary(schema) ? " (bytes)" : ""}`));
      option.value = String(i);
      option.disabled = isBinary(schema);
      return option;
    });
    const other = /** @type {HTMLOptionElement} */ (make("option", "", "Another event"));
    other.value = OTHER;
    this.#event.replaceChildren(...options, other);
    this.#event.value = this.#event.querySelector("option:not(:disabled)")?.getAttribute("value") ?? OTHER;
    this.#suggestMessage();
  }

  #suggestMessage() {
    const message = this.#messages[this.#event.value];
    this.#nameField.hidden = message !== undefined;
    this.#name.required = message === undefined;
    setText(this.#failure, "");
    this.#payload.mark(false);
    this.#payload.suggest(message?.schema ?? {}, typesOf(this.#tried?.socket));
  }

  async #push() {
    const trial = this.#trial;
    const tried = this.#tried;
    const { name, schema, replied } = this.#messages[this.#event.value] ?? { name: this.#name.value, schema: {}, replied: false };
    const { payload, wrong } = this.#payload.read(schema, typesOf(tried?.socket));
    setText(this.#failure, wrong.map(visible).join("\n"));
    this.#payload.mark(wrong.length > 0);
    if (wrong.length > 0 || this.#send.disabled || !tried) return;
    this.#send.disabled = true;
    const refused = await this.#allow(tried.socket.path, tried.topic, name);
    this.#send.disabled = false;
    if (trial !== this.#trial) return;
    setText(this.#failure, refused);
    if (refused === "") trial?.send(name, payload, replied);
  }

  /** @param {import("./trial.mjs").Line} line */
  #add({ direction, kind, topic, event, status, payload }) {
    const place = topic === this.#tried?.topic ? "" : `${visible(topic)} `;
    const cells = [clock.format(new Date()), direction, kind, `${place}${visible(event)}`, visible(status), shown(payload)];
    this.#lines = [[String(this.#count++), cells], ...this.#lines.slice(0, MAX_LINES - 1)];
    if (this.#drawn === 0) this.#drawn = requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    cancelAnimationFrame(this.#drawn);
    this.#drawn = 0;
    this.#table.show(this.#lines);
    if (this.#trial?.phase === "joined") setText(this.#state, `The newest ${number(MAX_LINES)} frames. This page closes the connection when another view is opened.`);
  }
}
