import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "vite";

const run = promisify(execFile);
const HERE = fileURLToPath(new URL(".", import.meta.url));

/** The npm package as it is published, in a folder of modules with others. */
export class PackedClient {
  static async make(...others) {
    const packed = new PackedClient();
    packed.folder = await mkdtemp(join(tmpdir(), "client-"));
    packed.files = await packed.add("client");
    await packed.link("interop", ...others);
    return packed;
  }

  /** Adds packages that another folder has. */
  async link(from, ...names) {
    for (const name of names) await symlink(join(HERE, "..", from, "node_modules", name), join(this.folder, "node_modules", name));
  }

  /** Adds a package of the folder npm; its files. */
  async add(name) {
    const module = join(this.folder, "node_modules/@heliodor", name);
    await mkdir(module, { recursive: true });
    const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", this.folder], { cwd: join(HERE, "../npm", name) });
    const [{ filename, files }] = JSON.parse(stdout);
    await run("tar", ["xzf", join(this.folder, filename), "--strip-components=1", "-C", module]);
    return files.map(({ path }) => path).sort();
  }

  remove() {
    return rm(this.folder, { recursive: true });
  }
}

/** A page of the folder `react`, built for development, in which StrictMode mounts everything twice, with React 19 or 18. */
export async function reactPage(name = "app", version = 19) {
  const packed = await PackedClient.make("phoenix");
  try {
    const at = module => join(packed.folder, "node_modules", module);
    const react = module => join(HERE, "node_modules", version === 18 ? `${module}18` : module);
    const alias = {
      "@heliodor/client/react": at("@heliodor/client/react.mjs"),
      "@heliodor/client": at("@heliodor/client/heliodor.mjs"),
      phoenix: at("phoenix"),
      "react-dom": react("react-dom"),
      react: react("react"),
    };
    const { output } = await build({
      root: join(HERE, "react"),
      logLevel: "error",
      mode: "development",
      define: { "process.env.NODE_ENV": '"development"' },
      resolve: { alias, preserveSymlinks: true },
      build: { write: false, minify: false, rollupOptions: { input: join(HERE, `react/${name}.jsx`) } },
    });
    const script = output.find(({ type }) => type === "chunk").code;
    const style = await readFile(join(HERE, "react/style.css"), "utf8");
    const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>React</title><style>${style}</style><div id="app"></div><script type="module" src="/react/app.js"></script></html>`;
    return {
      /** Serves the page at /react/ of a server, for one browser window. */
      async on(page) {
        await page.route("**/react/", route => route.fulfill({ contentType: "text/html", body: html }));
        await page.route("**/react/app.js", route => route.fulfill({ contentType: "text/javascript", body: script }));
      },
    };
  } finally {
    await packed.remove();
  }
}
