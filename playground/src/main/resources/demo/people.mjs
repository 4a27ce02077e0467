import { dress } from "./names.mjs";

const SHOWN = 100;
const NAMED = 3;

const collator = new Intl.Collator();
const and = new Intl.ListFormat("en-GB");

function make(tag, className) {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}

function who(people) {
  return people.length > NAMED ? `${people.length} people` : and.format(people.map(person => person.name));
}

/** Who is in the room: a row for each, ourselves first. Rows stay as they are while others come and go. */
export class People {
  #list = document.getElementById("people");
  #more = document.getElementById("people-more");
  #away = document.getElementById("people-away");
  #count = document.getElementById("people-count");
  #here = document.getElementById("here");
  #hereCount = document.getElementById("here-count");
  #spoken = document.getElementById("people-spoken");
  #rows = new Map();
  #known;

  constructor() {
    this.clear();
  }

  /** Without a connection it is not known who is there. */
  away() {
    if (!this.#away.hidden) return;
    this.clear();
    this.#away.hidden = false;
    this.#here.ariaLabel = "People here: not known now";
  }

  /** For another room: nobody is known yet, and whoever is there already is no news. */
  clear() {
    this.#render([], "");
    this.#known = undefined;
    this.#spoken.textContent = "";
  }

  show(people, own) {
    this.#render(people, own);
    this.#tell(people);
  }

  #render(people, own) {
    const first = person => (person.key === own ? 0 : 1);
    const sorted = people.toSorted((a, b) => first(a) - first(b) || collator.compare(a.name, b.name));
    const shown = new Map(sorted.slice(0, SHOWN).map(person => [person.key, person]));
    for (const [key, row] of this.#rows) {
      if (shown.has(key)) continue;
      row.remove();
      this.#rows.delete(key);
    }
    let next = this.#list.firstElementChild;
    for (const person of shown.values()) {
      const row = this.#row(person, own);
      if (row === next) next = next.nextElementSibling;
      else this.#list.insertBefore(row, next);
    }
    const more = people.length - shown.size;
    this.#away.hidden = true;
    this.#more.hidden = more === 0;
    this.#more.textContent = `and ${more} more`;
    this.#count.textContent = people.length > 0 ? people.length : "";
    this.#hereCount.textContent = people.length > 0 ? people.length : "–";
    this.#here.ariaLabel = `${people.length === 1 ? "1 person" : `${people.length} people`} here: show who`;
  }

  #row({ key, name, tabs }, own) {
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = make("li", "");
      const avatar = make("span", "avatar");
      avatar.ariaHidden = "true";
      dress(avatar, name);
      const text = make("span", "name");
      text.dir = "auto";
      text.textContent = name;
      row.append(avatar, text, make("small", ""));
      this.#rows.set(key, row);
    }
    const remarks = [key === own ? "you" : "", tabs > 1 ? `${tabs} tabs` : ""];
    row.lastChild.textContent = remarks.filter(remark => remark !== "").join(", ");
    return row;
  }

  #tell(people) {
    const before = this.#known;
    this.#known = new Map(people.map(person => [person.key, person]));
    if (before === undefined) return;
    const came = people.filter(person => !before.has(person.key));
    const left = [...before.values()].filter(person => !this.#known.has(person.key));
    const news = [came.length > 0 ? `${who(came)} came in.` : "", left.length > 0 ? `${who(left)} left.` : ""];
    if (came.length + left.length > 0) this.#spoken.textContent = news.join(" ").trim();
  }
}
