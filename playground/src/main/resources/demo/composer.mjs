import { body } from "./payloads.mjs";

const TALLEST = 132;

/** The field in which one writes: Enter sends, Shift and Enter begins a line. */
export class Composer {
  #field = document.getElementById("message");
  #form = document.getElementById("composer");

  constructor({ send, typing }) {
    this.#form.addEventListener("submit", event => {
      event.preventDefault();
      const text = body(this.#field.value);
      if (text !== "" && send(text)) this.#field.value = "";
      this.#fit();
      this.focus();
    });
    this.#field.addEventListener("keydown", event => {
      // While an input method composes, Enter belongs to it.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#form.requestSubmit();
    });
    this.#field.addEventListener("input", () => {
      this.#fit();
      if (this.#field.value.trim() !== "") typing();
    });
    document.getElementById("skip").addEventListener("click", () => this.focus());
  }

  focus() {
    this.#field.focus({ preventScroll: true });
  }

  invite(room) {
    this.#field.placeholder = `Message #${room}`;
  }

  #fit() {
    this.#field.style.height = "auto";
    this.#field.style.height = `${Math.min(this.#field.scrollHeight, TALLEST)}px`;
  }
}
