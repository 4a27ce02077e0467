const CUT_FOR = 5000;

/** The button that cuts the connection, so that one can see what the history is for. */
export class Cut {
  #button = document.getElementById("cut");

  constructor(cut) {
    this.#button.addEventListener("click", () => cut(CUT_FOR));
  }

  show(online) {
    this.#button.disabled = !online;
  }
}
