import { Socket } from "./phoenix.mjs";

const socket = new Socket("/socket");
socket.connect();

const tasks = new Map();
const keep = task => {
  if (!(tasks.get(task.id)?.version >= task.version)) tasks.set(task.id, task);
};

const list = socket.channel("list:1");
list.on("changed", keep);
list.on("state", state => state.tasks.forEach(keep));
list.join().receive("ok", () => tasks.clear());
