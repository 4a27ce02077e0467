import { Socket } from "./phoenix.mjs";
import { withHistory } from "./heliodor.mjs";

const socket = new Socket("/socket");
socket.connect();

const room = withHistory(socket, "room:lobby", { user: "ann" });
room.on("message", message => show(message));
room.onRecovered(({ recovered }) => {
  if (!recovered) fetchAll();
});
room.join();
