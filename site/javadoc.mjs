import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT, version } from "./pages.mjs";

/** The packages of a module for its users: those that its descriptor exports to all, or all if it has none. */
async function packages(sources) {
  const files = (await readdir(sources, { recursive: true })).filter(file => file.endsWith(".java"));
  const found = [...new Set(files.map(dirname))].filter(folder => folder !== ".").map(folder => folder.replaceAll("/", "."));
  if (!files.includes("module-info.java")) return found;
  const descriptor = await readFile(join(sources, "module-info.java"), "utf8");
  const exported = [...descriptor.matchAll(/exports ([\w.]+);/g)].map(([, name]) => name);
  return found.filter(name => exported.includes(name));
}

/** Writes the Javadoc of these modules, which are compiled, with their packages grouped by artifact. */
export async function javadoc(modules, folder) {
  const groups = [];
  const files = [];
  const classpath = new Set();
  for (const module of modules) {
    const sources = join(ROOT, module, "src/main/java");
    const names = await packages(sources);
    groups.push("-group", `heliodor-${module}`, names.join(":"));
    for (const name of names) {
      const source = join(sources, ...name.split("."));
      files.push(...(await readdir(source)).filter(file => file.endsWith(".java")).map(file => join(source, file)));
    }
    classpath.add(join(ROOT, module, "target/quick/classes"));
    for (const entry of (await readFile(join(ROOT, module, "target/quick/classpath.txt"), "utf8")).split(delimiter)) classpath.add(entry);
  }
  const title = `Heliodor ${await version()}`;
  const options = [
    ["-d", folder],
    ["-classpath", [...classpath].join(delimiter)],
    ["-windowtitle", title],
    ["-doctitle", title],
    ["-header", '<a href="{@docRoot}/../index.html">Guides</a>'],
    ["--add-stylesheet", fileURLToPath(new URL("javadoc.css", import.meta.url))],
    ["-encoding", "UTF-8", "-Xdoclint:none", "-quiet", "-notimestamp"],
    groups,
    files,
  ].flat();
  const list = `${folder}.options`;
  await writeFile(list, options.map(option => `"${option.replaceAll(/["\\]/g, "\\$&")}"`).join("\n"));
  const child = spawn(join(process.env.JAVA_HOME, "bin/javadoc"), [`@${list}`], { stdio: "inherit" });
  const [status] = await once(child, "exit");
  if (status !== 0) throw new Error(`javadoc ended with ${status}`);
}
