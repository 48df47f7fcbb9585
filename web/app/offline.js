/** Working offline, and threads where the host sends no headers for them: both are the service worker's (public/isolation.js). */
import { state } from './state.js';

const kQuiet = 2000; // milliseconds that the page's own loading has for itself

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
      if (data === 'kept') document.documentElement.dataset.offline = 'ready';
    });
    active.postMessage('keep');
    if (!crossOriginIsolated) ready();
  } catch {
    // Refused: nothing is lost but the next visit without a network.
  }
}
