// Decodes lists of pictures off the page's thread; images.js starts it, and ends it with all memory that decoding took. It says that it is
// there, then of each list how far it is, and last what came of it. Where there is no list yet, it makes ready for one.
import { takePlaces } from './assets.js';
import { decodeAll } from './decoding.js';

/** @type {any} */
const page = globalThis;

/**
 * A JPEG of eight pixels square, at half the resolution in colour as cameras write it. To decode it has jpeg.wasm fetched, and compiled what runs
 * of it and of the scripts: a fifth of what a photo of 12 megapixels takes. A hundred of 64 pixels, which V8 would optimise for too, gained 5 %
 * more and cost 90 ms.
 */
const kTiny =
  '/9j/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/2wBDARESEhgVGC8aGi9jQjhCY2NjY2NjY2NjY2NjY2Nj' +
  'Y2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2P/wAARCAAIAAgDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAL/xAAcEAACAgIDAAAAAAAAAAAAAAABAgAR' +
  'ITESkaH/xAAUAQEAAAAAAAAAAAAAAAAAAAAB/8QAGREAAgMBAAAAAAAAAAAAAAAAAQIAERLB/9oADAMBAAIRAxEAPwCQBRBVXQVm+YXHY1rPkREdshpTAKGAvs//2Q==';

async function warmUp() {
  const tiny = Uint8Array.from(atob(kTiny), (letter) => letter.charCodeAt(0));
  const decoding = decodeAll([tiny], [{ height: 1, width: 1, channels: 3, fit: 'crop' }]);
  const { accepted } = await decoding.catch(() => ({ accepted: [] })); // the list has the same trouble, and tells it
  page.postMessage({ warm: accepted.length === 1 });
}

page.onmessage = async (/** @type {MessageEvent} */ { data: { files, targets, places } }) => {
  takePlaces(places);
  if (!files) return warmUp();
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
