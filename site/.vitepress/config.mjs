import { join } from "node:path";
import { defineConfig } from "vitepress";
import { siteLinks, slug } from "../links.mjs";
import { guides, notes, pages, version } from "../pages.mjs";
import { base, repository } from "../settings.mjs";

const folder = process.env.HELIODOR_SITE;
const all = await pages();

/** Nothing comes from another host. */
const POLICY = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:";

/** These would come before the guides. */
const NOT_SEARCHED = /^(index\.md|architecture\.md|api-at-a-glance\.md|project\/|design\/)/;

const IMPORTS = /<details><summary>Imports<\/summary>[^]*?<\/details>/g;

const JAVADOC = { text: "Javadoc", link: "/api/index.html", target: "_self" };

function items(pages) {
  return pages.map(({ title, path }) => {
    const [document, anchor] = path.split("#");
    return { text: title, link: `/${all.get(document)}${anchor ? `#${anchor}` : ""}` };
  });
}

const sidebar = (await guides()).map(({ title, pages }) => ({
  text: title,
  items: title === "Reference" ? [JAVADOC, ...items(pages)] : items(pages),
}));

export default defineConfig({
  title: "Heliodor",
  description: "Real-time channels, presence and clustering for the JVM",
  base,
  srcDir: join(folder, "pages"),
  outDir: join(folder, "html"),
  cacheDir: join(folder, "cache"),
  head: [
    ["meta", { "http-equiv": "Content-Security-Policy", content: POLICY }],
    ["link", { rel: "icon", href: `${base}gem.svg` }],
  ],
  markdown: {
    anchor: { slugify: slug },
    config: md => siteLinks(md, all, repository),
    languageAlias: { caddyfile: "nginx", haproxy: "ini", kts: "kotlin" },
    theme: { light: "github-light-high-contrast", dark: "github-dark" },
  },
  themeConfig: {
    logo: "/gem.svg",
    outline: [2, 3],
    nav: [
      { text: "Guides", link: "/channels" },
      JAVADOC,
      { text: "Design notes", link: "/architecture#design-notes" },
      {
        text: await version(),
        items: [
          { text: "Changelog", link: "/project/changelog" },
          { text: "Supported versions", link: "/supported-versions" },
        ],
      },
    ],
    sidebar: {
      "/": sidebar,
      "/design/": [
        { text: "Architecture", link: "/architecture" },
        ...(await notes()).map(({ title, pages }) => ({ text: title, items: items(pages) })),
      ],
    },
    search: {
      provider: "local",
      options: {
        // Excerpts, with the words of the question marked.
        detailedView: true,
        _render(text, env, md) {
          return NOT_SEARCHED.test(env.relativePath) ? "" : md.render(text, env).replace(IMPORTS, "");
        },
      },
    },
  },
});
