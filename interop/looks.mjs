// Looks at a dashboard as several pages do, and calls for four views at once: node looks.mjs URL [NUMBER]
import { Socket } from "phoenix";

const [url, number = "5"] = process.argv.slice(2);
const { origin, pathname, searchParams } = new URL(url);
const CALLS = { overview: {}, handlers: {}, events: {}, topics: { text: "" } };
const answers = { ok: 0, error: 0, timeout: 0 };

for (let i = 0; i < Number(number); i++) {
  const socket = new Socket(`${origin.replace("http", "ws")}${pathname}/socket`, { authToken: searchParams.get("token") });
  const channel = socket.channel("heliodor:dashboard");
  socket.connect();
  channel.join();
  setInterval(() => {
    if (channel.state !== "joined") return;
    for (const [call, payload] of Object.entries(CALLS)) {
      const push = channel.push(call, payload);
      for (const status of Object.keys(answers)) push.receive(status, () => answers[status]++);
    }
  }, 1000);
}

process.on("SIGTERM", () => {
  console.log(JSON.stringify(answers));
  process.exit();
});
