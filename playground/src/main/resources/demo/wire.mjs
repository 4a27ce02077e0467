const SHOWN = 6;
const LENGTH = 120;

/** A window on the frames of the socket, for whoever wants to know what is happening. */
export class Wire {
  #list = document.getElementById("wire");
  #counts = document.getElementById("fact-frames");
  #rtt = document.getElementById("fact-rtt");
  #footRtt = document.getElementById("foot-rtt");
  #sent = 0;
  #received = 0;

  constructor() {
    const about = document.getElementById("about");
    about.addEventListener("toggle", () => about.open && about.scrollIntoView({ block: "nearest" }));
  }

  sent(frame) {
    this.#sent++;
    this.#show("↑", frame);
  }

  received(frame) {
    this.#received++;
    this.#show("↓", frame);
  }

  roundTrip(ms) {
    const text = `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
    this.#rtt.textContent = text;
    const words = document.createElement("span");
    words.textContent = "there and back in ";
    this.#footRtt.replaceChildren(words, text);
  }

  /** Without a connection the last time is not the present one. */
  away() {
    this.#rtt.textContent = "no connection";
    this.#footRtt.replaceChildren();
  }

  #show(arrow, frame) {
    this.#counts.textContent = `${this.#sent} sent, ${this.#received} received`;
    const line = document.createElement("li");
    line.textContent = `${arrow} ${typeof frame === "string" ? frame.slice(0, LENGTH) : `${frame.byteLength} bytes`}`;
    this.#list.prepend(line);
    if (this.#list.children.length > SHOWN) this.#list.lastChild.remove();
  }
}
