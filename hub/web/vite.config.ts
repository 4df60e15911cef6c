// How the pages are built: one folder of src a page, one set of files that may be kept for ever under dist/assets.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { defineConfig, type Plugin, type ProxyOptions } from "vite";

/** The pages: a folder of src each, with its index.html. The hub serves folder `x` at /x, and the guest's at /. */
const PAGES = ["guest", "stand", "admin", "account", "manage", "wait"];
const GUEST = "guest";
const HUB = process.env.HUB_URL ?? "http://127.0.0.1:8000";
const source = (path: string) => fileURLToPath(new URL(`src/${path}`, import.meta.url));
const COMPRESSED = /\.(js|css|html|svg|webmanifest)$/;
const SMALL = 256;

/** Beside each file its brotli and gzip forms, made once here at the highest level. */
function precompressed(): Plugin {
  return {
    name: "precompressed",
    apply: "build",
    enforce: "post",
    generateBundle(_, bundle) {
      for (const [name, file] of Object.entries(bundle)) {
        if (!COMPRESSED.test(name)) continue;
        const data = Buffer.from(file.type === "chunk" ? file.code : file.source);
        if (data.length < SMALL) continue;
        const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: data.length };
        this.emitFile({ type: "asset", fileName: `${name}.br`, source: brotliCompressSync(data, { params }) });
        this.emitFile({ type: "asset", fileName: `${name}.gz`, source: gzipSync(data, { level: 9 }) });
      }
    },
  };
}

/** While developing: /stand is the page, as the hub serves it, and not only /stand/. */
function pageAddresses(): Plugin {
  return {
    name: "page-addresses",
    configureServer(server) {
      server.middlewares.use((request, _, next) => {
        const [path = "", query] = (request.url ?? "").split("?");
        const page = path === "/" ? GUEST : path.slice(1);
        const isPage = request.method === "GET" && PAGES.includes(page);
        if (isPage) request.url = `/${page}/${query === undefined ? "" : `?${query}`}`;
        next();
      });
    },
  };
}

/** While developing: whether an address is a page or a source of one; the hub has others below /admin and /manage. */
const isOfPages = (path: string) => /\.\w+$/.test(path) || PAGES.some((name) => path === `/${name}/`);

/** While developing: what the hub's own document lists goes to the hub. */
function hubPaths(): Record<string, ProxyOptions> {
  const document = JSON.parse(readFileSync(new URL("src/generated/openapi.json", import.meta.url), "utf8"));
  const first = new Set(Object.keys(document.paths).map((path) => path.split("/")[1]));
  const plain = [...first, "v", "print"].map((each): [string, ProxyOptions] => [
    `^/${each}(/|\\?|$)`,
    {
      ...{ target: HUB, changeOrigin: true },
      bypass: ({ url = "" }) => (isOfPages(url.split("?")[0] ?? "") ? url : undefined),
    },
  ]);
  return {
    ...Object.fromEntries(plain),
    "^/live": { target: HUB, ws: true, changeOrigin: true, rewriteWsOrigin: true },
  };
}

export default defineConfig(({ command }) => ({
  root: "src",
  publicDir: false,
  cacheDir: "../node_modules/.vite",
  appType: "mpa",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [precompressed(), pageAddresses()],
  server: { proxy: command === "serve" && !process.env.VITEST ? hubPaths() : {} },
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      checks: { pluginTimings: false },
      input: {
        ...Object.fromEntries(PAGES.map((name) => [name, source(`${name}/index.html`)])),
        "stand-worker": source("stand/worker.ts"),
      },
      // A service worker's address says what it is for, so it is always the same.
      output: {
        entryFileNames: ({ name }) => (name === "stand-worker" ? "[name].js" : "assets/[name]-[hash].js"),
      },
    },
  },
  test: { include: ["**/*.test.{ts,js}"] },
}));
