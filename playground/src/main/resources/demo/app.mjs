import { Composer } from "./composer.mjs";
import { Connection } from "./connection.mjs";
import { Cut } from "./cut.mjs";
import { Drawer } from "./drawer.mjs";
import { Hint } from "./hint.mjs";
import { Identity } from "./identity.mjs";
import { Log } from "./log.mjs";
import { Nodes } from "./nodes.mjs";
import { People } from "./people.mjs";
import { Room } from "./room.mjs";
import { Rooms } from "./rooms.mjs";
import { describe, Status } from "./status.mjs";
import { Typing } from "./typing.mjs";
import { Wire } from "./wire.mjs";

const VISITED = 12;

const visited = new Map();
let room;
let unread = 0;

const log = new Log();
const people = new People();
const wire = new Wire();
const drawer = new Drawer();
const hint = new Hint(() => connection.retry());
const cut = new Cut(ms => {
  connection.cut(ms);
  composer.focus();
});
const typing = new Typing(showHint);
const status = new Status(now => describe(connection, room, now, nodes.own), showStatus);
const connection = new Connection({
  changed: () => status.update(),
  sent: frame => wire.sent(frame),
  received: frame => wire.received(frame),
});
const nodes = new Nodes(connection, () => status.update());
const identity = new Identity(() => {
  nodes.enter(identity.name);
  room.enter(identity.name);
  composer.focus();
});
const composer = new Composer({
  send(text) {
    typing.said();
    return room.say(identity.name, text);
  },
  typing() {
    if (room.phase === "joined" && typing.due()) room.whisperTyping(identity.name);
  },
});

const listener = {
  added(where, entry) {
    if (where !== room) return;
    log.add(entry);
    if (entry.note || entry.mine) return;
    typing.stopped(entry.from);
    if (document.hidden) {
      unread++;
      showTitle();
    }
  },
  wrote(where, message) {
    if (where === room) log.wrote(message);
  },
  confirmed(where, ms) {
    wire.roundTrip(ms);
  },
  typing(where, name) {
    if (where !== room) return;
    typing.saw(name);
  },
  counted(where, note) {
    if (where === room) log.counted(note);
  },
  people(where) {
    if (where !== room) return;
    people.show(room.people, identity.name);
    log.greet(room.name, room.people, identity.name);
  },
  changed: () => status.update(),
};

const rooms = new Rooms(enter);

function enter(name) {
  drawer.close();
  if (room?.name === name) {
    if (room.phase === "closed") room.enter(identity.name);
    return;
  }
  room?.leave();
  room = visited.get(name) ?? new Room(name, connection, listener);
  visited.delete(name);
  visited.set(name, room);
  if (visited.size > VISITED) visited.delete(visited.keys().next().value);

  rooms.show(name);
  document.getElementById("title").textContent = name;
  document.getElementById("fact-topic").textContent = room.topic;
  composer.invite(name);
  typing.clear();
  people.clear();
  log.show(room.entries, room.unsent);
  log.greet(name, [], "");
  showTitle();
  if (identity.name === "") return;
  room.enter(identity.name);
  if (matchMedia("(pointer: fine)").matches) composer.focus();
}

/** While the room cannot be reached, nothing is shown that may have changed meanwhile. */
function showStatus() {
  if (!status.online) {
    people.away();
    typing.clear();
    log.greet(room.name, [], "");
  }
  if (status.offline) {
    nodes.away();
    wire.away();
  }
  cut.show(connection.phase === "open");
  showHint();
}

function showHint() {
  hint.show(typing.sentence(), status);
}

function showTitle() {
  document.title = `${unread > 0 ? `(${unread}) ` : ""}#${room.name} · Heliodor`;
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden || unread === 0) return;
  unread = 0;
  showTitle();
});
addEventListener("online", () => connection.retry());

enter(rooms.current());
identity.start();
connection.connect();
