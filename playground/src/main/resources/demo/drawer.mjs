/** The side panel, which on a narrow screen is a drawer over the page. */
export class Drawer {
  #side = document.getElementById("side");
  #main = document.getElementById("main");
  #shade = document.getElementById("shade");
  #menu = document.getElementById("menu");
  #close = document.getElementById("side-close");

  constructor() {
    this.#menu.addEventListener("click", () => this.open());
    this.#close.addEventListener("click", () => this.close());
    this.#shade.addEventListener("click", () => this.close());
    this.#side.addEventListener("keydown", event => event.key === "Escape" && this.close());
    matchMedia("(min-width: 640px)").addEventListener("change", () => this.close());
  }

  open() {
    this.#set(true);
    this.#close.focus();
  }

  close() {
    if (!this.#side.classList.contains("open")) return;
    this.#set(false);
    this.#menu.focus();
  }

  #set(open) {
    this.#side.classList.toggle("open", open);
    this.#shade.hidden = !open;
    this.#main.inert = open;
    this.#menu.ariaExpanded = String(open);
  }
}
