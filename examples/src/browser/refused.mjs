import { Socket } from "./phoenix.mjs";

const socket = new Socket("/socket");
socket.onMessage(({ topic, event, payload }) => {
  if (topic === "phoenix" && event === "refused") {
    socket.disconnect();
    if (payload.status === 401) signIn();
    else show(`Refused: ${payload.reason}`);
  }
});
socket.connect();
