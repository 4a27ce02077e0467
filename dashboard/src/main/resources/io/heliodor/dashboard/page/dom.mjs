// @ts-check
/**
 * An element with text and elements as its children. Texts are never read as HTML.
 *
 * @param {string} tag
 * @param {string} className
 * @param {...(string | Node)} children
 * @returns {HTMLElement}
 */
export function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className !== "") element.className = className;
  element.append(...children);
  return element;
}

/** A link within the page. */
export function link(href, text) {
  const element = make("a", "", text);
  element.setAttribute("href", href);
  return element;
}

/**
 * A button with a text.
 *
 * @param {string} text
 * @param {() => void} pressed
 */
export function button(text, pressed) {
  const element = make("button", "control", text);
  element.setAttribute("type", "button");
  element.addEventListener("click", pressed);
  return element;
}

/**
 * A field for a text, with its label as a placeholder.
 *
 * @param {string} label
 * @param {string} type
 */
export function field(label, type) {
  /** @type {any} */
  const control = make("input", "");
  for (const [name, value] of Object.entries({ type, placeholder: label, maxlength: "255", autocapitalize: "none", spellcheck: "false", autocomplete: "off" })) {
    control.setAttribute(name, value);
  }
  return { control, element: labelled(label, control) };
}

/**
 * A choice of one of some texts.
 *
 * @param {string} label
 * @param {string[]} texts
 */
export function select(label, texts) {
  /** @type {any} */
  const control = make("select", "", ...texts.map(text => make("option", "", text)));
  return { control, element: labelled(label, control) };
}

function labelled(label, control) {
  return make("label", "field", make("span", "sr", label), control);
}

/** Sets a text; one that stays the same stays selected. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A section with a heading. */
export function section(title, ...children) {
  return make("section", "block", make("h2", "", title), ...children);
}

const kind = title => (title.startsWith("#") ? "number" : title.startsWith("!") ? "actions" : "");
const shown = title => (title.startsWith("!") ? "" : title.replace("#", ""));

/** A table whose rows stay as they are while their cells change, so focus and selection stay. */
export class Table {
  #body = make("tbody", "");
  #rows = new Map();
  #empty;

  /**
   * @param {string[]} columns their titles; one that begins with "#" has numbers, and one that begins with "!" has actions and no title
   * @param {string} empty the text without rows
   */
  constructor(columns, empty) {
    this.columns = columns;
    const heads = columns.map(title => {
      const head = make("th", kind(title), shown(title));
      head.setAttribute("scope", "col");
      return head;
    });
    this.#empty = make("p", "quiet", empty);
    const table = make("table", "", make("thead", "", make("tr", "", ...heads)), this.#body);
    this.element = make("div", "table", table, this.#empty);
  }

  /** @param {string} text the text without rows, from now on */
  set empty(text) {
    setText(this.#empty, text);
  }

  /**
   * Shows rows by their keys; a cell is a text, a text that needs action, or an element that is made for a new row only.
   *
   * @param {any[][]} rows each a key and the cells
   */
  show(rows) {
    const before = this.#rows;
    this.#rows = new Map();
    for (const [key, cells] of rows) {
      const row = before.get(key) ?? this.#row(cells);
      cells.forEach((cell, i) => {
        if (typeof cell === "function") return;
        setText(row.children[i], cell.text ?? cell);
        row.children[i].classList.toggle("alarm", cell.alarm === true);
      });
      this.#rows.set(key, row);
    }
    const order = [...this.#rows.values()];
    if (order.length !== this.#body.children.length || order.some((row, i) => this.#body.children[i] !== row)) {
      this.#body.replaceChildren(...order);
    }
    this.#empty.hidden = order.length > 0;
  }

  #row(cells) {
    return make(
      "tr",
      "",
      ...cells.map((cell, i) => {
        const element = make("td", kind(this.columns[i]));
        element.dataset.title = shown(this.columns[i]);
        if (typeof cell === "function") element.append(cell());
        return element;
      }),
    );
  }
}
