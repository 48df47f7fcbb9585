// Servers of the tests' own: the built page in a subfolder, with or without the isolation headers, and any folder as it is.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the built page. */
export const root = fileURLToPath(new URL('../../web/dist/', import.meta.url));
/** What files are sent as, by their ends. */
export const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** What a page must be sent with to be isolated: only then are there threads. */
export const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Serves a folder as it is. @param {string} folder @param {Record<string, string>} [headers]  by default those of isolation */
export async function serveFolder(folder, headers = isolation) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://page');
    if (pathname === '/')
      return response.writeHead(200, { 'Content-Type': 'text/html', ...headers }).end('<!doctype html>');
    const file = join(folder, normalize(decodeURIComponent(pathname)));
    if (!existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end();
    response.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream', ...headers });
    return createReadStream(file).pipe(response);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

/**
 * Serves the built page under /a/folder/. `served`: which of its files were asked for; `withheld`: those in whose place a page comes, as from a
 * host that has them not.
 */
export async function serve({ isolated = true } = {}) {
  const served = new Set();
  const withheld = new Set();
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://page');
    let path = normalize(join(root, decodeURIComponent(url.pathname).replace(/^\/a\/folder\//, '')));
    if (url.pathname.endsWith('/')) path = join(path, 'index.html');
    const known = url.pathname.startsWith('/a/folder/') && path.startsWith(root) && existsSync(path);
    if (!known || !statSync(path).isFile()) {
      response.writeHead(404).end();
      return;
    }
    served.add(relative(root, path));
    if (withheld.has(relative(root, path))) {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html>');
      return;
    }
    const headers = {
      'Content-Type': types[extname(path)] ?? 'application/octet-stream',
      ...(isolated && isolation),
    };
    response.writeHead(200, headers);
    createReadStream(path).pipe(response);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${server.address().port}`;
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { origin, served, withheld, url: `${origin}/a/folder/`, close: () => server.close(), stop };
}
