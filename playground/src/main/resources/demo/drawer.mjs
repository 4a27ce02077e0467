/** The side panel, which on a narrow screen is a drawer over the page. */
export class Drawer {
  #side = document.getElementById("side");
  #main = document.getElementById("main");
  #shade = document.getElementById("shade");
  #menu = document.getElementById("menu");
  #here = document.getElementById("here");
  #close = document.getElementById("side-close");
  #scroll = document.getElementById("side-scroll");
  #people = document.getElementById("people-block");

  #opener = this.#menu;

  constructor() {
    for (const opener of [this.#menu, this.#here]) opener.addEventListener("click", () => this.#open(opener));
    this.#close.addEventListener("click", () => this.close());
    this.#shade.addEventListener("click", () => this.close());
    this.#side.addEventListener("keydown", event => event.key === "Escape" && this.close());
    matchMedia("(min-width: 640px)").addEventListener("change", () => this.close());
  }

  #open(opener) {
    this.#opener = opener;
    this.#set(true);
    // The button at the top shows the people, whatever stands above them.
    this.#scroll.scrollTop = opener === this.#here ? this.#people.offsetTop - this.#scroll.offsetTop : 0;
    this.#close.focus({ preventScroll: true });
  }

  close() {
    if (!this.#side.classList.contains("open")) return;
    this.#set(false);
    this.#opener.focus();
  }

  #set(open) {
    this.#side.classList.toggle("open", open);
    this.#shade.hidden = !open;
    this.#main.inert = open;
    for (const opener of [this.#menu, this.#here]) opener.ariaExpanded = String(open);
  }
}
