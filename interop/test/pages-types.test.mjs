import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { PackedClient } from "../react.mjs";

// The pages of the demo, the board, the desk and new projects, against the types that are made from their servers.

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const DASHBOARD = "resources/io/heliodor/dashboard/page";

/** The folder of each page, the modules that it gets at run time, the source of its bundle, and an edit that the compiler must refuse. */
const PAGES = [
  {
    name: "demo",
    root: "playground/src/main",
    scripts: ["connection.mjs", "room.mjs", "nodes.mjs"].map(script => `resources/demo/${script}`),
    modules: { "resources/demo/vendor/phoenix": "phoenix" },
    wrong: ["resources/demo/room.mjs", 'call("node")', 'call("nodes")'],
  },
  {
    name: "editor",
    root: "playground/src/main",
    scripts: ["resources/demo/editor.mjs"],
    modules: { "resources/demo/vendor/phoenix": "phoenix" },
    bundle: ["web/editor.mjs", "resources/demo/vendor/editor.d.mts"],
    wrong: ["resources/demo/editor.mjs", "{ phase, saved, error }", "{ phase, isSaved, error }"],
  },
  {
    name: "dashboard",
    root: "dashboard/src/main",
    copies: { types: "types", [DASHBOARD]: DASHBOARD },
    scripts: ["app.mjs", "unauthorized.mjs"].map(script => `${DASHBOARD}/${script}`),
    modules: { [`${DASHBOARD}/phoenix`]: "phoenix", [`${DASHBOARD}/socket/heliodor`]: "@heliodor/client" },
    wrong: [`${DASHBOARD}/overview.mjs`, "show({ node, members, nodes })", "show({ node, member, nodes })"],
  },
  {
    name: "planning board",
    root: "examples/planning-board",
    scripts: ["web/board.mjs"],
    modules: {},
    wrong: ["web/board.mjs", "{ card, column }", "{ card, colum: column }"],
  },
  {
    name: "support desk",
    root: "examples/support-desk",
    scripts: ["src/main/resources/static/desk.mjs"],
    modules: { "src/main/resources/static/vendor/phoenix": "phoenix", "src/main/resources/static/heliodor": "@heliodor/client" },
    wrong: ["src/main/resources/static/desk.mjs", "active: true", 'active: "yes"'],
  },
  {
    name: "new chat",
    root: "templates",
    copies: { "page/chat": "web", "java/types": "types" },
    scripts: ["web/chat.mjs"],
    modules: {},
    wrong: ["web/chat.mjs", "{ from, text, at }", "{ form, text, at }"],
  },
  {
    name: "new board",
    root: "templates",
    copies: { "page/board": "web", "java/types": "types" },
    scripts: ["web/board.mjs"],
    modules: {},
    wrong: ["web/board.mjs", "from: column", "frm: column"],
  },
  {
    name: "new chat with React",
    root: "templates",
    copies: { "react/chat": "page", "react/text-form.tsx": "page/text-form.tsx", "java/types": "types" },
    scripts: ["page/chat.tsx"],
    modules: {},
    wrong: ["page/chat.tsx", 'push("say", { text })', 'push("say", { body: text })'],
  },
  {
    name: "new board with React",
    root: "templates",
    copies: { "react/board": "page", "react/text-form.tsx": "page/text-form.tsx", "java/types": "types" },
    scripts: ["page/board.tsx"],
    modules: {},
    wrong: ["page/board.tsx", "from: card.column", "frm: card.column"],
  },
];

/** The parts of a page with the layout of its server. */
const PARTS = Object.fromEntries(["types", "web", "resources/demo", "src/main/resources/static"].map(part => [part, part]));

describe("the types of pages", () => {
  let packed;
  before(async () => {
    packed = await PackedClient.make("@types", "phoenix", "react", "react-dom");
    await packed.add("yjs");
    await packed.link("playground", "codemirror", "@codemirror", "y-codemirror.next", "y-protocols", "yjs");
  });
  after(() => packed.remove());

  /** The messages of the compiler for a page, with an edit of one of its files. */
  async function check({ name, root, copies = PARTS, scripts, modules, bundle }, edit) {
    const folder = join(packed.folder, name.replaceAll(" ", "-"));
    for (const [from, to] of Object.entries(copies)) {
      await cp(join(ROOT, root, from), join(folder, to), { recursive: true }).catch(({ code }) => assert.equal(code, "ENOENT"));
    }
    for (const [path, module] of Object.entries(modules)) {
      await mkdir(join(folder, path, ".."), { recursive: true });
      await writeFile(join(folder, `${path}.d.mts`), `export * from "${module}";\n`);
    }
    if (bundle) {
      const [from, to] = bundle;
      const text = await readFile(join(ROOT, root, from), "utf8");
      await writeFile(join(folder, to), text.replace("../../../../npm/yjs/yjs.mjs", "@heliodor/yjs"));
    }
    if (edit) {
      const [file, right, wrong] = edit;
      const text = await readFile(join(folder, file), "utf8");
      assert.ok(text.includes(right), `${file} has ${right}`);
      await writeFile(join(folder, file), text.replace(right, wrong));
    }
    const options = {
      allowJs: true,
      noEmit: true,
      strict: scripts.some(script => script.endsWith(".tsx")),
      noUncheckedSideEffectImports: false, // of styles
      skipLibCheck: true, // of y-codemirror.next
      jsx: "react-jsx",
      target: "esnext",
      module: "esnext",
      moduleResolution: "bundler",
      types: [],
      lib: ["esnext", "dom", "dom.iterable"],
      paths: { "/socket/heliodor.mjs": ["../node_modules/@heliodor/client/heliodor.d.mts"] },
    };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: scripts }));
    const compiler = join(ROOT, "interop/node_modules/typescript/bin/tsc");
    return run("node", [compiler, "-p", folder]).then(() => "", ({ stdout }) => stdout);
  }

  for (const page of PAGES) {
    test(`the page of the ${page.name} fits its server`, async () => {
      assert.equal(await check(page), "");
    });
    test(`a page of the ${page.name} that does not fit is refused`, async () => {
      assert.match(await check(page, page.wrong), /error TS/);
    });
  }
});
