// One copy of the data for all engines: typed arrays in memory that workers share, where the platform has it (Node, and pages that are
// cross-origin isolated). Elsewhere a message copies them. What an engine has read lies in its own memory either way.

/** @returns {boolean} */
const canShare = () =>
  typeof SharedArrayBuffer !== 'undefined' && /** @type {any} */ (globalThis).crossOriginIsolated !== false;

/**
 * The same value with its typed arrays in shared memory.
 * @template Value
 * @param {Value} value
 * @returns {Value}
 */
export function inSharedMemory(value) {
  return canShare() ? copied(value) : value;
}

/** @param {any} value @returns {any} */
function copied(value) {
  if (ArrayBuffer.isView(value)) {
    const { buffer, byteOffset, byteLength } = value;
    if (buffer instanceof SharedArrayBuffer) return value;
    const bytes = new Uint8Array(new SharedArrayBuffer(byteLength));
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength));
    const Numbers = /** @type {any} */ (
      [Float32Array, Float64Array, Int32Array, Uint16Array].find((type) => value instanceof type)
    );
    return Numbers ? new Numbers(bytes.buffer) : bytes;
  }
  if (Array.isArray(value)) return value.some((each) => typeof each === 'object') ? value.map(copied) : value;
  if (value?.constructor !== Object) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copied(each)]));
}
