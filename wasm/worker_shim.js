// Inside the glue of the threads build: whoever starts an engine starts the workers of its pool too (pool.js).
const Worker = Module['Worker'];
