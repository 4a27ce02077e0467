const { Socket } = await import("./node_modules/phoenix/priv/static/phoenix.mjs");
const socket = new Socket("/socket");
socket.connect();
const room = socket.channel("room:lobby");
room.join();
room.push("new_msg", { from: "me" }).receive("error", reply => console.log(reply));
