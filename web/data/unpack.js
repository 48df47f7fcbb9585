/** Zips, unpacked in a worker: what is made of photos is hardly smaller for it, and takes seconds all the same. */
import { unzip } from './unzip.js';

/** Who unpacks: a worker; this thread where there are none. @param {File} zip */
async function unpacker(zip) {
  if (typeof Worker === 'undefined') {
    const bytes = new Uint8Array(await zip.arrayBuffer());
    return { ask: async (wanted) => unzip(bytes, wanted), end: () => {} };
  }
  const worker = new Worker(new URL('./zip_worker.js', import.meta.url), { type: 'module' });
  const ask = (wanted) =>
    new Promise((done, fail) => {
      worker.onmessage = ({ data }) => (data.error ? fail(data.error) : done(data));
      worker.onerror = fail;
      worker.postMessage({ zip, wanted });
    });
  return { ask, end: () => worker.terminate() };
}

/**
 * What a zip holds, by its place in it, of what is wanted. Throws where it is no zip.
 * @param {File} zip
 * @param {(entry: { name: string, originalSize: number }) => boolean} isWanted  originalSize: in bytes, once unpacked
 * @returns {Promise<Map<string, File>>}
 */
export async function unpack(zip, isWanted) {
  const { ask, end } = await unpacker(zip);
  try {
    const { entries } = await ask([]);
    // By their numbers: of two with one name, each is looked at.
    const wanted = entries.flatMap((entry, at) => (isWanted(entry) ? [at] : []));
    return new Map((await ask(wanted)).files);
  } finally {
    end();
  }
}
