// A worker with an engine: the same file runs as a Web Worker and as a worker thread of Node.
import { inNode, nodeModule } from './files.js';
import { Operations } from './operations.js';
import { serve } from './serving.js';

const kWorkerName = 'trainground'; // given by client.js

/** Starts answering, if this file was loaded as a worker rather than imported. */
async function answer() {
  if (!inNode) {
    if (/** @type {any} */ (globalThis).name !== kWorkerName) return;
    const respond = serve(/** @type {any} */ (globalThis), new Operations());
    globalThis.addEventListener('message', ({ data }) => respond(data));
    return;
  }
  const { parentPort, workerData } = await nodeModule('node:worker_threads');
  if (workerData !== kWorkerName) return;
  const respond = serve(parentPort, new Operations());
  parentPort.on('message', respond);
}
answer();
