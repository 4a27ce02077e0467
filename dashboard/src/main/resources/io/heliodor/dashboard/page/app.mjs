// @ts-check
import { Actions } from "./actions.mjs";
import { Connection } from "./connection.mjs";
import { setText } from "./dom.mjs";
import { EventsView } from "./events.mjs";
import { HandlersView } from "./handlers.mjs";
import { OverviewView } from "./overview.mjs";
import { SlowView } from "./slow.mjs";
import { takeToken } from "./token.mjs";
import { encoded, TopicsView, TopicView } from "./topics.mjs";
import { TraceView } from "./trace.mjs";
import { TryView } from "./try.mjs";
import { UsersView, UserView } from "./users.mjs";

const EVERY = 1000;
const PROBLEMS = { busy: "Too many searches at once", rate_limited: "Too many calls at once" };

/** @param {string} id @returns {any} */
const element = id => document.getElementById(id);
const main = element("main");
const search = element("search-text");
const status = element("status");

const connection = new Connection(takeToken());
const actions = new Actions(connection);
const overview = new OverviewView(actions);
let view;
let timer;
let problem = "";
let awaitsResult = false;

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
      return [new SlowView(actions), "slow"];
    case "topics":
      return [new TopicsView(text), "topics"];
    case "topic":
      return [new TopicView(text, actions), "topics"];
    case "trace-user":
      return [new TraceView("user", text, untrace), "users"];
    case "trace-topic":
      return [new TraceView("topic", text, untrace), "topics"];
    case "try":
      return [new TryView(text, connection), "try"];
    case "users":
      return [new UsersView(text), "users"];
    case "user":
      return [new UserView(text, actions), "users"];
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
  if (location.hash === "#main" && view) return; // the link to the content, unless the page was loaded with it
  const [next, area] = route();
  view?.leave?.();
  view = next;
  document.title = `${view.title} · Heliodor dashboard`;
  for (const each of ["overview", "handlers", "events", "topics", "users", "slow", "try"]) {
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
  try {
    if (connection.state[0] === "live" && call) {
      /** @type {any} */
      const { status, reply, error } = await connection.channel.call(call, asked.payload());
      // A view that was left ends what it has begun.
      if (asked !== view && status === "ok") asked.late?.(reply);
      if (asked !== view) return;
      problem = status === "ok" ? "" : (PROBLEMS[error?.reason] ?? "No answer");
      if (status === "ok") asked.show(reply, call);
      else if (asked.refuse?.(error)) problem = "";
      focusResult();
    }
  } finally {
    // The next reply is requested even if this one could not be shown.
    if (asked === view) {
      clearTimeout(timer);
      timer = setTimeout(look, EVERY);
      showStatus();
    }
  }
}

function showStatus() {
  const [state, text] = connection.state;
  const [shown, shownText] = state === "live" && problem !== "" ? ["busy", problem] : [state, text];
  status.dataset.state = shown;
  setText(element("status-text"), shownText);
  main.classList.toggle("stale", shown !== "live");
  main.toggleAttribute("data-actions", actions.on);
  element("nav-try").hidden = !actions.on;
}

/** Finds what is typed among topics, or among users if they are shown. Each search is one step back. */
function find() {
  const area = view instanceof UsersView || view instanceof UserView ? "users" : "topics";
  const isSearch = view instanceof UsersView || view instanceof TopicsView;
  if (isSearch && view.text === search.value) return;
  history[isSearch ? "replaceState" : "pushState"](null, "", `#/${area}/${encoded(search.value)}`);
  enter();
}

/** After the enter key the first result of the search gets the focus, when it is there. */
function focusResult() {
  const result = awaitsResult && main.querySelector("td a");
  if (!result) return;
  awaitsResult = false;
  result.focus();
}

let typed;
search.addEventListener("input", () => {
  clearTimeout(typed);
  awaitsResult = false;
  typed = setTimeout(find, 250);
});
element("search").addEventListener("submit", event => {
  event.preventDefault();
  clearTimeout(typed);
  awaitsResult = true;
  find();
  focusResult();
});
addEventListener("keydown", event => {
  if (event.key === "/" && !document.activeElement?.matches("input, select, textarea") && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
    search.select();
  } else if (event.key === "Escape" && document.activeElement === search) {
    main.focus();
  }
});
addEventListener("hashchange", () => {
  actions.clear();
  clearTimeout(typed); // a search that is typed would leave the page that was opened meanwhile
  enter();
});
document.addEventListener("visibilitychange", look);

main.before(actions.element);
enter();
connection.open(() => {
  showStatus();
  if (connection.state[0] === "live") look();
});
