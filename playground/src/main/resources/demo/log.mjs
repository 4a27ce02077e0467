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

/**
 * The list of messages: groups by author, follows the end unless the reader has scrolled up. Messages that are not sent stand after
 * all others, in a list of their own, until they have a place.
 */
export class Log {
  #frame = document.getElementById("log");
  #list = document.getElementById("messages");
  #empty = document.getElementById("empty");
  #emptyFirst = document.getElementById("empty-first");
  #emptyThen = document.getElementById("empty-then");
  #pill = document.getElementById("pill");
  #unsent = document.getElementById("unsent");
  #bubbles = new Map();
  #unsentBubbles = new Map();
  #notes = new WeakMap();

  /** The last message of each list, for the group of the next. */
  #last = new Map();
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

  show(entries, unsent) {
    for (const list of [this.#list, this.#unsent]) list.replaceChildren();
    for (const bubbles of [this.#bubbles, this.#unsentBubbles]) bubbles.clear();
    this.#last.clear();
    this.#empty.hidden = entries.length + unsent.length > 0;
    // Old messages are no news: nobody should have to hear all of them after a change of rooms.
    this.#frame.setAttribute("aria-live", "off");
    for (const entry of entries) this.#append(entry);
    for (const message of unsent) this.#appendUnsent(message);
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
    if (this.#following) this.follow();
    else if (!entry.note && !entry.mine) this.#miss();
  }

  /** A message of our own, which is not sent yet: `add` gives it its place. */
  wrote(message) {
    this.#empty.hidden = true;
    this.#appendUnsent(message);
    this.follow();
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
    if (!entry.mine) this.#unsent.firstElementChild?.classList.remove("continued");
    if (entry.note) {
      const note = make("li", "note", describeReturn(entry));
      this.#notes.set(entry, note);
      this.#list.append(note);
      this.#last.delete(this.#list);
      return;
    }
    const bubble = this.#takeUnsent(entry.id) ?? this.#bubble(entry);
    this.#put(bubble, entry, this.#list);
    this.#bubbles.set(entry.id, bubble);
  }

  #appendUnsent(message) {
    const bubble = this.#bubble(message);
    bubble.classList.add("pending");
    bubble.append(make("span", "state", "not sent yet"));
    this.#put(bubble, message, this.#unsent);
    this.#unsentBubbles.set(message.id, bubble);
  }

  /** Removes a bubble from those that are not sent; undefined if it is not among them. */
  #takeUnsent(id) {
    const bubble = this.#unsentBubbles.get(id);
    if (bubble === undefined) return undefined;
    this.#unsentBubbles.delete(id);
    const group = bubble.closest(".group");
    bubble.remove();
    if (group.querySelector(".bubble") === null) {
      group.remove();
      if (this.#last.get(this.#unsent)?.group === group) this.#last.delete(this.#unsent);
    }
    bubble.className = "bubble placed";
    bubble.querySelector(".state").remove();
    return bubble;
  }

  #bubble(entry) {
    const bubble = make("div", "bubble");
    const text = make("span", "text");
    text.dir = "auto";
    text.append(...withLinks(entry.body));
    bubble.append(make("span", "sr", `${entry.mine ? "You" : entry.from}: `), text);
    return bubble;
  }

  #put(bubble, entry, list) {
    const last = this.#last.get(list);
    const group = this.#belongs(entry, last) ? last.group : this.#group(entry, list);
    // A message that is sent at once stands where its place will be.
    if (list.firstElementChild === group) group.classList.toggle("continued", this.#continues(entry, list));
    group.lastChild.append(bubble);
    this.#last.set(list, { group, from: entry.from, mine: entry.mine, at: entry.at });
  }

  /** Whether an unsent message follows a message of our own that is sent. */
  #continues(entry, list) {
    return list === this.#unsent && this.#belongs(entry, this.#last.get(this.#list));
  }

  #belongs(entry, last) {
    return last?.from === entry.from && last.mine === entry.mine && Math.abs(entry.at - last.at) < TOGETHER;
  }

  #group(entry, list) {
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
    list.append(group);
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
