// Decodes one list of pictures off the page's thread; images.js starts a worker for each list and ends it, with all memory that
// decoding took. It says that it is there, then how far it is, and last what came of it.
import { takePlaces } from './assets.js';
import { decodeAll } from './decoding.js';

/** @type {any} */
const page = globalThis;

page.onmessage = async (/** @type {MessageEvent} */ { data: { files, targets, places } }) => {
  takePlaces(places);
  const onProgress = (/** @type {number} */ done) => page.postMessage({ done });
  try {
    const decoded = await decodeAll(files, targets, { onProgress });
    page.postMessage(
      { decoded },
      decoded.inputs.map(({ buffer }) => buffer),
    );
  } catch (error) {
    page.postMessage({ error });
  }
};
page.postMessage({ ready: true });
