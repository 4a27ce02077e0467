/** A target of events whose listeners for the capture phase are called first, as those of a browser. */
class Target {
  #listeners = [];

  addEventListener(type, listener, capture = false) {
    this.#listeners.push({ type, listener, capture: capture === true || capture?.capture === true });
  }

  removeEventListener(type, listener) {
    this.#listeners = this.#listeners.filter(each => each.type !== type || each.listener !== listener);
  }

  fire(type) {
    const due = this.#listeners.filter(each => each.type === type);
    for (const capture of [true, false]) for (const each of due) if (each.capture === capture) each.listener({ type });
  }

  get count() {
    return this.#listeners.length;
  }
}

/** The window and the document of a page, for modules that are imported after it was made. */
export class FakePage extends Target {
  document = Object.assign(new Target(), { visibilityState: "visible" });

  static make() {
    const page = new FakePage();
    globalThis.window = page;
    globalThis.document = page.document;
    return page;
  }

  /** An event of the document, which comes to the window as well. */
  fireDocument(type) {
    this.document.fire(type);
    this.fire(type);
  }

  hide() {
    this.document.visibilityState = "hidden";
    this.fireDocument("visibilitychange");
  }

  show() {
    this.document.visibilityState = "visible";
    this.fireDocument("visibilitychange");
  }
}
