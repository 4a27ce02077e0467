// @ts-check
import { Awareness, basicSetup, Doc, EditorState, EditorView, openDocument, placeholder, yCollab } from "./vendor/editor.mjs";
import { Connection } from "./connection.mjs";
import { hue, suggestName } from "./names.mjs";
import { readNodes } from "./payloads.mjs";

const KEY = "heliodor.name";
const PHASES = { joining: "Connecting", refused: "Refused", closed: "Closed by the server", left: "Left" };

const name = documentName() || "welcome";
const user = storedName() || suggestName();
const color = `hsl(${hue(user)} 55% 45%`;

const doc = new Doc();
const awareness = new Awareness(doc);
awareness.setLocalStateField("user", { name: user, color: `${color})`, colorLight: `${color} / 25%)` });

const nothing = () => {};
const connection = new Connection({ changed: nothing, sent: nothing, received: nothing });
const provider = openDocument(connection.client, `doc:${name}`, doc, { awareness });
const text = doc.getText("text");

const view = new EditorView({
  parent: byId("editor"),
  state: EditorState.create({
    extensions: [
      basicSetup,
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": "Text" }),
      placeholder("This document has no text yet. Write something: all who open this page see it as you type."),
      yCollab(text, awareness),
    ],
  }),
});
provider.whenSynced().then(() => view.focus(), () => {}); // its status has the error

// After the end of its node the page goes to another one.
const nodes = connection.client.channel("demo:nodes", { user });
nodes.presence().onChange(people => connection.know(readNodes(people).nodes.map(({ port }) => port)));
nodes.join();

byId("title").textContent = name;
document.title = `${name} · Heliodor`;
provider.onStatus(showStatus);
awareness.on("change", showWriters);
showStatus(provider.status);
showWriters();
addEventListener("hashchange", () => location.reload());
addEventListener("beforeunload", event => {
  if (!provider.status.saved) event.preventDefault();
});

/** @param {import("@heliodor/yjs").DocumentStatus} status */
function showStatus({ phase, saved, error }) {
  const isBad = error !== undefined || (phase !== "synced" && phase !== "joining");
  byId("status").dataset.state = isBad ? "refused" : phase === "synced" ? "online" : "connecting";
  byId("status-text").textContent = error ? `Not saved: ${error}` : phase === "synced" ? (saved ? "Saved" : "Saving") : PHASES[phase];
}

function showWriters() {
  const writers = [...awareness.getStates().values()].flatMap(({ user }) => (typeof user?.name === "string" ? [user] : []));
  byId("writers").replaceChildren(
    ...writers.map(writer => {
      const item = document.createElement("li");
      item.textContent = writer.name.slice(0, 24);
      if (typeof writer.color === "string") item.style.setProperty("--color", writer.color);
      return item;
    }),
  );
}

/** @param {string} id */
function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** An address may have been written by hand. */
function documentName() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return "";
  }
}

/** A browser may forbid storage. */
function storedName() {
  try {
    return sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
