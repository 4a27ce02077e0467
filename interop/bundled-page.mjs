import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "vite";
import { PackedClient } from "./react.mjs";

/** A program of a page, bundled with the packages that it names, ours as they are published. */
export class BundledPage {
  #script;

  /** The packages are named by the folder that has them. */
  static async build(program, packages) {
    const packed = await PackedClient.make();
    try {
      await packed.add("yjs");
      for (const [from, names] of Object.entries(packages)) await packed.link(from, ...names);
      const input = join(packed.folder, "page.js");
      await writeFile(input, program);
      const { output } = await build({ root: packed.folder, logLevel: "error", build: { write: false, rollupOptions: { input } } });
      const page = new BundledPage();
      page.#script = output.find(({ type }) => type === "chunk").code;
      return page;
    } finally {
      await packed.remove();
    }
  }

  /** Serves the page at /guide/ of a server, for one browser window. */
  async on(page) {
    const html = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Guide</title><body><script type="module" src="page.js"></script>';
    await page.route("**/guide/", route => route.fulfill({ contentType: "text/html", body: html }));
    await page.route("**/guide/page.js", route => route.fulfill({ contentType: "text/javascript", body: this.#script }));
  }
}
