/** Unpacks a zip off the page's thread; unpack.js starts one for each. */
import { unzip } from './unzip.js';

/** @type {any} */
const page = globalThis;

/** @type {Uint8Array | null} */
let bytes = null;

page.onmessage = async ({ data: { zip, wanted } }) => {
  try {
    bytes ??= new Uint8Array(await zip.arrayBuffer());
    page.postMessage(unzip(bytes, wanted));
  } catch (error) {
    page.postMessage({ error });
  }
};
