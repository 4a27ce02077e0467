import { Socket } from "./phoenix.mjs";

const socket = new Socket("/socket");
socket.connect();

const tasks = new Map();

const list = socket.channel("list:1");
list.on("changed", task => tasks.set(task.id, task));
list.join().receive("ok", state => {
  tasks.clear();
  state.tasks.forEach(task => tasks.set(task.id, task));
});
