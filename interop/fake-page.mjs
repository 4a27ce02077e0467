/** A target of events that calls its listeners in the order in which they were added, those for the capture phase too, as browsers do at the target. */
class Target {
  #listeners = [];

  addEventListener(type, listener) {
    if (!this.#listeners.some(each => each.type === type && each.listener === listener)) this.#listeners.push({ type, listener });
  }

  removeEventListener(type, listener) {
    this.#listeners = this.#listeners.filter(each => each.type !== type || each.listener !== listener);
  }

  fire(type) {
    const event = (globalThis.window.event = { type });
    for (const each of this.#listeners.filter(each => each.type === type)) each.listener(event);
    globalThis.window.event = undefined;
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
