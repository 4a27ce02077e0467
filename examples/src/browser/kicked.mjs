import { Socket } from "./phoenix.mjs";

/** The close codes that are final: a connection would end in the same way again. */
const FINAL = [1002, 1007, 4400, 4401, 4403, 4429];

const socket = new Socket("/socket");
socket.onMessage(({ topic, event, payload }) => {
  if (topic === "phoenix" && event === "kicked") {
    socket.disconnect();
    show(`You were removed: ${payload.reason}`);
  }
});
socket.onClose(({ code }) => {
  if (FINAL.includes(code)) socket.disconnect();
});
socket.connect();
