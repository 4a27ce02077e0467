import { writeFile } from "node:fs/promises";
import { say, sees } from "./browser.mjs";

const WIDTH = 680;
const HEIGHT = 640;

/** Two people in a room, by day and by night, side by side: the picture of the README. */
export async function takePicture(browser, server, file) {
  const window = (name, colorScheme) => browser.enter(server, name, "lobby", { width: WIDTH, height: HEIGHT, colorScheme });
  const ann = await window("Ann", "light");
  const bo = await window("Bo", "dark");
  const talk = async (from, to, text) => {
    await say(from, text);
    await sees(from, text);
    await sees(to, text);
  };
  await talk(ann, bo, "Morning! Did the crystals arrive?");
  await talk(bo, ann, "They did. Three of them, yellow as honey.");
  await talk(bo, ann, "One is as long as my thumb.");
  await talk(ann, bo, "Beryl, then. Six sides?");
  await talk(bo, ann, "Six sides. Come and see it against the light.");
  await talk(ann, bo, "On my way!");
  await bo.getByLabel("Message", { exact: true }).pressSequentially("The kettle is");
  await ann.getByText("Bo is typing…").waitFor();
  // Not in the middle of a fade.
  await Promise.all([ann, bo].map(settled));
  const pictures = await Promise.all([ann, bo].map(page => page.screenshot({ caret: "initial" })));

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
