// Starts a script as a worker from wherever it lies.
import { here, inNode, inWebKit } from './files.js';

/** Scripts that import one of another origin, by its address. @type {Map<string, string>} */
const imports = new Map();

/** @param {string} url */
function importOf(url) {
  const script = `import ${JSON.stringify(url)};`;
  // Where a page has no origin, as in a sandboxed frame, Chromium starts no module that is a Blob; WebKit starts one that is data, and then no
  // Blob can be read in it (NotReadableError).
  if (globalThis.origin === 'null' && !inWebKit) return `data:text/javascript,${encodeURIComponent(script)}`;
  const made = imports.get(url) ?? URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  imports.set(url, made);
  return made;
}

/**
 * A browser starts no script of another origin (a CDN; in a sandboxed frame any), but one of this origin may import it.
 * @param {string | URL} url
 * @param {WorkerOptions} options
 */
export function webWorker(url, options) {
  const address = String(url);
  return new Worker(isForeign(address) ? importOf(address) : address, { ...options, type: 'module' });
}

/** Whether an address is one of another origin. @param {string} url */
export const isForeign = (url) => !/^(blob|data):/.test(url) && new URL(url, here()).origin !== globalThis.origin;

/**
 * The script beside a module that runs as it stands; undefined: it was bundled.
 * @param {string | undefined} module  its import.meta.url
 * @param {string} name  of its own file
 * @param {string} script
 */
export function besideOf(module, name, script) {
  const [path] = String(module).split(/[?#]/);
  if (!inNode && path.startsWith('file:') && globalThis.location.protocol !== 'file:') return undefined; // webpack's word for it
  return path.endsWith(`/${name}`) ? path.slice(0, -name.length) + script : undefined;
}
