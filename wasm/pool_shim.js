// In front of the script of the pool's workers, after node_shim.js: in a browser, a start that fails is told, and a worker ends itself
// when it is asked to. Node does both by itself. That script may be the glue, which is no worker of the pool elsewhere: pool.js names them.
if (!inNode && globalThis.name === 'em-pthread') {
  addEventListener('unhandledrejection', ({ reason }) => postMessage({ cmd: 'failed', reason: String(reason) }));
  addEventListener('message', (event) => {
    if (event.data.cmd !== 'end') return;
    event.stopImmediatePropagation();
    postMessage({ cmd: 'ended' });
    close();
  });
}
