// A program's own worker that decodes pictures: no other worker is started for them then.
import { decodeImages } from '/wasm/index.js';

onmessage = async ({ data: { blobs, how } }) => {
  globalThis.Worker = undefined;
  postMessage(await decodeImages(blobs, how));
};
