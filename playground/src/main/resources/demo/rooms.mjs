import { roomName } from "./payloads.mjs";

const SUGGESTED = ["lobby", "garden", "workshop", "night-shift"];
const SHOWN = 8;

/** The list of rooms; the hash of the address says which one is shown. */
export class Rooms {
  #list = document.getElementById("rooms");
  #form = document.getElementById("room-form");
  #input = document.getElementById("room-name");
  #names = [...SUGGESTED];

  constructor(chosen) {
    this.chosen = chosen;
    this.#form.addEventListener("submit", event => {
      event.preventDefault();
      const name = roomName(this.#input.value);
      this.#input.value = "";
      if (name === "") return;
      if (name === this.current()) chosen(name);
      else location.hash = encodeURIComponent(name);
    });
    // A click on the room that is shown changes no hash, but may be meant to enter it again.
    this.#list.addEventListener("click", event => {
      const link = event.target.closest("a");
      if (link?.ariaCurrent === "page") chosen(this.current());
    });
    addEventListener("hashchange", () => chosen(this.current()));
  }

  current() {
    let hash = location.hash.slice(1);
    try {
      hash = decodeURIComponent(hash);
    } catch {
      // Not encoded by us: taken as it stands.
    }
    return roomName(hash) || SUGGESTED[0];
  }

  show(current) {
    if (!this.#names.includes(current)) {
      this.#names = [...SUGGESTED, ...this.#names.slice(SUGGESTED.length), current];
      if (this.#names.length > SHOWN) this.#names.splice(SUGGESTED.length, 1);
    }
    this.#list.replaceChildren(
      ...this.#names.map(name => {
        const link = document.createElement("a");
        link.href = `#${encodeURIComponent(name)}`;
        link.textContent = name;
        link.dir = "auto";
        if (name === current) link.ariaCurrent = "page";
        const item = document.createElement("li");
        item.append(link);
        return item;
      }),
    );
  }
}
