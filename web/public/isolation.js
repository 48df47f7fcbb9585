/**
 * The page's service worker. It adds the two headers that threads need where the host does not send them, and keeps the whole page for
 * working offline. Of large files that few need (`later` in files.json) it keeps those that the page has used.
 *
 * A build is kept whole or not at all: `files.json` is stored last, and without it every request goes to the network, so that two builds are
 * never mixed. A new build is fetched while the old one still serves, and takes over when the last tab of the old one is closed.
 */
const version = '__VERSION__'; // of the build, set when it is made
const prefix = `trainground ${self.registration.scope} `;
const list = new URL('files.json', self.registration.scope).href;

const openCache = () => caches.open(prefix + version);

/** An answer with the headers of isolation. */
function isolated(answer) {
  if (answer.type === 'opaque' || answer.type === 'error') return answer;
  const headers = new Headers(answer.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  const { status, statusText } = answer;
  return new Response(status === 204 || status === 304 ? null : answer.body, { status, statusText, headers });
}

async function keepAll() {
  const cache = await openCache();
  if (await cache.match(list)) return;
  const answer = await fetch(list, { cache: 'no-cache' });
  const files = await answer.clone().json();
  if (files.version !== version) return; // the host has a newer build, whose own worker will keep it
  for (const path of files.list) {
    const url = new URL(path, self.registration.scope).href;
    const file = await fetch(url, { cache: 'no-cache' });
    if (!file.ok) return;
    await cache.put(url, isolated(file));
  }
  await cache.put(list, isolated(answer));
}

/** Keeps files that the page has used, beside the whole page. */
async function keepLater(paths) {
  await keepAll();
  const cache = await openCache();
  const whole = await cache.match(list);
  if (!whole) return;
  const { later } = await whole.json();
  for (const path of paths.filter((one) => later.includes(one))) {
    const url = new URL(path, self.registration.scope).href;
    if (await cache.match(url)) continue;
    const file = await fetch(url);
    if (file.ok) await cache.put(url, isolated(file));
  }
}

async function answerTo(request) {
  const cache = await openCache();
  if (await cache.match(list)) {
    const url = new URL(request.url);
    url.hash = url.search = '';
    const page = request.mode === 'navigate' ? new URL('index.html', self.registration.scope).href : url.href;
    const kept = await cache.match(page);
    if (kept) return kept;
  }
  return isolated(await fetch(request));
}

self.addEventListener('install', (event) => {
  if (self.registration.active) event.waitUntil(keepAll());
});
self.addEventListener('activate', (event) => {
  // The page that registered this worker goes on without it; it answers from the next load on.
  const isOld = (name) => name.startsWith(prefix) && name !== prefix + version;
  const letGo = async () => Promise.all((await caches.keys()).filter(isOld).map((name) => caches.delete(name)));
  event.waitUntil(letGo());
});
self.addEventListener('message', (event) => {
  const { later = [] } = event.data;
  event.waitUntil(keepLater(later).then(() => event.source?.postMessage({ kept: later })));
});
self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method === 'GET' && request.url.startsWith(self.registration.scope)) event.respondWith(answerTo(request));
});
