import { dress, hue } from "./names.mjs";
import { withLinks } from "./links.mjs";
import { describeEmpty, describeReturn } from "./notes.mjs";

const KEPT = 200;
const TOGETHER = 300_000;
const NEAR = 48;

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

function make(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

/** The list of messages: groups by author, follows the end unless the reader has scrolled up. */
export class Log {
  #frame = document.getElementById("log");
  #list = document.getElementById("messages");
  #empty = document.getElementById("empty");
  #emptyFirst = document.getElementById("empty-first");
  #emptyThen = document.getElementById("empty-then");
  #pill = document.getElementById("pill");
  #bubbles = new Map();
  #notes = new WeakMap();
  #last;
  #following = true;
  #missed = 0;

  constructor() {
    this.#frame.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#pill.addEventListener("click", () => {
      this.follow();
      this.#frame.focus({ preventScroll: true });
    });
    new ResizeObserver(() => this.#following && this.#toEnd()).observe(this.#frame);
  }

  show(entries) {
    this.#list.replaceChildren();
    this.#bubbles.clear();
    this.#last = undefined;
    this.#empty.hidden = entries.length > 0;
    // Old messages are no news: nobody should have to hear all of them after a change of rooms.
    this.#frame.setAttribute("aria-live", "off");
    for (const entry of entries) this.#append(entry);
    requestAnimationFrame(() => this.#frame.setAttribute("aria-live", "polite"));
    this.follow();
  }

  /** The line of a room without messages: who is in it, and what to do. */
  greet(room, people, own) {
    const { first, then } = describeEmpty(room, people, own);
    // An unchanged line is not written, so that it is not read out again.
    if (this.#emptyFirst.textContent !== first) this.#emptyFirst.textContent = first;
    if (this.#emptyThen.textContent !== then) this.#emptyThen.textContent = then;
  }

  add(entry) {
    this.#empty.hidden = true;
    this.#append(entry);
    if (this.#bubbles.size > KEPT) this.#forgetOldest();
    if (this.#following || entry.mine) this.follow();
    else if (!entry.note) this.#miss();
  }

  confirm(message) {
    const bubble = this.#bubbles.get(message.id);
    if (bubble === undefined) return;
    bubble.classList.remove("pending");
    bubble.querySelector(".state")?.remove();
  }

  /** The note says another number now. */
  counted(note) {
    const element = this.#notes.get(note);
    if (element !== undefined) element.textContent = describeReturn(note);
  }

  follow() {
    this.#following = true;
    this.#missed = 0;
    this.#pill.hidden = true;
    this.#toEnd();
  }

  #toEnd() {
    this.#frame.scrollTop = this.#frame.scrollHeight;
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.#frame;
    this.#following = scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.#following && this.#missed > 0) this.follow();
  }

  #miss() {
    this.#missed++;
    this.#pill.hidden = false;
    this.#pill.textContent = this.#missed === 1 ? "1 new message" : `${this.#missed} new messages`;
  }

  #append(entry) {
    if (entry.note) {
      const note = make("li", "note", describeReturn(entry));
      this.#notes.set(entry, note);
      this.#list.append(note);
      this.#last = undefined;
      return;
    }
    const group = this.#belongs(entry) ? this.#last.group : this.#group(entry);
    const bubble = make("div", "bubble");
    const text = make("span", "text");
    text.dir = "auto";
    text.append(...withLinks(entry.body));
    bubble.append(make("span", "sr", `${entry.mine ? "You" : entry.from}: `), text);
    if (entry.pending) {
      bubble.classList.add("pending");
      bubble.append(make("span", "state", "waiting"));
    }
    group.lastChild.append(bubble);
    this.#bubbles.set(entry.id, bubble);
    this.#last = { group, from: entry.from, mine: entry.mine, at: entry.at };
  }

  #belongs(entry) {
    const last = this.#last;
    return last?.from === entry.from && last.mine === entry.mine && Math.abs(entry.at - last.at) < TOGETHER;
  }

  #group(entry) {
    const group = make("li", entry.mine ? "group mine" : "group");
    const by = make("p", "by");
    const time = make("time", "", clock.format(entry.at));
    time.dateTime = new Date(entry.at).toISOString();
    if (!entry.mine) {
      const avatar = make("span", "avatar");
      avatar.ariaHidden = "true";
      dress(avatar, entry.from);
      group.append(avatar);
      group.style.setProperty("--hue", hue(entry.from));
      const name = make("b", "", entry.from);
      name.dir = "auto";
      name.ariaHidden = "true";
      by.append(name);
    }
    by.append(time);
    const stack = make("div", "stack");
    stack.append(by);
    group.append(stack);
    this.#list.append(group);
    return group;
  }

  #forgetOldest() {
    const [id, bubble] = this.#bubbles.entries().next().value;
    const group = bubble.closest(".group");
    this.#bubbles.delete(id);
    bubble.remove();
    if (group.querySelector(".bubble") === null) group.remove();
    while (this.#list.firstChild?.className === "note" && this.#list.firstChild !== this.#list.lastChild) {
      this.#list.firstChild.remove();
    }
  }
}
