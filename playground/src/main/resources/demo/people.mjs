import { dress } from "./names.mjs";

const SHOWN = 8;

/** The people of the room, for now those who were heard; presence will make it those who are here. */
export class People {
  #list = document.getElementById("people");
  #empty = document.getElementById("people-empty");
  #names = [];

  clear() {
    this.#names = [];
    this.#render();
  }

  heard(name) {
    if (this.#names.includes(name)) return;
    this.#names = [name, ...this.#names].slice(0, SHOWN);
    this.#render();
  }

  #render() {
    this.#empty.hidden = this.#names.length > 0;
    this.#list.replaceChildren(
      ...this.#names.map(name => {
        const item = document.createElement("li");
        const avatar = document.createElement("span");
        avatar.className = "avatar";
        avatar.ariaHidden = "true";
        dress(avatar, name);
        const text = document.createElement("span");
        text.dir = "auto";
        text.textContent = name;
        item.append(avatar, text);
        return item;
      }),
    );
  }
}
