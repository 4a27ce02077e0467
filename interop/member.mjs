// A member of a room, for tests that start it on another host: node member.mjs URL TOPIC USER [SHOUTS]
// It shouts its name and a number each 50 ms, if it is told how many, and prints what happens as lines of JSON. It ends with
// its standard input.
import { Presence, Socket } from "phoenix";
import WebSocket from "ws";

const [url, topic, user, shouts = "0"] = process.argv.slice(2);
const say = line => process.stdout.write(`${JSON.stringify(line)}\n`);

const socket = new Socket(url, { transport: WebSocket, reconnectAfterMs: () => 500, rejoinAfterMs: () => 500 });
socket.onClose(({ code }) => say({ what: "closed", code }));
socket.connect();

const room = socket.channel(topic, { user });
const presence = new Presence(room);
presence.onSync(() => say({ what: "here", users: presence.list(name => name).sort() }));
room.on("shout", ({ by, n }) => say({ what: "heard", by, n }));
room.join().receive("ok", () => say({ what: "joined" }));

process.stdin.on("data", () => {
  let n = 0;
  const timer = setInterval(() => (++n <= Number(shouts) ? room.push("shout", { by: user, n }) : clearInterval(timer)), 50);
});
process.stdin.on("end", () => process.exit(0));
