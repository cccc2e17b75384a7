// Builds the pages: src/pages/<folder>/main.tsx → dist/<page>.html + dist/assets/* (content-hashed, flat).
//   node build.mjs                 production: minified, no source maps
//   node build.mjs --watch         rebuilds on change, with source maps
//   node build.mjs --only=studio   only these pages (comma-separated)
//   node build.mjs --out=DIR       into another folder than dist/
import { build, context } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = path.dirname(fileURLToPath(import.meta.url));
const SRC = path.join(ROOT, "src");
const option = (name) => process.argv.find((word) => word.startsWith(`--${name}=`))?.split("=")[1];
const watching = process.argv.includes("--watch");
const DIST = path.resolve(option("out") ?? path.join(ROOT, "dist"));

// page (its HTML file's name) → its folder and the title until the script has set the translated one
const PAGES = {
  index: { folder: "home", title: "Nearlive" },
  watch: { folder: "watch", title: "Nearlive" },
  order: { folder: "order", title: "Nearlive" },
  "sign-in": { folder: "sign-in", title: "Nearlive" },
  join: { folder: "join", title: "Nearlive" },
  studio: { folder: "studio", title: "Nearlive Studio" },
  console: { folder: "console", title: "Nearlive Console" },
  counter: { folder: "counter", title: "Nearlive Counter" },
  courier: { folder: "courier", title: "Nearlive Courier", worker: "src/worker/courier.ts" },
};
const only = option("only")?.split(",");
const pages = Object.entries(PAGES).filter(([name]) => !only || only.includes(name));

const settings = (staging) => ({
  absWorkingDir: ROOT,
  outdir: path.join(staging, "assets"),
  publicPath: "/assets",
  bundle: true,
  metafile: true,
  minify: !watching,
  sourcemap: watching,
  target: ["chrome109", "firefox115", "safari15.4"],
  loader: { ".svg": "file", ".png": "file", ".woff2": "file" },
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  legalComments: "none",
  logLevel: "warning",
});

const modules = (staging) => ({
  ...settings(staging),
  entryPoints: pages.map(([name, page]) => ({ in: `src/pages/${page.folder}/main.tsx`, out: name })),
  format: "esm",
  splitting: true,
  jsx: "automatic",
  jsxImportSource: "preact",
});

// What every page loads besides its own: the design system's style and the script that runs before the first paint.
const shared = (staging) => ({
  ...settings(staging),
  entryPoints: [
    { in: "src/design/index.css", out: "design" },
    { in: "src/core/boot.ts", out: "boot" },
  ],
  format: "iife",
});

const outputOf = (metafile, entry, suffix = "") => {
  const found = Object.entries(metafile.outputs).find(([, output]) => output.entryPoint === entry);
  if (!found) throw new Error(`nothing was built from ${entry}`);
  return suffix === ".css" ? found[1].cssBundle : found[0];
};
const url = (file) => `/assets/${path.basename(file)}`;

function staticImports(metafile, file, seen = new Set()) {
  for (const { path: next, kind } of metafile.outputs[file].imports) {
    if (kind !== "import-statement" || seen.has(next)) continue;
    seen.add(next);
    staticImports(metafile, next, seen);
  }
  return [...seen].filter((name) => name.endsWith(".js"));
}

/** Everything that a page may load, now or later. */
function allFiles(metafile, file, seen = new Set([file])) {
  const { imports, cssBundle } = metafile.outputs[file];
  for (const next of [...imports.map(({ path: name }) => name), ...(cssBundle ? [cssBundle] : [])]) {
    if (seen.has(next) || !metafile.outputs[next]) continue;
    seen.add(next);
    allFiles(metafile, next, seen);
  }
  return [...seen].filter((name) => /\.(js|css)$/.test(name));
}

// A worker is found under one name for ever; when what is in it changes, browsers take the new one.
async function writeWorkers(staging, own, common) {
  for (const [name, page] of pages) {
    if (!page.worker) continue;
    const script = outputOf(own, `src/pages/${page.folder}/main.tsx`);
    const files = [...allFiles(own, script).map(url), url(outputOf(common, "src/design/index.css")), url(outputOf(common, "src/core/boot.ts"))].sort();
    const version = createHash("sha256").update(files.join("\n")).digest("hex").slice(0, 12);
    await build({
      ...settings(staging),
      entryPoints: [page.worker],
      outdir: undefined,
      entryNames: "[name]",
      outfile: path.join(staging, `${name}-worker.js`),
      format: "iife",
      define: { FILES: JSON.stringify(files), VERSION: JSON.stringify(version) },
    });
  }
}

async function copyIcons(staging) {
  const folder = path.join(SRC, "icons");
  const icons = {};
  for (const name of (await readdir(folder)).sort()) {
    const bytes = await readFile(path.join(folder, name));
    const { name: stem, ext } = path.parse(name);
    const hashed = `${stem}-${createHash("sha256").update(bytes).digest("hex").slice(0, 8)}${ext}`;
    await writeFile(path.join(staging, "assets", hashed), bytes);
    icons[name] = `/assets/${hashed}`;
  }
  const manifest = JSON.parse(await readFile(path.join(SRC, "app.webmanifest"), "utf8"));
  for (const icon of manifest.icons) icon.src = icons[icon.src];
  const text = JSON.stringify(manifest);
  const file = `app-${createHash("sha256").update(text).digest("hex").slice(0, 8)}.webmanifest`;
  await writeFile(path.join(staging, "assets", file), text);
  return { ...icons, "app.webmanifest": `/assets/${file}` };
}

async function writePages(staging, own, common) {
  const icons = await copyIcons(staging);
  const template = await readFile(path.join(SRC, "page.html"), "utf8");
  const design = url(outputOf(common, "src/design/index.css"));
  const boot = url(outputOf(common, "src/core/boot.ts"));
  const manifest = {};
  for (const [name, page] of pages) {
    const entry = `src/pages/${page.folder}/main.tsx`;
    const script = outputOf(own, entry);
    const style = outputOf(own, entry, ".css");
    const chunks = staticImports(own, script).map(url);
    const styles = [design, ...(style ? [url(style)] : [])];
    manifest[name] = { script: url(script), boot, styles, chunks };
    const head = [
      ...styles.map((href) => `<link rel="stylesheet" href="${href}">`),
      ...chunks.map((href) => `<link rel="modulepreload" href="${href}">`),
      `<script src="${boot}"></script>`,
      `<script type="module" src="${url(script)}"></script>`,
    ].join("\n  ");
    const html = template
      .replaceAll("{{title}}", page.title)
      .replaceAll("{{page}}", name)
      .replaceAll("{{icon}}", icons["icon.svg"])
      .replaceAll("{{touch-icon}}", icons["icon-180.png"])
      .replaceAll("{{manifest}}", icons["app.webmanifest"])
      .replaceAll("{{head}}", head);
    await writeFile(path.join(staging, `${name}.html`), html);
  }
  await writeFile(path.join(staging, "manifest.json"), `${JSON.stringify(manifest, null, 1)}\n`);
}

/** Builds beside the old output and swaps, so that a server never sees a half-written folder. */
async function buildOnce() {
  const started = Date.now();
  const staging = path.join(path.dirname(DIST), "build", `pages-${process.pid}`);
  await rm(staging, { recursive: true, force: true });
  await mkdir(path.join(staging, "assets"), { recursive: true });
  try {
    const [own, common] = await Promise.all([build(modules(staging)), build(shared(staging))]);
    await writePages(staging, own.metafile, common.metafile);
    await writeWorkers(staging, own.metafile, common.metafile);
    await rm(DIST, { recursive: true, force: true });
    await rename(staging, DIST);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  console.log(`built ${pages.length} pages in ${Date.now() - started} ms`);
}

async function watch() {
  await rm(DIST, { recursive: true, force: true });
  await mkdir(path.join(DIST, "assets"), { recursive: true });
  const latest = {};
  const reporter = (which) => ({
    name: "pages",
    setup(plugin) {
      plugin.onEnd(async ({ metafile, errors }) => {
        if (errors.length) return;
        latest[which] = metafile;
        if (latest.own && latest.common) {
          await writePages(DIST, latest.own, latest.common);
          await writeWorkers(DIST, latest.own, latest.common);
        }
        console.log(`rebuilt ${which}`);
      });
    },
  });
  for (const [which, make] of [["own", modules], ["common", shared]]) {
    const session = await context({ ...make(DIST), plugins: [reporter(which)] });
    await session.watch();
  }
}

await (watching ? watch() : buildOnce());
