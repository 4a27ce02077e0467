// Builds the site of the documents: node build.mjs FOLDER [MODULE...]. FOLDER/html is the site then. Modules are those whose Javadoc
// it has; their class path is in target/quick, where ./heliodor docs has compiled them.
import { cp, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { javadoc } from "./javadoc.mjs";
import { ROOT, pages } from "./pages.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const [folder, ...modules] = process.argv.slice(2);
const sources = resolve(folder, "pages");
const html = resolve(folder, "html");

/** README.md as the first page: its title and first sentence at the top, then the rest. */
function home(readme) {
  const [, name, tagline, rest] = /^# (.+)\n\n([^]+?\.)\s([^]+)$/.exec(readme);
  const hero = {
    name,
    tagline: tagline.replace(/\s+/g, " ").replace(`${name} is a `, "A "),
    image: { src: "/gem.svg", alt: "" },
    actions: [
      { text: "Quick start", link: "/quick-start" },
      { text: "Channels", link: "/channels", theme: "alt" },
      { text: "Questions and answers", link: "/faq", theme: "alt" },
    ],
  };
  return `---\n${JSON.stringify({ layout: "home", hero })}\n---\n\n${rest.replaceAll('src="docs/', 'src="./')}`;
}

await rm(folder, { recursive: true, force: true });
for (const [path, page] of await pages()) {
  const text = await readFile(join(ROOT, path), "utf8");
  await mkdir(dirname(join(sources, page)), { recursive: true });
  await writeFile(join(sources, page), page === "index.md" ? home(text) : text);
}
await cp(join(ROOT, "docs/images"), join(sources, "images"), { recursive: true });
await mkdir(join(sources, "public"));
await cp(join(ROOT, "playground/src/main/resources/demo/gem.svg"), join(sources, "public/gem.svg"));
// The pages become modules, which import Vue.
await symlink(join(here, "node_modules"), join(folder, "node_modules"));

process.env.HELIODOR_SITE = resolve(folder);
const { build } = await import("vitepress");
const api = resolve(folder, "api");
await Promise.all([build(here), modules.length && javadoc(modules, api)]);
if (modules.length) await rename(api, join(html, "api"));
