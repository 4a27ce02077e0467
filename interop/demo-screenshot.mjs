import { writeFile } from "node:fs/promises";
import { present, say, sees } from "./browser.mjs";
import { Proxy } from "./proxy.mjs";

const WIDTH = 680;
const HEIGHT = 640;

/** A room by day and by night, side by side, where one was cut off for a while: the picture of the README. */
export async function takePicture(browser, server, file) {
  const proxy = await Proxy.to(server);
  const window = (name, colorScheme, by = server) =>
    browser.enter(by, name, "lobby", { width: WIDTH, height: HEIGHT, colorScheme });
  const cy = await window("Cy", "light");
  await window("Cy", "light");
  const ann = await window("Ann", "light");
  const bo = await window("Bo", "dark", proxy);
  const all = [ann, bo, cy];
  const talk = async (from, text, to = all) => {
    await say(from, text);
    await Promise.all(to.map(page => sees(page, text)));
  };
  await talk(ann, "Morning! Did the crystals arrive?");
  await talk(bo, "They did. Three, yellow as honey.");
  proxy.cut();
  await bo.getByText(/^Reconnecting in \d s$/).waitFor();
  await talk(ann, "Beryl, then. Six sides?", [ann, cy]);
  await talk(cy, "Hold one against the light!", [ann, cy]);
  proxy.mend();
  await bo.getByText("2 messages were caught up.").waitFor();
  await present(ann, ["Ann, you", "Bo", "Cy, 2 tabs"]);
  await present(bo, ["Bo, you", "Ann", "Cy, 2 tabs"]);
  await talk(bo, "Six, and not a flaw in it.");
  await bo.getByLabel("Message", { exact: true }).pressSequentially("The kettle is");
  await ann.getByText("Bo is typing…").waitFor();
  // Not in the middle of a fade.
  await Promise.all([ann, bo].map(settled));
  const pictures = await Promise.all([ann, bo].map(page => page.screenshot({ caret: "initial" })));
  proxy.close();

  const frame = await browser.window({ width: 2 * WIDTH + 72, height: HEIGHT + 48 });
  const images = pictures.map(picture => `<img src="data:image/png;base64,${picture.toString("base64")}">`).join("");
  await frame.setContent(
    `<style>body{margin:0;display:flex;gap:24px;padding:24px;background:linear-gradient(152deg,#e9c25a,#b98417)}
      img{width:${WIDTH}px;border-radius:12px;box-shadow:0 10px 36px rgb(40 24 0/.4)}</style>${images}`,
  );
  await writeFile(file, await frame.screenshot());
}

function settled(page) {
  return page.evaluate(() => {
    const ending = document.getAnimations().filter(animation => animation.effect.getTiming().iterations !== Infinity);
    return Promise.all(ending.map(animation => animation.finished));
  });
}
