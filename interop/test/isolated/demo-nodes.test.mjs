import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Browser, noBrowser, online, present, say, sees } from "../../browser.mjs";
import { until } from "../../deadline.mjs";
import { DemoCluster } from "../../demo-cluster.mjs";
import { long } from "../../size.mjs";

describe("the demo on three nodes", { skip: noBrowser || long }, () => {
  let cluster;
  let browser;

  before(async () => {
    cluster = await DemoCluster.start(3);
    browser = await Browser.start();
  });
  after(async () => {
    await browser?.close();
    assert.deepEqual(await cluster?.stop(), { status: 0, output: "" }, "a stop is not worth a warning");
    assert.deepEqual(cluster.pids.filter(isAlive), [], "processes that outlived it");
  });

  const isAlive = pid => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };

  /** The picture as text: name, state, users, command. */
  const picture = page =>
    page.locator(".node").evaluateAll(all =>
      all.map(node =>
        [".node-name", "small", ".node-users", ".node-end:not([hidden]) .kill"]
          .map(part => node.querySelector(part))
          .map(part => (part?.matches(".node-users") ? part.ariaLabel : part?.textContent) ?? "")
          .filter(Boolean)
          .join(", "),
      ),
    );

  async function shows(page, expected) {
    let seen;
    await until(`the picture is ${expected.join("; ")}`, async () => `${(seen = await picture(page))}` === `${expected}`, () => seen);
  }

  test("shows the nodes and their users; a user of a killed node continues at another one", async () => {
    const [ann, bo, cy] = await Promise.all(
      ["Ann", "Bo", "Cy"].map((name, i) => browser.enter({ url: cluster.pages[i] }, name, "lobby", { height: 800 })),
    );
    const kill = cluster.pids.map(pid => `kill -9 ${pid}`);
    await shows(ann, [`a, this page, Ann, ${kill[0]}`, `b, Bo, ${kill[1]}`, `c, Cy, ${kill[2]}`]);
    await shows(cy, [`a, Ann, ${kill[0]}`, `b, Bo, ${kill[1]}`, `c, this page, Cy, ${kill[2]}`]);
    await present(ann, ["Ann, you", "Bo", "Cy"]);
    assert.equal(await bo.locator("#status-text").textContent(), "Online at b");
    await say(ann, "said at a");
    for (const page of [ann, bo, cy]) await sees(page, "said at a");
    if (process.env.HELIODOR_SCREENSHOT_NODES) await ann.screenshot({ path: process.env.HELIODOR_SCREENSHOT_NODES });

    process.kill(cluster.pids[1], "SIGKILL");
    await shows(ann, await goesOn(bo, ann, kill));
    await say(cy, "said after");
    for (const page of [ann, bo, cy]) await sees(page, "said after");
    await sees(bo, "said at a");
    await present(ann, ["Ann, you", "Bo", "Cy"]);
    if (process.env.HELIODOR_SCREENSHOT_NODES) await bo.screenshot({ path: `${process.env.HELIODOR_SCREENSHOT_NODES}.bo.png` });

    await ann.locator(".node[data-state=down]").waitFor({ state: "hidden", timeout: 120_000 });
    const again = await browser.enter({ url: cluster.pages[1] }, "Dee", "lobby");
    await present(again, ["Dee, you", "Ann", "Bo", "Cy"]);
    await browser.closeWindows();
  });

  /** The picture with the second node gone, when its user has come to one of the others. */
  async function goesOn(page, other, kill) {
    await until("another node", async () => /^Online at [ac]$/.test(await page.locator("#status-text").textContent()));
    await online(page);
    const node = (await page.locator("#status-text").textContent()).at(-1);
    return node === "a"
      ? [`a, this page, Ann, Bo, ${kill[0]}`, "b, gone, no users", `c, Cy, ${kill[2]}`]
      : [`a, this page, Ann, ${kill[0]}`, "b, gone, no users", `c, Bo, Cy, ${kill[2]}`];
  }
});
