import { Socket } from "./phoenix.mjs";
import { onRefused, refresh } from "/socket/heliodor.mjs";

// @start region=page
let token = await signIn(); // an access token, by the library of your identity provider
const socket = new Socket("/socket", { authToken: () => token });
onRefused(socket, async ({ status }) => {
  if (status !== 401) return; // after 503 the socket connects again by itself
  token = await signIn();
  socket.connect();
});
socket.connect();

setInterval(async () => {
  token = await renew();
  await refresh(socket, token);
}, 4 * 60_000);
// @end
