import { defineConfig } from "vite";

export default defineConfig({
  root: "page",
  build: { outDir: "../web", emptyOutDir: true },
  server: { proxy: { "/socket/": { target: "http://127.0.0.1:4000", ws: true } } }, // of npm run dev
});
