import { defineConfig } from "vite";

// Built by cmake/console.cmake in a copy of this folder; `npm run dev` serves it beside a server at 8080.
export default defineConfig({
  base: "/console/",
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    target: "es2022",
    outDir: "dist",
    // Nothing may stand in the page itself: its policy lets only files of their own run.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { "/api": "http://127.0.0.1:8080" } },
});
