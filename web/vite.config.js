/**
 * Builds and serves the page. The engine's package is not bundled: its worker, its threads and its .wasm files find each other by
 * relative URLs, so the folder wasm/ is served (and copied, its scripts without comments) under trainground/, and the page imports it from there.
 * The built folder web/dist works from any static host, also in a subfolder.
 */
import { cpSync, createReadStream, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, minifySync } from 'vite';

const web = fileURLToPath(new URL('.', import.meta.url));
const engine = fileURLToPath(new URL('../wasm/', import.meta.url));

/** Nothing is loaded from, or sent to, any other place; the built page carries this policy itself. */
const policy =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; img-src 'self' blob: data:; " +
  "worker-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'";

/** Threads need these two; without them the page runs on one thread, with the same results. */
const isolation = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

const types = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};

/** What of wasm/ a browser needs: the modules, the builds and the data; not the command line, the C++ or the types. */
function isServed(path) {
  return (
    !/(\.(cpp|h|txt|d\.ts|py|md)|_shim\.js)$/.test(path) && !/(^|[/\\])(cli(_files)?|node_modules)([./\\]|$)/.test(path)
  );
}

/** A script of the package without its comments and spaces: they are half of what a visitor would wait for. All names stay. */
function tersely(path) {
  const { code, errors } = minifySync(path, readFileSync(path, 'utf8'), {
    module: true,
    compress: false,
    mangle: false,
    codegen: { removeWhitespace: true, legalComments: 'inline' },
  });
  if (errors.length > 0) throw new Error(`${path}: ${errors[0].message}`);
  return code;
}

/** The package as the page serves it. */
function copyPackage(folder) {
  cpSync(engine, folder, { recursive: true, filter: isServed });
  for (const path of readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name))))
    if (/\.m?js$/.test(path)) writeFileSync(path, tersely(path));
}

const serviceWorker = 'isolation.js';

/** Large files that few visitors need: they are kept for working offline once they were used. */
const isForLater = (path) => /\/efficientnet[^/]*\.safetensors$/.test(path);

/** Every file of the built page, and a version that changes with any of them: for working offline, and for taking the package along. */
function listOf(folder) {
  const list = readdirSync(folder, { recursive: true })
    .map((path) => String(path).split(sep).join('/'))
    .filter((path) => statSync(join(folder, path)).isFile() && !['files.json', serviceWorker].includes(path))
    .sort();
  const sum = createHash('sha256');
  for (const path of list) sum.update(path).update(readFileSync(join(folder, path)));
  return {
    version: sum.digest('hex').slice(0, 16),
    list: list.filter((path) => !isForLater(path)),
    later: list.filter(isForLater),
  };
}

/** Serves wasm/ under trainground/ and leaves imports of the package alone. */
function trainground() {
  return {
    name: 'trainground',
    enforce: 'pre',
    resolveId(id) {
      if (id === 'trainground') return { id: 'trainground', external: true };
      return null;
    },
    configureServer(server) {
      server.middlewares.use('/trainground', (request, response, next) => {
        const path = normalize(join(engine, decodeURIComponent(new URL(request.url, 'http://page').pathname)));
        if (!path.startsWith(engine.replace(/[/\\]$/, sep)) || !existsSync(path) || !statSync(path).isFile())
          return next();
        response.setHeader('Content-Type', types[extname(path)] ?? 'application/octet-stream');
        for (const [name, value] of Object.entries(isolation)) response.setHeader(name, value);
        return createReadStream(path).pipe(response);
      });
    },
    renderChunk(code) {
      return {
        code: code.replace(/(from\s*|import\s*\(?\s*)(["'])trainground\2/g, '$1$2./trainground/index.js$2'),
        map: null,
      };
    },
    transform: {
      order: 'post',
      handler(code, id) {
        if (this.environment?.mode !== 'dev' || !id.startsWith(web)) return null;
        return {
          code: code.replace(/(from\s*|import\s*\(?\s*)(["'])trainground\2/g, '$1$2/trainground/index.js$2'),
          map: null,
        };
      },
    },
    transformIndexHtml: {
      order: 'post',
      handler(html, context) {
        if (context.server) return html;
        return html.replace(
          '<meta charset="utf-8">',
          `<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="${policy}">`,
        );
      },
    },
    writeBundle(options) {
      copyPackage(join(options.dir, 'trainground'));
      const files = listOf(options.dir);
      writeFileSync(join(options.dir, 'files.json'), JSON.stringify(files));
      const worker = join(options.dir, serviceWorker);
      writeFileSync(worker, readFileSync(worker, 'utf8').replace('__VERSION__', files.version));
    },
  };
}

export default defineConfig({
  root: web,
  base: './',
  plugins: [trainground()],
  server: { host: '127.0.0.1', headers: isolation, fs: { allow: ['..'] } },
  preview: { host: '127.0.0.1', headers: isolation },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    rollupOptions: {
      // The page's script stands beside trainground/, so that one relative path serves every chunk.
      output: {
        entryFileNames: '[name]-[hash].js',
        chunkFileNames: '[name]-[hash].js',
        assetFileNames: 'assets/[name]-[hash][extname]',
      },
    },
  },
});
