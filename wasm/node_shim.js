// What Emscripten's glue of the threads build takes for granted under Node, and an ES module does not have. Put in front of
// threads.mjs by the linker; in a browser all three stay undefined.
const underNode = typeof process === 'object' && !!process.versions && !!process.versions.node;
const require = underNode ? (await import('node:module')).createRequire(import.meta.url) : undefined;
const __filename = underNode ? require('node:url').fileURLToPath(import.meta.url) : undefined;
const __dirname = underNode ? require('node:path').dirname(__filename) : undefined;
