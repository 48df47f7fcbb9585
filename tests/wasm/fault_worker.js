// A worker for worker.test.js: engine_worker.js's own loop over operations that fail in every way an engine can.
import { setTimeout as wait } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { InputError } from '../../wasm/experiment.js';
import { serve } from '../../wasm/serving.js';

let given = [];
// (module (func (export "trap") unreachable))
const trapping = Uint8Array.of(
  0,
  97,
  115,
  109,
  1,
  0,
  0,
  0,
  1,
  4,
  1,
  96,
  0,
  0,
  3,
  2,
  1,
  0,
  7,
  8,
  1,
  4,
  116,
  114,
  97,
  112,
  0,
  0,
  10,
  5,
  1,
  3,
  0,
  0,
  11,
);

const operations = {
  lastWords: 'last words of the core',
  async echo({ value, delay = 0 }) {
    await wait(delay);
    return value;
  },
  refuse(problems) {
    throw new InputError(problems);
  },
  trap() {
    new WebAssembly.Instance(new WebAssembly.Module(trapping)).exports.trap();
  },
  throwLater() {
    setTimeout(() => {
      throw new Error('nobody catches this');
    });
    return operations.never();
  },
  exit() {
    process.exit(7);
  },
  never() {
    setInterval(() => {}, 1000);
    return new Promise(() => {});
  },
  give() {
    const first = new Uint8Array([1, 2, 3]);
    const nested = [{ values: new Float32Array([4, 5]) }];
    given = [first, nested[0].values];
    return { first, nested };
  },
  given: () => given.map((array) => array.length),
  sum: (arrays) => arrays.flatMap((array) => [...array]).reduce((a, b) => a + b),
  sizes({ part, deeper: { all } }) {
    const of = (view) => [view.length, view.buffer.byteLength, view[0]];
    return { part: of(part), all: of(all) };
  },
  told: (numbers) => [numbers.constructor.name, ...numbers],
  dispose() {},
};

parentPort.on('message', serve(parentPort, operations));
