import { Socket } from "./phoenix.mjs";
import { withHistory } from "/socket/heliodor.mjs";

const socket = new Socket("/socket");
socket.connect();

const room = withHistory(socket, "room:lobby", { user: "ann" });
room.onState(state => showAll(state));
room.on("message", message => show(message));
room.join();
