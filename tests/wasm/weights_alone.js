// The sum of a weights file but for what it says of itself: what an end event tells of it.
import { createHash } from 'node:crypto';
import { joinFile, splitFile } from '../../wasm/safetensors.js';

/** @param {Uint8Array} file */
export function sumOfWeights(file) {
  const { header, data } = splitFile(file);
  const { __metadata__: _, ...tensors } = header;
  return createHash('sha256').update(joinFile(tensors, data)).digest('hex');
}
