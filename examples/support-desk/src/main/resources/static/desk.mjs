// @ts-check
import { Socket } from "./vendor/phoenix.mjs";
import { connect } from "./heliodor.mjs";
import { freshToken, people, signIn, signOut } from "./sign-in.mjs";

const REFRESH = 5 * 60_000; // a token is valid for ten minutes
const TYPING = 4_000;

/** @typedef {import("../../../../types/desk").Desk} Desk */

/** @returns {any} */
const find = id => document.getElementById(id);
/** @type {Map<number, Desk["types"]["Ticket"]>} */
const tickets = new Map();
/** @type {Map<number, Desk["types"]["Unread"]>} */
const unread = new Map();
const unsent = []; // messages of this page that the server has not confirmed
let online = new Map();
let filter = "All";
let me;
let token;
/** @type {import("@heliodor/client").Client<Desk>} */
let client;
/**
 * The conversation that is shown.
 *
 * @type {{ channel: import("@heliodor/client").Channel<import("@heliodor/client").ChannelAt<Desk, `ticket:${string}`>>, [more: string]: any }}
 */
let room;

// Signing in

async function chooseAPerson() {
  const all = await people();
  find("sign-in-text").textContent = all.length ? "Who are you?" : "Sign in at your identity provider.";
  find("try").hidden = all.length === 0;
  find("people").replaceChildren(
    ...all.map(person =>
      element("li", {}, element("button", { onclick: () => enter(person) }, avatar(person.name), label(person.name, person.agent ? "Agent" : "Customer"))),
    ),
  );
}

async function enter(person) {
  signIn(person.id);
  token = await freshToken();
  if (token) await start();
}

async function start() {
  const mine = await request("GET", "/api/me");
  if (!mine) return chooseAPerson();
  me = mine.person;
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const address = mine.socket.startsWith(":") ? `${scheme}://${location.hostname}${mine.socket}` : mine.socket;
  client = connect(new Socket(address), {
    token: async () => (token = (await freshToken()) ?? token),
    refreshEvery: REFRESH,
  });
  client.onStatus(now => {
    if (now.phase === "open") status("online", "Connected");
    else if (now.phase === "refused") status("refused", now.final ? "Signed out" : "Busy: one moment…");
    else status("connecting", "Connecting…");
  });

  find("me").replaceChildren(avatar(me.name), me.name);
  find("open").hidden = me.agent;
  find("filters").hidden = !me.agent;
  joinMine();
  if (me.agent) joinAgents();
  addEventListener("hashchange", show);
  document.addEventListener("visibilitychange", markRead);
  show();
}

/** Own tickets, unread messages and notices. */
function joinMine() {
  const mine = client.channel(`user:${me.id}`);
  mine.onState(state => {
    unread.clear();
    state.unread.forEach(each => unread.set(each.ticket, each));
    if (!me.agent) takeAll(state.tickets);
    showTickets();
  });
  mine.on("unread", each => {
    if (each.version >= (unread.get(each.ticket)?.version ?? 0)) unread.set(each.ticket, each);
    showTickets();
  });
  mine.on("changed", ticket => me.agent || take(ticket));
  mine.on("notice", ({ text, ticket }) => notify(text, ticket));
  mine.count("agents").onChange(count => {
    if (!me.agent) find("online").textContent = count === 1 ? "1 agent online" : `${count} agents online`;
  });
  mine.join();
}

/** All open tickets, and the agents who are online. */
function joinAgents() {
  const agents = client.channel("agents");
  agents.presence().onChange(people => {
    online = new Map([...people].map(([id, { metas: [{ name }] }]) => [id, name]));
    find("online").replaceChildren(...[...online].map(([, name]) => avatar(name)));
    find("online").ariaLabel = `Online: ${[...online.values()].join(", ")}`;
    showTicket();
    showTickets();
  });
  agents.onState(state => takeAll(state.tickets));
  agents.on("changed", ticket => {
    if (!tickets.has(ticket.id) && ticket.version === 0) notify(`${ticket.name} asks: ${ticket.subject}`, ticket.id);
    take(ticket);
  });
  agents.join();
}

function takeAll(all) {
  tickets.clear();
  all.forEach(ticket => tickets.set(ticket.id, ticket));
  if (room?.ticket && !tickets.has(room.id)) tickets.set(room.id, room.ticket);
  showTickets();
}

function take(ticket) {
  if (ticket.version < (tickets.get(ticket.id)?.version ?? 0)) return;
  tickets.set(ticket.id, ticket);
  if (me.agent && ticket.closed && room?.id !== ticket.id) tickets.delete(ticket.id);
  showTickets();
  showTicket();
}

// The conversation

/** Shows the ticket that the address names. */
function show() {
  const id = Number(location.hash.slice(1));
  document.body.dataset.view = id ? "ticket" : "list";
  if (room?.id === id) return;
  room?.channel.leave();
  room = id ? joinTicket(id) : undefined;
  showTickets();
  showTicket();
  showMessages();
}

const NO_TICKET = ["not_found", "unmatched topic"];

function joinTicket(id) {
  const channel = client.channel(`ticket:${id}`, {}, { retries: ({ reason }) => !NO_TICKET.includes(reason) });
  const joined = { id, channel, ticket: tickets.get(id), messages: new Map(), seen: new Map(), typing: new Map(), fresh: 0, marked: 0 };
  channel.onState(({ ticket, messages, seen }) => {
    joined.messages = new Map(messages.map(message => [message.id, message]));
    joined.seen = new Map(seen.map(({ reader, upto }) => [reader, upto]));
    joined.marked = joined.seen.get(me.id) ?? 0;
    joined.ticket = ticket;
    tickets.set(id, ticket);
    showTickets();
    showTicket();
    showMessages(true);
  });
  channel.onRecovered(() => unsent.filter(message => message.ticket === id).forEach(message => send(joined, message)));
  channel.on("message", message => {
    joined.fresh = message.id;
    joined.messages.set(message.id, message);
    joined.typing.delete(message.author);
    confirm(message);
    showMessages();
  });
  channel.on("seen", ({ reader, upto }) => {
    joined.seen.set(reader, Math.max(upto, joined.seen.get(reader) ?? 0));
    showMessages();
  });
  channel.on("changed", ticket => {
    joined.ticket = ticket;
    take(ticket);
  });
  channel.on("is_typing", ({ by, active }) => {
    clearTimeout(joined.typing.get(by.id)?.ends);
    joined.typing.delete(by.id);
    if (active) joined.typing.set(by.id, { name: by.name, ends: setTimeout(() => joined.typing.delete(by.id) && showTyping(), 2 * TYPING) });
    showTyping();
  });
  channel.onStatus(now => {
    if (now.phase !== "refused" || !now.final) return;
    notify("There is no such ticket.");
    location.hash = "";
  });
  channel.join();
  return joined;
}

find("say").onsubmit = event => {
  event.preventDefault();
  const body = find("body").value.trim();
  if (!room || !body) return;
  const message = { ticket: room.id, clientId: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, body, author: me.id, name: me.name };
  unsent.push(message);
  find("body").value = "";
  grow();
  stopTyping();
  send(room, message);
  showMessages(true);
};

/** Sends a message until the server has it; with its own id it comes once, however often it is sent. */
async function send(to, message) {
  if (to.channel.status.phase !== "joined") return; // the join sends it
  const { status, reply: stored, error: refusal } = await to.channel.call("say", { body: message.body, clientId: message.clientId });
  if (status === "timeout") return send(to, message);
  if (status === "closed") return;
  if (stored) {
    to.messages.set(stored.id, stored);
    confirm(stored);
  } else {
    if (refusal.reason === "rate_limited") return setTimeout(() => send(to, message), refusal.retry_after_ms);
    confirm({ author: me.id, clientId: message.clientId });
    notify(`Not sent: ${refusal.message ?? refusal.reason}`);
    find("body").value ||= message.body;
  }
  showMessages();
}

function confirm({ author, clientId }) {
  const at = unsent.findIndex(message => author === me.id && message.clientId === clientId);
  if (at >= 0) unsent.splice(at, 1);
}

/** Marks what is visible as read. */
function markRead() {
  if (document.hidden || document.body.dataset.view !== "ticket" || room?.channel.status.phase !== "joined") return;
  const newest = Math.max(0, ...[...room.messages.values()].filter(({ author }) => author !== me.id).map(({ id }) => id));
  if (newest <= room.marked) return;
  room.marked = newest;
  room.channel.call("read", { upto: newest });
}

let typed = 0;
let pause;
find("body").oninput = () => {
  grow();
  clearTimeout(pause);
  pause = setTimeout(stopTyping, TYPING);
  if (!room || room.channel.status.phase !== "joined" || Date.now() - typed < TYPING / 2) return;
  typed = Date.now();
  room.channel.push("typing", { active: true });
};
find("body").onkeydown = event => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || matchMedia("(pointer: coarse)").matches) return;
  event.preventDefault();
  find("say").requestSubmit();
};

function stopTyping() {
  clearTimeout(pause);
  if (typed && room?.channel.status.phase === "joined") room.channel.push("typing", { active: false });
  typed = 0;
}

function grow() {
  find("body").style.height = "auto";
  find("body").style.height = `${find("body").scrollHeight + 2}px`;
}

// Changes by HTTP

find("open").onsubmit = async event => {
  event.preventDefault();
  const ticket = await request("POST", "/api/tickets", { subject: find("subject").value });
  if (!ticket) return;
  event.target.reset();
  take(ticket);
  location.hash = ticket.id;
};

find("assign").onchange = async ({ target }) => {
  const ticket = target.value && (await request("PUT", `/api/tickets/${room.id}/agent`, { agent: target.value }));
  if (ticket) take(ticket);
};

find("close").onclick = async () => {
  const { status, error } = await room.channel.call("close");
  if (status === "error") notify(error.reason);
};
find("back").onclick = () => (location.hash = "");
find("sign-out").onclick = () => {
  signOut();
  location.href = location.pathname;
};

async function request(method, path, body) {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  /** @type {any} */
  const reply = await fetch(path, { method, headers, body: body && JSON.stringify(body) }).catch(failure => ({ statusText: failure.message }));
  if (reply.ok) return reply.json();
  notify(`That did not work: ${reply.status ?? ""} ${reply.statusText}`);
}

// What one sees

function status(state, text) {
  document.body.dataset.state = state;
  find("status").textContent = text;
}

const FILTERS = {
  All: () => true,
  Mine: ticket => ticket.agent === me.id,
  Free: ticket => !ticket.agent,
};

function showTickets() {
  if (!me) return;
  const all = [...tickets.values()].filter(ticket => !me.agent || !ticket.closed);
  find("filters").replaceChildren(
    ...Object.entries(FILTERS).map(([name, test]) =>
      element("button", { ariaPressed: name === filter, onclick: () => choose(name) }, name, element("small", { textContent: all.filter(test).length })),
    ),
  );
  const visible = all.filter(me.agent ? FILTERS[filter] : () => true).sort((a, b) => Number(a.closed) - Number(b.closed) || b.id - a.id);
  find("tickets").replaceChildren(...visible.map(row));
  find("none").hidden = visible.length > 0;
  find("none").textContent = me.agent ? "Nothing to do here." : "No questions yet.";
  const waiting = [...unread.values()].reduce((sum, { messages }) => sum + messages, 0);
  document.title = waiting ? `(${waiting}) Support desk` : "Support desk";
}

function choose(name) {
  filter = name;
  showTickets();
}

function row(ticket) {
  const messages = unread.get(ticket.id)?.messages ?? 0;
  const note = ticket.closed ? "closed" : ticket.agent ? `with ${nameOf(ticket.agent)}` : "waits for an agent";
  const link = element("a", { href: `#${ticket.id}` }, avatar(ticket.name), label(ticket.subject, me.agent ? `${ticket.name} · ${note}` : note));
  if (messages) link.append(element("b", { className: "badge", textContent: messages, ariaLabel: `${messages} unread` }));
  if (ticket.id === room?.id) link.ariaCurrent = "page";
  return element("li", { className: [ticket.closed && "closed", messages && "unread"].filter(Boolean).join(" ") }, link);
}

function showTicket() {
  const ticket = room && (tickets.get(room.id) ?? room.ticket);
  find("ticket").classList.toggle("none", !room);
  if (!ticket) return void (find("title").textContent = find("about").textContent = "");
  find("title").textContent = ticket.subject;
  const agent = ticket.agent ? `with ${nameOf(ticket.agent)}` : "no agent yet";
  find("about").textContent = `${ticket.name} · ${ticket.closed ? "closed; a message opens it again" : agent}`;
  find("actions").hidden = !me.agent;
  find("close").disabled = ticket.closed;
  const choices = new Map([["", "No agent"], ...online]);
  if (ticket.agent && !choices.has(ticket.agent)) choices.set(ticket.agent, `${nameOf(ticket.agent)} (away)`);
  find("assign").replaceChildren(
    ...[...choices].map(([value, text]) => element("option", { value, textContent: value === me.id ? `${text} (you)` : text, disabled: !value })),
  );
  find("assign").value = ticket.agent;
}

function showMessages(jump) {
  const list = find("messages");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const stored = room ? [...room.messages.values()].sort((a, b) => a.id - b.id) : [];
  const waiting = room ? unsent.filter(message => message.ticket === room.id) : [];
  const all = [...stored, ...waiting];
  const lastOwn = stored.findLast(message => message.author === me?.id);
  list.replaceChildren(...all.map((message, at) => bubble(message, all[at - 1], message === lastOwn && waiting.length === 0)));
  if (jump || atEnd) list.scrollTop = list.scrollHeight;
  showTyping();
  markRead();
}

function bubble(message, before, isLastOwn) {
  const mine = message.author === me.id;
  const follows = before?.author === message.author;
  const note = !message.sent ? "Sending…" : isLastOwn ? `${time(message.sent)} · ${seenBy(message) || "Sent"}` : time(message.sent);
  return element(
    "li",
    { className: ["message", mine && "mine", follows && "follows", message.id === room.fresh && "fresh", !message.sent && "waits"].filter(Boolean).join(" ") },
    ...(mine ? [] : [avatar(message.name)]),
    element(
      "div",
      {},
      element("strong", { className: mine ? "hidden" : "", textContent: message.name }),
      element("p", { textContent: message.body }),
      element("small", { textContent: note }),
    ),
  );
}

function seenBy({ id }) {
  const readers = [...room.seen].filter(([reader, upto]) => reader !== me.id && upto >= id).map(([reader]) => nameOf(reader));
  return readers.length && `Seen by ${readers.join(" and ")}`;
}

function showTyping() {
  const names = room ? [...room.typing.values()].map(({ name }) => name) : [];
  find("typing").classList.toggle("active", names.length > 0);
  find("typing").textContent = names.length ? `${names.join(" and ")} ${names.length > 1 ? "are" : "is"} typing` : "";
}

/** The name of an agent or customer, of whatever has been received of that person. */
function nameOf(id) {
  if (id === me.id) return "you";
  const written = room && [...room.messages.values()].find(({ author }) => author === id);
  const asked = [...tickets.values()].find(({ customer }) => customer === id);
  return online.get(id) ?? written?.name ?? asked?.name ?? id;
}

function notify(text, ticket) {
  const notice = element("button", { className: "notice", textContent: text });
  notice.onclick = () => {
    if (ticket) location.hash = ticket;
    notice.remove();
  };
  find("notices").append(notice);
  setTimeout(() => notice.remove(), 6_000);
}

function time(instant) {
  const date = new Date(instant);
  const today = date.toDateString() === new Date().toDateString();
  return date.toLocaleString([], today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" });
}

function avatar(name) {
  const number = [...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 1_000, 7);
  const node = element("span", { className: "avatar", textContent: name[0], title: name, ariaHidden: "true" });
  node.style.setProperty("--hue", (number * 137) % 360);
  return node;
}

function label(text, note) {
  return element("span", { className: "label" }, element("span", { textContent: text }), element("small", { textContent: note }));
}

function element(tag, properties, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

token = await freshToken();
if (token) await start();
else await chooseAPerson();
