import { access, readFile, readdir } from "node:fs/promises";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));

const read = path => readFile(join(ROOT, path), "utf8");

/** The part of a document after a heading, up to the next one of its level. */
function section(text, heading) {
  const [, part] = text.split(`\n## ${heading}\n`);
  return part.split(/^## /m)[0];
}

/** The links of a text, with their targets as paths in the repository. */
function links(text, folder = "") {
  return [...text.matchAll(/\[([^\]]+)\]\(([^)\s]+)\)/g)].map(([, title, target]) => ({
    title: title.replace(/\s+/g, " ").replace(/^[a-z]/, letter => letter.toUpperCase()),
    path: posix.join(folder, target),
  }));
}

/** The groups of the site's navigation: the tables of README.md, by their headings. */
export async function guides() {
  const [, ...groups] = section(await read("README.md"), "Documents").split(/^### /m);
  return groups.map(group => ({
    title: group.split("\n")[0],
    pages: group.split("\n").flatMap(row => links(row.split("|")[1] ?? "")),
  }));
}

/** The groups of the design notes: the list in docs/architecture.md. */
export async function notes() {
  const list = section(await read("docs/architecture.md"), "Design notes");
  return list.split(/^- /m).slice(1).map(group => ({ title: group.split(":")[0], pages: links(group, "docs") }));
}

/** The file of the site for a document: that of docs/channels.md is channels.md. */
function place(path) {
  if (path === "README.md") return "index.md";
  if (path.startsWith("docs/")) return path.slice("docs/".length);
  if (path.endsWith("/README.md")) return path.replace("/README.md", ".md");
  return `project/${path.toLowerCase()}`;
}

/** The documents of the site by their paths in the repository, each with its file in the site. */
export async function pages() {
  const listed = [...(await guides()), ...(await notes())].flatMap(group => group.pages).map(page => page.path.split("#")[0]);
  const missing = (await readdir(join(ROOT, "docs"), { recursive: true }))
    .map(path => `docs/${path}`)
    .filter(path => path.endsWith(".md") && !listed.includes(path));
  if (missing.length) {
    throw new Error(`${missing.join(", ")}: add a row to the documents in README.md, or for a design note a link to docs/architecture.md`);
  }
  const documents = ["README.md", ...listed];
  await Promise.all(documents.map(path => access(join(ROOT, path))));
  return new Map(documents.map(path => [path, place(path)]));
}

/** The version of this build. */
export async function version() {
  return /<version>(.+)<\/version>/.exec(await read("pom.xml"))[1];
}
