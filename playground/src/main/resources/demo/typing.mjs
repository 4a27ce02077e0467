const TELL_EVERY = 2000;
const FORGET_AFTER = 3000;
const REMEMBERED = 20;

/** Who is typing in the room that is shown, and when to say that we are. */
export class Typing {
  #people = new Map();
  #toldAt = -Infinity;

  constructor(changed) {
    this.changed = changed;
  }

  saw(name) {
    clearTimeout(this.#people.get(name));
    if (!this.#people.has(name) && this.#people.size >= REMEMBERED) return;
    this.#people.set(name, setTimeout(() => this.stopped(name), FORGET_AFTER));
    this.changed();
  }

  stopped(name) {
    clearTimeout(this.#people.get(name));
    if (this.#people.delete(name)) this.changed();
  }

  clear() {
    for (const timer of this.#people.values()) clearTimeout(timer);
    this.#people.clear();
    this.#toldAt = -Infinity;
    this.changed();
  }

  /** Whether the others should hear of this keystroke: at most once in 2 s. */
  due() {
    const now = performance.now();
    if (now - this.#toldAt < TELL_EVERY) return false;
    this.#toldAt = now;
    return true;
  }

  /** The next keystroke is news again. */
  said() {
    this.#toldAt = -Infinity;
  }

  sentence() {
    const names = [...this.#people.keys()];
    if (names.length === 0) return "";
    if (names.length === 1) return `${names[0]} is typing…`;
    if (names.length > 3) return "Several people are typing…";
    return `${names.slice(0, -1).join(", ")} and ${names.at(-1)} are typing…`;
  }
}
