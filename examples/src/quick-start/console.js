const { Socket } = await import("./node_modules/phoenix/priv/static/phoenix.mjs");
const socket = new Socket("/socket");
socket.connect();
const room = socket.channel("room:lobby", { name: "me" });
room.join();
room.push("say", { text: "hi" }).receive("error", reply => console.log(reply));
