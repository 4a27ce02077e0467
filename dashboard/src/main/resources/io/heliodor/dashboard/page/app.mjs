// @ts-check
import { Connection } from "./connection.mjs";
import { setText } from "./dom.mjs";
import { EventsView } from "./events.mjs";
import { HandlersView } from "./handlers.mjs";
import { OverviewView } from "./overview.mjs";
import { SlowView } from "./slow.mjs";
import { takeToken } from "./token.mjs";
import { TopicsView, TopicView } from "./topics.mjs";
import { TraceView } from "./trace.mjs";
import { UsersView, UserView } from "./users.mjs";

const EVERY = 1000;

/** @param {string} id @returns {any} */
const element = id => document.getElementById(id);
const main = element("main");
const search = element("search-text");
const status = element("status");

const connection = new Connection(takeToken());
const overview = new OverviewView();
let view;
let timer;

/**
 * The view of an address such as #/topic/room%3Alobby, and its area.
 *
 * @returns {[any, string]}
 */
function route() {
  const [, name = "", ...rest] = location.hash.split("/");
  const text = decoded(rest.join("/"));
  switch (name) {
    case "handlers":
      return [new HandlersView(), "handlers"];
    case "events":
      return [new EventsView(), "events"];
    case "slow":
      return [new SlowView(), "slow"];
    case "topics":
      return [new TopicsView(text), "topics"];
    case "topic":
      return [new TopicView(text), "topics"];
    case "trace-user":
      return [new TraceView("user", text, untrace), "users"];
    case "trace-topic":
      return [new TraceView("topic", text, untrace), "topics"];
    case "users":
      return [new UsersView(text), "users"];
    case "user":
      return [new UserView(text), "users"];
    default:
      return [overview, "overview"];
  }
}

/** @param {string} id */
function untrace(id) {
  connection.channel.call("untrace", { id });
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function enter() {
  if (location.hash === "#main") return;
  const [next, area] = route();
  view?.leave?.();
  view = next;
  document.title = `${view.title} · Heliodor dashboard`;
  for (const each of ["overview", "handlers", "events", "topics", "users", "slow"]) {
    if (each === area) element(`nav-${each}`).setAttribute("aria-current", "page");
    else element(`nav-${each}`).removeAttribute("aria-current");
  }
  if (document.activeElement !== search) search.value = view.text ?? "";
  main.replaceChildren(view.element);
  look();
}

/** Calls once, and again a second after the reply. A page that is hidden does not call. */
async function look() {
  clearTimeout(timer);
  if (document.hidden) return;
  const asked = view;
  const call = asked.call;
  if (connection.state[0] === "live" && call !== undefined) {
    const { status, reply, error } = await connection.channel.call(call, asked.payload());
    if (status === "ok") asked.show(reply, call);
    else if (status === "error") asked.refuse?.(error);
    if (asked !== view) return;
    main.classList.toggle("stale", status !== "ok");
  }
  clearTimeout(timer);
  timer = setTimeout(look, EVERY);
}

function showStatus() {
  const [state, text] = connection.state;
  status.dataset.state = state;
  setText(element("status-text"), text);
  main.classList.toggle("stale", state !== "live");
  if (state === "live") look();
}

/** Finds what is typed among topics, or among users if they are shown. */
function find() {
  const area = view instanceof UsersView || view instanceof UserView ? "users" : "topics";
  const hash = `#/${area}/${encodeURIComponent(search.value)}`;
  history.replaceState(null, "", hash);
  enter();
}

let typed;
search.addEventListener("input", () => {
  clearTimeout(typed);
  typed = setTimeout(find, 250);
});
element("search").addEventListener("submit", event => {
  event.preventDefault();
  find();
  main.querySelector("td a")?.focus();
});
addEventListener("keydown", event => {
  if (event.key === "/" && document.activeElement !== search && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
    search.select();
  } else if (event.key === "Escape" && document.activeElement === search) {
    main.focus();
  }
});
addEventListener("hashchange", () => {
  clearTimeout(typed); // a search that is typed would leave the page that was opened meanwhile
  enter();
});
document.addEventListener("visibilitychange", look);

enter();
connection.open(showStatus);
