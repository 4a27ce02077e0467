// @ts-check
import { button, link, make, section, setText, Table } from "./dom.mjs";
import { bytes, number, visible } from "./text.mjs";
import { gaps, topicHref, userHref } from "./topics.mjs";

/** @typedef {import("./connection.mjs").Calls} Calls */

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });

const ENDS = {
  time: "its time is over",
  frames: "it has as many frames as a trace may have",
  bytes: "its frames take as much memory as those of a trace may",
  unread: "no page has read it for a minute",
};

/** The frames of a user or a topic on all nodes, while this view is open. */
export class TraceView {
  #of;
  #target;
  #untrace;
  #notice = make("p", "notice");
  #state = make("p", "quiet");
  #button = button("Stop", () => (this.call === undefined ? this.#begin() : this.#stop("The trace was stopped.")));
  #table;

  /** The id of the trace; undefined before it has begun. */
  #id;

  /** Frames that were read, the newest first, and the last number of each node. */
  #frames = [];
  #read = [];
  #maxFrames = 0;

  /** The nodes that refused the trace. */
  #full = [];

  /**
   * @param {"user" | "topic"} of
   * @param {string} target the id of the user, or the topic
   * @param {(id: string) => void} untrace ends a trace
   */
  constructor(of, target, untrace) {
    this.#of = of;
    this.#target = target;
    this.#untrace = untrace;
    this.title = `Trace of ${visible(target)}`;
    this.#table = new Table(
      ["Time", "Node", "Direction", "Kind", of === "user" ? "Topic" : "User", "Event", "#Bytes", "Result", "Connection", "Payload"],
      "No frame since the trace began.",
    );
    this.#table.element.classList.add("frames");
    this.#notice.setAttribute("role", "status");
    const back = link((of === "user" ? userHref : topicHref)(target), visible(target));
    this.element = make(
      "div",
      "view",
      make("h2", "name", "Trace of ", back),
      this.#notice,
      make("div", "bar", this.#button, this.#state),
      section("Frames", this.#table.element),
      make("p", "quiet", "Payloads are shown only of events that the application declares for it."),
    );
    this.#begin();
  }

  /** The call of the next second; undefined after the end. */
  call;

  payload() {
    return this.call === "trace" ? { of: this.#of.toUpperCase(), text: this.#target } : { id: this.#id, read: this.#read };
  }

  #begin() {
    this.call = "trace";
    this.#id = undefined;
    this.#frames = [];
    this.#read = [];
    this.#full = [];
    this.#note("");
    this.#table.show([]);
    setText(this.#button, "Stop");
    setText(this.#state, "The trace begins.");
  }

  #stop(text) {
    this.call = undefined;
    if (this.#id !== undefined) this.#untrace(this.#id);
    this.#id = undefined;
    this.#note(text);
    setText(this.#button, "Trace again");
    setText(this.#state, `${number(this.#frames.length)} frames`);
  }

  #note(text) {
    this.#notice.hidden = text === "";
    setText(this.#notice, text);
  }

  /** Another view is opened. */
  leave() {
    if (this.call !== undefined) this.#stop("");
  }

  /**
   * @param {Calls["trace"]["reply"] | Calls["frames"]["reply"]} reply
   * @param {"trace" | "frames"} call
   */
  show(reply, call) {
    if ("id" in reply) this.#begun(reply);
    else if (call === this.call) this.#add(reply);
  }

  /** @param {Calls["trace"]["reply"]} reply */
  #begun({ id, maxSeconds, maxFrames, full, silent }) {
    // It was stopped while it began.
    if (this.call !== "trace") {
      this.#untrace(id);
      return;
    }
    this.#id = id;
    this.#maxFrames = maxFrames;
    this.#full = full;
    this.call = "frames";
    this.#note(this.#missing([], silent));
    setText(this.#state, `Ends after ${number(maxSeconds / 60)} minutes, or ${number(maxFrames)} frames.`);
  }

  #missing(untraced, silent) {
    const parts = [];
    if (this.#full.length > 0) parts.push(`Too many traces run on ${this.#full.map(visible).join(", ")}.`);
    const others = untraced.filter(node => !this.#full.includes(node));
    if (others.length > 0) parts.push(`Not traced: ${others.map(visible).join(", ")}.`);
    parts.push(gaps({ silent }, "frames"));
    return parts.filter(part => part !== "").join(" ");
  }

  /** @param {Calls["frames"]["reply"]} reply */
  #add({ frames, read, running, ended, untraced, silent }) {
    this.#read = read;
    if (frames.length > 0) {
      this.#frames = [...[...frames].reverse(), ...this.#frames].slice(0, this.#maxFrames);
      this.#table.show(this.#frames.map(each => this.#row(each)));
    }
    setText(this.#state, `${number(this.#frames.length)} of ${number(this.#maxFrames)} frames`);
    const ends = ended.map(({ node, why }) => `${visible(node)}: ${ENDS[why] ?? visible(why)}.`).join(" ");
    const missing = this.#missing(untraced, silent);
    this.#note([ends === "" ? "" : `Ended on ${ends}`, missing].filter(part => part !== "").join(" "));
    if (this.#frames.length >= this.#maxFrames) this.#stop(`The trace has ended: ${ENDS.frames}.`);
    else if (!running && silent.length === 0) {
      this.#stop(ends === "" ? "The trace has ended: this page was not connected." : `The trace has ended. ${ends}`);
    }
  }

  #row({ node, frame: { number: n, atMillis, connection, user, topic, event, direction, kind, bytes: size, status, count, payload } }) {
    const other = this.#of === "user" ? topic : user;
    return [
      `${node} ${n}`,
      [
        clock.format(atMillis),
        visible(node),
        direction,
        kind,
        visible(other),
        visible(event),
        bytes(size),
        kind === "broadcast" && connection === "" ? `${number(count)} members` : kind === "replay" ? `${number(count)} messages` : visible(status),
        visible(connection),
        visible(payload ?? ""),
      ],
    ];
  }

  /** A reply after the view was left. */
  late(reply) {
    if ("id" in reply) this.#untrace(reply.id);
  }

  /** The call was refused; returns whether the view shows it. */
  refuse(error) {
    const full = error?.reason === "too_many_traces";
    if (full) this.#stop("Too many traces run on this node. Stop another one first, or wait until it ends.");
    return full;
  }
}
