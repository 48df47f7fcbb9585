/** Zips, unpacked in a worker: what is made of photos is hardly smaller for it, and takes seconds all the same. */

/**
 * What a zip holds, by its place in it, of what is wanted. Throws where it is no zip.
 * @param {File} zip
 * @param {(entry: { name: string, originalSize: number }) => boolean} isWanted  originalSize: in bytes, once unpacked
 * @returns {Promise<Map<string, File>>}
 */
export async function unpack(zip, isWanted) {
  const worker = new Worker(new URL('./zip_worker.js', import.meta.url), { type: 'module' });
  const ask = (message) =>
    new Promise((done, fail) => {
      worker.onmessage = ({ data }) => (data.error ? fail(data.error) : done(data));
      worker.onerror = fail;
      worker.postMessage(message);
    });
  try {
    const { entries } = await ask({ zip, wanted: [] });
    // By their numbers: of two with one name, each is looked at.
    const wanted = entries.flatMap((entry, at) => (isWanted(entry) ? [at] : []));
    return new Map((await ask({ wanted })).files);
  } finally {
    worker.terminate();
  }
}
