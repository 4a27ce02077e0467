import { writeFile } from "node:fs/promises";
import { until } from "./deadline.mjs";
import { Client } from "./phoenix-client.mjs";

const ROOMS = ["lobby", "beryl", "topaz", "quartz", "garnet", "opal", "jade"];

/** The overview of three nodes after a minute of talk: the picture of the README. */
export async function takePicture(browser, { servers }, address, file) {
  const clients = await Promise.all(
    Array.from({ length: 60 }, async (_, i) => {
      const client = new Client(servers[i % servers.length], { params: { user_id: `user-${i}` } });
      const payload = { user: `user-${i}` };
      client.rooms = [await client.join("room:lobby", payload), await client.join(`room:${ROOMS[i % ROOMS.length]}`, payload)];
      return client;
    }),
  );
  const page = await browser.window({ width: 1180, height: 672 });
  await page.goto(address);
  let turn = 0;
  const talk = setInterval(() => {
    // A tide, for the lines of the figures.
    const busy = 2 + Math.round(2 * Math.sin(turn / 40) + 2 * Math.random());
    for (let i = 0; i < busy; i++) clients[turn++ % clients.length].rooms[turn % 2].push("shout", { said: "Six, and not a flaw in it." });
  }, 50);
  const points = () => page.locator(".figure polyline").first().getAttribute("points");
  await until("a minute is shown", async () => ((await points()) ?? "").split(" ").length >= 60, () => "", 120_000);
  clearInterval(talk);
  await writeFile(file, await page.screenshot());
  await page.context().close();
  Client.disconnectAll();
}
