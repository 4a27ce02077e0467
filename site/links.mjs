import { posix } from "node:path";

/**
 * Turns the links of the documents, which are paths in the repository, into those of the site. A file that is not a page becomes a
 * link to `repository`, the address of the sources, or plain text if that is empty.
 */
export function siteLinks(md, pages, repository) {
  const documents = new Map([...pages].map(([path, page]) => [page, path]));

  function target(href, document) {
    if (/^([a-z]+:|#)/.test(href)) return href;
    const [path, anchor] = href.split("#");
    const file = posix.join(posix.dirname(document), path);
    const page = pages.get(file) ?? pages.get(`${file}/README.md`);
    if (page) return `/${page}${anchor ? `#${anchor}` : ""}`;
    return repository && `${repository}/${file}`;
  }

  md.core.ruler.push("site_links", ({ tokens, env }) => {
    for (const { children } of tokens) {
      let plain = false;
      for (const token of children ?? []) {
        if (token.type === "link_open") {
          const href = target(token.attrGet("href"), documents.get(env.relativePath));
          plain = !href;
          if (href) token.attrSet("href", href);
        }
        if (plain && token.type.startsWith("link_")) {
          token.tag = "span";
          token.attrs = null;
        }
      }
    }
  });
}

/** The name that GitHub gives to a heading. */
export function slug(heading) {
  return heading.trim().toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
}
