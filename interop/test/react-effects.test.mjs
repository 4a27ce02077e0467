import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { Browser, noBrowser } from "../browser.mjs";
import { until } from "../deadline.mjs";
import { reactPage } from "../react.mjs";

// Children that send, call and listen in their first effects, which React runs before those of their parent, which joins.

for (const version of [18, 19]) {
  describe(`effects of React ${version}`, { skip: noBrowser }, () => {
    let browser;
    let built;

    before(async () => {
      [browser, built] = await Promise.all([Browser.start(), reactPage("effects", version)]);
    });
    after(() => browser?.close());

    async function open() {
      const page = await browser.window({ width: 800, height: 600 });
      await built.on(page);
      await page.goto("http://page.test/react/");
      assert.match(await page.evaluate(() => globalThis.version), new RegExp(`^${version}\\.`));
      return page;
    }

    test("each option of each hook counts from the render on that changes it", async () => {
      const page = await open();
      let looked;
      let options = { topic: "o", user: "ann", kind: "object", handler: "one", event: "changed", name: "ask", view: "presence" };
      const see = (text, sent, seen = []) =>
        until(
          text,
          async () => {
            looked = { ...(await page.evaluate(() => globalThis.look())), text: await page.locator("p").textContent() };
            return isDeepStrictEqual(looked, { sent, seen, text });
          },
          () => ({ looked, sent, seen }),
        );
      const change = next => page.evaluate(value => globalThis.change({ options: value }), (options = { ...options, ...next }));
      const receive = (...event) => page.evaluate(value => globalThis.receive(value), event);
      await page.evaluate(first => globalThis.begin({ options: first }), options);
      await see("joined 1 1", ["o phx_join ann"]);
      await receive("changed", { v: 3 });
      await see("joined 3 1", [], ["one 3"]);
      await change({ handler: "two" });
      await receive("changed", { v: 2 }); // the commit before, from another node
      await see("joined 3 1", [], ["two 2"]);
      await change({ user: "bo" });
      await see("joined 1 1", ["o phx_join bo"]);
      await change({ user: "cy", kind: "function" });
      await change({ event: "moved", view: "agents" });
      await see("joined 1 2", ["o phx_join cy"]); // for the presences, and asks the function
      await receive("changed", { v: 5 });
      await receive("moved", { v: 4 });
      await see("joined 4 2", [], ["two 4"]);
      await change({ name: "other" });
      await page.evaluate(() => globalThis.call());
      await see("joined 4 2", ["o other"]);
      await browser.closeWindows();
    });

    test("children send for the payload of their render, and a call has its result from the first effect to the next name", async () => {
      const page = await open();
      const options = { topic: "o", user: "ann", kind: "object", handler: "one", event: "changed", name: "ask", view: "presence", sends: true };
      let looked;
      const sent = expected =>
        until("the frames are sent", async () => isDeepStrictEqual((looked = await page.evaluate(() => globalThis.look())).sent, expected), () => looked);
      const all = [];
      const results = async expected => {
        const last = async () => {
          all.push(...(await page.evaluate(() => globalThis.results())));
          return all.filter((each, i) => each !== all[i - 1]);
        };
        await until(`the results are ${expected}`, async () => `${await last()}` === `${expected}`, () => all);
      };
      const change = next => page.evaluate(value => globalThis.change({ options: value }), { ...options, ...next });
      await page.evaluate(first => globalThis.begin({ options: first }), options);
      await sent(["o phx_join ann", "o said ann", "o ask ann"]);
      const seen = ["ask idle", "ask running", "ask ok"];
      await results(seen);
      await change({ user: "bo" });
      await sent(["o phx_join bo", "o said bo", "o ask bo"]);
      seen.push("ask running", "ask ok");
      await results(seen);
      for (const name of ["other", "ask"]) {
        await change({ user: "bo", name, sends: false });
        seen.push(`${name} idle`);
        await results(seen);
      }
      await browser.closeWindows();
    });

    if (version === 19) {
      test("what is sent while a component is hidden waits until it is shown", async () => {
        const page = await open();
        await page.evaluate(options => globalThis.begin(options), { strict: false, phase: "passive" });
        const sent = event =>
          until(event, async () => (await page.evaluate(() => globalThis.look())).sent.includes(event), () => page.evaluate(() => globalThis.look()));
        await sent("a ask hook");
        await page.evaluate(() => globalThis.change({ isVisible: false }));
        await sent("a phx_leave");
        assert.equal(await page.evaluate(() => globalThis.push("hidden")), true);
        await page.evaluate(() => globalThis.change({ isVisible: true }));
        await sent("a hidden");
        await browser.closeWindows();
      });
    }

    for (const strict of [false, true]) {
      for (const phase of ["passive", "layout"]) {
        for (const isHydrated of version === 18 && phase === "layout" ? [false] : [false, true]) {
          const name = `${strict ? "under StrictMode, " : ""}${phase} effects${isHydrated ? ", rendered on a server" : ""}`;
          test(`what a child sends in its first effect is sent after the join: ${name}`, async () => {
            const page = await open();
            let looked;
            /** Runs a step, and waits until these frames are sent and the components have seen what must come. */
            const step = async (what, run, sent, comes) => {
              await run();
              await until(
                what,
                async () => {
                  looked = await page.evaluate(() => globalThis.look());
                  return isDeepStrictEqual(looked.sent, sent) && comes.every(each => looked.seen.includes(each));
                },
                () => ({ looked, sent, comes }),
                );
              const failed = looked.seen.filter(each => /false|closed|timeout/.test(each));
              assert.deepEqual(failed, [], what);
            };
            const first = topic => [`${topic} hello`, `${topic} ask channel`, `${topic} ask hook`];
            const joins = topic => [`${topic} phx_join`, ...first(topic)];
            const mounts = topic => (strict ? [...joins(topic), `${topic} bye`, ...first(topic)] : joins(topic));
            const answered = ["push true", "call ok", "useCall ok"];
            const all = topic => [...answered, "listened", `news ${topic}`, `state ${topic}`, "1 present"];
            const leaves = topic => [`${topic} bye`, `${topic} phx_leave`];
            const change = next => () => page.evaluate(value => globalThis.change(value), next);

            // The first effect under StrictMode ends at once, and with it its callback.
            await step("mounted", () => page.evaluate(options => globalThis.begin(options), { strict, phase, isHydrated }), mounts("a"), all("a").slice(strict ? 3 : 0));
            await step("another topic", change({ topic: "b" }), ["a bye", "b phx_join", "a phx_leave", ...first("b")], all("b"));
            const suspend = async () => {
              await change({ suspends: true })();
              await page.getByText("...").waitFor();
              await page.evaluate(() => globalThis.load());
              await page.getByText("loaded").waitFor();
            };
            const again = ["b bye", ...first("b")];
            // StrictMode of React 19 ends and begins all effects once more; the callback for states, which is late then, gets one.
            const twice = strict && version === 19 ? [...again, "b phx_join"] : [];
            const shown = [...(phase === "layout" ? again : []), ...twice];
            await step("suspended and shown", suspend, shown, shown.length ? answered : []);
            if (version === 19) {
              await step("hidden", change({ isVisible: false }), leaves("b"), ["bye true"]);
              await step("shown again", change({ isVisible: true }), joins("b"), all("b"));
            }
            await step("an edited parent", () => page.evaluate(() => globalThis.edit("Parent")), [...leaves("b"), ...joins("b")], all("b"));
            await step("gone", change({ isThere: false }), leaves("b"), ["bye true"]);
            assert.deepEqual(await page.evaluate(() => globalThis.late()), [false, "closed"]);
            await step("back", change({ isThere: true }), mounts("b"), all("b").slice(strict ? 3 : 0));
            await step("the end of the page", () => page.evaluate(() => globalThis.end()), leaves("b"), ["bye true"]);
            await browser.closeWindows();
          });
        }
      }
    }
  });
}
