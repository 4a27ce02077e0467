/** The line above the field: who is typing, or what becomes of a message while there is no connection. */
export class Hint {
  #line = document.getElementById("typing");
  #text = document.getElementById("typing-text");
  #retry = document.getElementById("retry");

  constructor(retry) {
    this.#retry.addEventListener("click", retry);
  }

  /** The next try can be made now, unless the connection was cut by the button. */
  show(typing, { offline, cut }) {
    this.#line.dataset.empty = String(typing === "" && !offline);
    this.#line.dataset.typing = String(typing !== "" && !offline);
    this.#text.textContent = offline ? "Write on, it is sent when we are back." : typing;
    this.#retry.hidden = !offline || cut;
  }
}
