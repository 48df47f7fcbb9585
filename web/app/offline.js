/** Working offline, and threads where the host sends no headers for them: both are the service worker's (public/isolation.js). */
import { hear } from './events.js';
import { state } from './state.js';

const kQuiet = 2000; // milliseconds that the page's own loading has for itself

/** Large files that were used: they are kept too. */
const used = new Set();
/** @type {ServiceWorker | null} */
let keeper = null;

const keep = () => keeper?.postMessage({ later: [...used] });

hear('weights-used', (name) => {
  used.add(`trainground/data/${name}.safetensors`);
  keep();
});

/**
 * Registers the worker once the page stands, and lets it keep everything. Where service workers are refused (a file, a private window) the
 * page works as it did. `ready` is called once a reload would give threads.
 * @param {{ ready: () => void }} options
 */
export async function workOffline({ ready }) {
  if (!import.meta.env.PROD || !navigator.serviceWorker) return;
  // Nor while a network trains: to keep all files takes a second of two processors.
  do await new Promise((resolve) => setTimeout(resolve, kQuiet));
  while (state.run?.status === 'training');
  try {
    await navigator.serviceWorker.register('isolation.js');
    const { active } = await navigator.serviceWorker.ready;
    navigator.serviceWorker.addEventListener('message', ({ data }) => {
      if (!data.kept) return;
      document.documentElement.dataset.offline = 'ready';
      document.documentElement.dataset.keptLater = String(data.kept);
    });
    keeper = active;
    keep();
    if (!crossOriginIsolated) ready();
  } catch {
    // Refused: nothing is lost but the next visit without a network.
  }
}
