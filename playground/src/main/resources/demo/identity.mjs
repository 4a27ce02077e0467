import { dress, suggestName } from "./names.mjs";
import { name as clean } from "./payloads.mjs";

const KEY = "heliodor.name";

/** Who we are: remembered by the browser, for this tab first, so that two tabs can be two people. */
export class Identity {
  name = "";
  #dialog = document.getElementById("welcome");
  #input = document.getElementById("name");

  constructor(chosen) {
    this.chosen = chosen;
    document.getElementById("suggest").addEventListener("click", () => {
      this.#input.value = suggestName();
      this.#input.select();
    });
    document.getElementById("me").addEventListener("click", () => this.ask());
    this.#dialog.addEventListener("close", () => this.#become(clean(this.#input.value) || this.name || suggestName()));
    this.#dialog.addEventListener("cancel", () => {
      if (this.name !== "") this.#input.value = this.name;
    });
    document.getElementById("welcome-form").addEventListener("submit", event => {
      if (clean(this.#input.value) === "") event.preventDefault();
    });
  }

  start() {
    const known = clean(stored(() => sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY)));
    if (known === "") this.ask();
    else this.#become(known);
  }

  ask() {
    const first = this.name === "";
    document.getElementById("welcome-title").textContent = first ? "Welcome" : "Your name";
    document.getElementById("welcome-go").textContent = first ? "Come in" : "Save";
    this.#input.value = this.name || suggestName();
    this.#dialog.showModal();
    this.#input.select();
  }

  #become(name) {
    this.name = name;
    stored(() => {
      sessionStorage.setItem(KEY, name);
      localStorage.setItem(KEY, name);
    });
    document.getElementById("me-name").textContent = name;
    dress(document.getElementById("me-avatar"), name);
    this.chosen();
  }
}

// A browser may forbid storage; then the name lasts as long as the page.
function stored(access) {
  try {
    return access();
  } catch {
    return undefined;
  }
}
