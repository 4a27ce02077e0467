// @ts-check
import { connect } from "@heliodor/client";
import { Socket } from "phoenix";

/** @typedef {import("../types/chat").Chat} Chat */

/** @returns {any} */
const find = id => document.getElementById(id);

/** @type {import("@heliodor/client").Client<Chat>} */
const client = connect(new Socket("/socket"));
const room = client.channel("room:lobby", () => ({ name: find("enter").elements.user.value }));

// After a lost connection the room is joined again: it sends the missed messages, or a new state if these are too many.
room.onState(() => find("messages").replaceChildren());
room.on("message", show);
room.presence().onChange(people => (find("people").textContent = `Here: ${[...people.keys()].join(", ")}`));
room.onStatus(({ phase, error }) => {
  const outside = ["idle", "refused", "closed"].includes(phase);
  find("enter").hidden = !outside;
  find("say").hidden = outside;
  find("say").inert = phase !== "joined"; // the field keeps its text
  find("problem").textContent =
    phase === "joining" ? "Connecting…"
    : phase === "closed" ? "The server has closed the room"
    : error ? `Not entered: ${"message" in error ? `the ${error.field} ${error.message}` : error.reason}`
    : "";
});

find("enter").onsubmit = event => {
  event.preventDefault();
  room.join();
};

find("say").onsubmit = event => {
  event.preventDefault();
  room.push("say", { text: find("say").elements.text.value });
  find("say").reset();
};

/** @param {Chat["types"]["Message"]} message */
function show({ from, text, at }) {
  const line = document.createElement("li");
  line.title = new Date(at).toLocaleString();
  line.append(Object.assign(document.createElement("b"), { textContent: from }), ` ${text}`);
  find("messages").append(line);
  line.scrollIntoView();
}
