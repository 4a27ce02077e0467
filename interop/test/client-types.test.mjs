import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { after, before, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { minifySync } from "vite";
import { PackedClient } from "../react.mjs";

// The npm package as it is packed: its files, its size, and its types against programs in `types`.

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MODULES = join(ROOT, "interop/node_modules");
const VERSIONS = ["typescript", "typescript5"];

/** The values that the programs of wrong.txt use, and the types. */
const GIVEN = `import { HeliodorProvider, Socket, all, connect, desk, notes, playground, room, state, ticket } from "../given.js";
import { useCall, useChannel, useChannelState, newest, useClient, useCount, useEvent, useMessage, usePresence, useStatus } from "../given.js";
import type { Channel, ChannelAt, Client, Desk, Playground } from "../given.js";
`;

/** The types of React 18, in the place of those of React 19. */
const REACT_18 = {
  paths: { react: [join(MODULES, "types-react18/index.d.ts")], "react/*": [join(MODULES, "types-react18/*.d.ts")] },
};

/** The programs of wrong.txt: a title, a part of the message that the compiler must give, and the code. */
async function wrongPrograms() {
  const text = await readFile(join(ROOT, "interop/types/wrong.txt"), "utf8");
  return text.trimEnd().split("\n---\n").map((block, index) => {
    const [, title, message, code] = /^(.+)\nmessage: (.+)\n([^]+)$/.exec(block) ?? assert.fail(`a title, a message and code: ${block}`);
    return { title, message, code, file: `wrong/${index}.tsx` };
  });
}

describe("the npm package", () => {
  let packed;
  before(async () => {
    packed = await PackedClient.make("@types", "phoenix", "react", "react-dom", "svelte", "vue");
    await cp(join(ROOT, "interop/types"), packed.folder, { recursive: true });
    await cp(join(ROOT, "examples/src/web"), join(packed.folder, "guide"), { recursive: true });
    const command = process.env.HELIODOR_SERVE.replace(/ serve$/, "");
    const { stdout } = await run("sh", ["-c", `exec ${command} "$@"`, "heliodor", "contract", "--ts"], { maxBuffer: 16 << 20 });
    await writeFile(join(packed.folder, "playground.ts"), stdout);
    await writeFile(join(packed.folder, "package.json"), JSON.stringify({ type: "module" }));
  });
  after(() => packed?.remove());

  /** The errors of the compiler, for each file. */
  async function errors(version, moduleResolution, files, more = {}) {
    const compilerOptions = {
      noEmit: true,
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      skipDefaultLibCheck: true,
      target: "esnext",
      module: moduleResolution === "bundler" ? "esnext" : moduleResolution,
      moduleResolution,
      jsx: "react-jsx",
      lib: ["esnext", "dom", "dom.iterable"],
      types: [],
      ...more,
    };
    await writeFile(join(packed.folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
    const compiler = join(MODULES, version, "bin/tsc");
    const output = await run("node", [compiler, "--pretty", "false"], { cwd: packed.folder, maxBuffer: 16 << 20 }).then(
      ({ stdout }) => stdout,
      error => error.stdout || error.stderr || `${error}`,
    );
    const found = {};
    // Each begins in the first column; the lines below it, which are indented, are a part of it.
    for (const error of output.split(/\n(?=\S)/).filter(Boolean)) {
      const [, file] = /^(.+)\(\d+,\d+\): error TS/.exec(error) ?? assert.fail(error);
      (found[file] ??= []).push(error);
    }
    return found;
  }

  test("has these files, in the version of the server", async () => {
    const types = ["heliodor.d.mts", "phoenix.d.ts", "react.d.mts"];
    assert.deepEqual(packed.files, ["LICENSE", "README.md", "heliodor.mjs", "package.json", "react.mjs", ...types].sort());
    const { version } = JSON.parse(await readFile(join(packed.folder, "node_modules/@heliodor/client/package.json"), "utf8"));
    const [, expected] = /<version>(.+?)(?:-SNAPSHOT)?<\/version>/.exec(await readFile(join(ROOT, "pom.xml"), "utf8"));
    assert.equal(version, expected);
  });

  test("exports these values", async () => {
    const page = join(packed.folder, "page.mjs");
    await writeFile(page, 'export * from "@heliodor/client";\nexport * from "@heliodor/client/react";\n');
    assert.deepEqual(Object.keys(await import(pathToFileURL(page))).sort(), ["connect", "hooks", "newest", "onRefused", "refresh", "withHistory"]);
  });

  test("renders on a server, and opens nothing", async () => {
    const page = join(packed.folder, "rendered.mjs");
    await writeFile(
      page,
      `import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { Socket } from "phoenix";
import { connect } from "@heliodor/client";
import { hooks } from "@heliodor/client/react";

class Transport {
  constructor() {
    throw new Error("a connection is opened");
  }
}
const client = connect(new Socket("/socket", { transport: Transport }), { token: () => "t", refreshEvery: 1000 });
const { HeliodorProvider, useChannel, useChannelState, useCount, usePresence, useStatus } = hooks();
function Page() {
  const [channel, status] = useChannel("room:1", { user: "ann" });
  const seen = [useStatus().phase, status.phase, useChannelState(channel), usePresence(channel).size, useCount(channel, "viewers")];
  return createElement("p", {}, seen.map(String).join());
}
export const html = renderToString(createElement(HeliodorProvider, { client }, createElement(Page)));
`,
    );
    const { html } = await import(pathToFileURL(page));
    assert.equal(html, "<p>idle,idle,undefined,0,undefined</p>");
  });

  test("adds less than 7 kB to a page", async () => {
    const { code } = minifySync("heliodor.mjs", await readFile(join(ROOT, "npm/client/heliodor.mjs"), "utf8"), { module: true });
    const { length } = gzipSync(code);
    assert.ok(length < 7_000, `${length} bytes`);
  });

  for (const version of VERSIONS) {
    for (const resolution of ["bundler", "nodenext"]) {
      test(`right programs compile with ${version}, ${resolution}`, async () => {
        assert.deepEqual(await errors(version, resolution, ["right.ts", "right.tsx"]), {});
      });
    }

    test(`the examples of the guide compile with ${version}`, async () => {
      const files = ["ticket.ts", "Ticket.tsx", "vue.ts", "svelte.ts"].map(file => `guide/${file}`);
      assert.deepEqual(await errors(version, "bundler", files, { exactOptionalPropertyTypes: false, skipLibCheck: true }), {});
    });

    test(`the hooks compile with ${version} and the types of React 18`, async () => {
      assert.deepEqual(await errors(version, "bundler", ["right.tsx"], REACT_18), {});
    });

    test(`wrong programs do not compile with ${version}, and the message shows why`, async () => {
      const programs = await wrongPrograms();
      assert.ok(programs.length > 100, `${programs.length} programs`);
      assert.equal(new Set(programs.map(({ title }) => title)).size, programs.length, "each has a title of its own");
      await mkdir(join(packed.folder, "wrong"), { recursive: true });
      for (const { file, code } of programs) await writeFile(join(packed.folder, file), `${GIVEN}${code}\n`);
      const found = await errors(version, "bundler", programs.map(({ file }) => file));
      const differences = programs
        .filter(({ file, message }) => found[file]?.length !== 1 || !found[file][0].includes(message))
        .map(({ title, message, file }) => ({ title, message, found: found[file] }));
      assert.deepEqual(differences, []);
      const others = Object.keys(found).filter(file => !programs.some(program => program.file === file));
      assert.deepEqual(others.flatMap(file => found[file]), []);
    });
  }
});
