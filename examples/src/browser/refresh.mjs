import { Socket } from "./phoenix.mjs";
import { onRefused } from "/socket/heliodor.mjs";

const socket = new Socket("/socket", { authToken: () => token() });

// @start region=refused
onRefused(socket, ({ status, reason }) => {
  if (status === 401) signIn();
  else show(`Refused: ${reason}`);
});
// @end

socket.connect();

// @start region=refresh
const send = () => socket.push({ topic: "phoenix", event: "refresh", payload: { token: token() }, ref: socket.makeRef() });
setInterval(send, 5 * 60_000);
// @end
