// Writes vendor/editor.mjs into the folder given: what the editor page takes from npm, as one module.
import { build } from "esbuild";

await build({
  entryPoints: [new URL("editor.mjs", import.meta.url).pathname],
  outfile: `${process.argv[2]}/vendor/editor.mjs`,
  nodePaths: [new URL("../../../node_modules", import.meta.url).pathname],
  bundle: true,
  format: "esm",
  minify: true,
  target: "es2022",
  legalComments: "eof",
  logLevel: "warning",
});
