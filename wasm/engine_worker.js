// The script of an engine's worker: the same file runs as a Web Worker and as a worker thread of Node. It is started, never imported.
import { inNode, nodeModule } from './files.js';
import { Operations } from './operations.js';
import { serve } from './serving.js';

const port = inNode ? nodeModule('node:worker_threads').parentPort : globalThis;
const respond = serve(port, new Operations());
if (inNode) port.on('message', respond);
else port.addEventListener('message', (/** @type {MessageEvent} */ { data }) => respond(data));
