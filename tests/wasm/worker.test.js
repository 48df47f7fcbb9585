// The conversation with a worker: who answers what, what moves instead of being copied, and what a fault does to those who wait.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Trainer } from 'trainground';
import { Connection, connect, firstToStart } from '../../wasm/client.js';
import { InputError } from '../../wasm/experiment.js';
import { Operations } from '../../wasm/operations.js';

const workerUrl = new URL('../../wasm/engine_worker.js', import.meta.url);

/** A worker that answers by engine_worker.js's own loop, with operations that can fail in every way. */
const open = () => new Connection(new Worker(new URL('fault_worker.js', import.meta.url)));

test('answers come back to their own questions, in order', async () => {
  const connection = open();
  const order = [];
  const ask = (value, delay) => connection.call('echo', { value, delay }).then((answer) => order.push(answer));
  await Promise.all([ask('first', 30), ask('second', 0), ask('third', 10)]);
  assert.deepEqual(order, ['first', 'second', 'third']);
  await connection.close();
});

test('bad input rejects its own question only', async () => {
  const connection = open();
  const problems = [{ path: 'a', expected: 'b', given: 'c' }];
  const [refused, good] = await Promise.allSettled([
    connection.call('refuse', problems),
    connection.call('echo', { value: 1 }),
  ]);
  assert.ok(refused.reason instanceof InputError && refused.reason instanceof TypeError);
  assert.deepEqual(refused.reason.problems, problems);
  assert.equal(refused.reason.message, 'Expected a to be b, got c');
  assert.equal(good.value, 1);
  await connection.close();
});

for (const [name, expected] of [
  ['trap', /unreachable/],
  ['throwLater', /nobody catches this/],
  ['exit', /ended with code 7/],
]) {
  test(`a fault (${name}) rejects every pending question with its cause, and later ones too; a fresh worker works`, async () => {
    const connection = open();
    const pending = [connection.call(name), connection.call('never'), connection.call('never')];
    for (const { status, reason } of await Promise.allSettled(pending)) {
      assert.equal(status, 'rejected');
      assert.match(reason.message, expected);
    }
    assert.ok(connection.dead);
    await assert.rejects(connection.call('echo', { value: 1 }), expected);
    await connection.close();

    const next = open();
    assert.equal(await next.call('echo', { value: 2 }), 2);
    await next.close();
  });
}

test('lent numbers stay where they are, and the memory that took them there comes back for the next ones', async (context) => {
  const worker = new Worker(new URL('fault_worker.js', import.meta.url));
  const returned = [];
  worker.on('message', ({ lent }) => returned.push(lent?.byteLength));
  const connection = new Connection(worker);
  const made = [];
  const Whole = globalThis.ArrayBuffer;
  globalThis.ArrayBuffer = new Proxy(Whole, {
    construct(target, [size]) {
      made.push(size);
      return new target(size);
    },
  });
  context.after(() => (globalThis.ArrayBuffer = Whole));

  const all = Float32Array.of(1, 2, 3, 4);
  const part = all.subarray(1);
  const shared = new Uint8Array(new SharedArrayBuffer(12)).fill(9);
  assert.deepEqual(await connection.lend('told', part), ['Float32Array', 2, 3, 4]);
  assert.deepEqual(await connection.lend('told', shared), ['Uint8Array', ...shared]);
  assert.deepEqual(made, [12]);
  assert.deepEqual(await connection.lend('told', all), ['Float32Array', 1, 2, 3, 4]);
  const asked = [all, all.map((x) => -x), new Float32Array(0)].map((numbers) => connection.lend('told', numbers));
  const answers = (await Promise.all(asked)).map(([, ...numbers]) => numbers);
  assert.deepEqual(answers, [[1, 2, 3, 4], [-1, -2, -3, -4], []]);
  assert.deepEqual([...all], [1, 2, 3, 4]);
  assert.deepEqual(returned, [12, 12, 16, 16, 16, 0]);
  assert.deepEqual(made, [12, 16, 16, 0]);
  await assert.rejects(connection.lend('refuse', [{ path: 'a', expected: 'b', given: 'c' }]), InputError);
  await connection.close();
});

test('what a fault printed is told with it', async () => {
  const connection = open();
  await assert.rejects(connection.call('trap'), /last words of the core/);
});

test("a result's buffers move: the sender's are detached", async () => {
  const connection = open();
  const { first, nested } = await connection.call('give');
  assert.deepEqual([...first], [1, 2, 3]);
  assert.deepEqual([...nested[0].values], [4, 5]);
  assert.deepEqual(await connection.call('given'), [0, 0], 'lengths left in the sender');
  await connection.close();
});

test('of a part of a buffer, the part is sent', async () => {
  const connection = open();
  const bytes = new Uint8Array(1000).fill(7);
  const got = await connection.call('sizes', { part: bytes.subarray(10, 14), deeper: { all: bytes } });
  assert.deepEqual(got, { part: [4, 4, 7], all: [1000, 1000, 7] });
  assert.equal(bytes.length, 1000);
  const buffer = Buffer.alloc(100, 7).subarray(3, 7);
  const ofBuffer = await connection.call('sizes', { part: buffer, deeper: { all: bytes } });
  assert.deepEqual(ofBuffer.part, [4, 4, 7]);
  await connection.close();
});

test("a request's buffers move only if asked to", async () => {
  const connection = open();
  const kept = new Uint8Array([1, 2]);
  const moved = new Uint8Array([3, 4]);
  assert.equal(await connection.call('sum', [kept, moved], [moved.buffer]), 10);
  assert.equal(kept.length, 2);
  assert.equal(moved.length, 0);
  await connection.close();
});

test('the engine itself: its worker ended in the middle of training rejects what is pending, and the next trainer works', async () => {
  const worker = new Worker(workerUrl);
  const connection = new Connection(worker);
  const experiment = {
    dataset: { type: 'points', shape: 'moons', samples: 100000 },
    layers: [{ type: 'dense', units: 2 }],
    batchSize: 1, // so that an epoch takes longer than the worker has
  };
  await connection.call('load');
  await connection.call('open', { json: JSON.stringify(experiment), options: {} });
  const slices = [1, 2].map(() => connection.call('advance', { milliseconds: 60_000, steps: true }));
  setTimeout(() => worker.terminate(), 50);
  for (const { status, reason } of await Promise.allSettled(slices)) {
    assert.equal(status, 'rejected');
    assert.match(reason.message, /^The engine has stopped: The engine's worker ended with code 1$/);
  }
  const trainer = await Trainer.open(experiment);
  assert.equal((await trainer.step())[0].step, 1);
  await trainer.dispose();
});

test('closing a worker that does not answer ends it all the same', async () => {
  const connection = open();
  const never = assert.rejects(connection.call('never'), /has stopped: it was disposed of/);
  await connection.close();
  await never;
  assert.ok(connection.dead);
});

test('the engine of a small run waits for the next one, which ends as it would alone; who had it before has none any more', async (context) => {
  const experiment = (seed) => ({
    dataset: 'digits',
    seed,
    layers: [{ type: 'flatten' }, { type: 'dense', units: 10 }],
  });
  const run = async (conversation, seed) => {
    await conversation.call('open', { json: JSON.stringify(experiment(seed)), options: {} });
    await assert.rejects(conversation.call('predict', new Uint8Array(3)), InputError);
    await conversation.call('advance', { milliseconds: 0, steps: true, once: true });
    return conversation.call('weightsSha256');
  };
  const fresh = new Connection(new Worker(workerUrl));
  await fresh.call('load', { threads: 1 });
  const alone = await run(fresh, 2);
  await fresh.close();

  let begun = 0;
  const count = ({ threadId }) => void (begun += threadId > 0);
  process.on('worker', count);
  context.after(() => process.off('worker', count));
  const first = await connect({ threads: 1 });
  await run(first, 1);
  await first.close();
  assert.ok(first.dead);
  await assert.rejects(first.call('weightsSha256'), { message: 'The engine has stopped: it was disposed of' });
  const other = await connect({ threads: 2 });
  const second = await connect({ threads: 1 });
  assert.deepEqual([begun, other.dead, second.dead], [2, false, false], 'one each');
  assert.equal(await run(second, 2), alone);

  // A large one gives everything back.
  const inputs = new Uint8Array(40 * 2 ** 20);
  const data = { inputs, shape: [1024, 1024, 1], labels: new Int32Array(40).map((_, i) => i % 2) };
  const large = { layers: [{ type: 'flatten' }, { type: 'dense', units: 2 }], validationSplit: 0 };
  await second.call('open', { json: JSON.stringify(large), options: { data } });
  await second.close();
  const third = await connect({ threads: 1 });
  assert.equal(begun, 3);
  await other.close();
  await third.close();
});

test('starts that never end get rivals, a slow one does not lose its turn, and a failure is not waited for', async () => {
  /** Workers of which each starts as told, the last one and all behind it alike. */
  const workers = (...starts) => {
    const begun = [];
    const begin = () => {
      const connection = open();
      const { call } = connection;
      const start = starts[begun.length] ?? starts.at(-1);
      connection.call = (name, argument) => call.call(connection, ...(name === 'load' ? start : [name, argument]));
      begun.push(connection);
      return connection;
    };
    return { begun, begin };
  };
  const stuck = workers(['never'], ['never'], ['echo', {}]);
  const winner = await firstToStart(stuck.begin, 1, { patience: 50 });
  assert.ok(stuck.begun.indexOf(winner) >= 2);
  assert.equal(await winner.call('echo', { value: 3 }), 3);
  const losers = stuck.begun.filter((connection) => connection !== winner);
  await Promise.all(losers.map((connection) => connection.close()));
  assert.ok(losers.every(({ dead }) => dead));

  const silent = workers(['never']);
  const givenUp = firstToStart(silent.begin, 1, { patience: 50, longest: 400 });
  await assert.rejects(givenUp, { message: 'The engine has not started in 0.4 seconds' });
  await Promise.all(silent.begun.map((connection) => connection.close()));

  const slow = workers(['echo', { delay: 300 }], ['never']);
  assert.equal(await firstToStart(slow.begin, 1, { patience: 50 }), slow.begun[0]);
  await Promise.all(slow.begun.map((connection) => connection.close()));

  const failing = workers(['refuse', [{ path: 'threads', expected: 'b', given: 'c' }]]);
  await assert.rejects(firstToStart(failing.begin, 99, { patience: 60_000 }), /Expected threads to be b/);
  await failing.begun[0].close();
  assert.equal(failing.begun.length, 1);
  await winner.close();
});

test('a rival that says late that it is there keeps no process from ending', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  /** @type {Connection[]} */
  const begun = [];
  const begin = () => {
    begun.push(new Connection(new Worker(workerUrl)));
    return begun.at(-1);
  };
  await firstToStart(begin, 1, { patience: 1 });
  await Promise.all(begun.map((connection) => connection.close()));
  assert.ok(begun.length > 2, `${begun.length} were begun`);
  assert.equal(timers(), before);
});

test('a step is a step, also where a slice of time has left a validation half-way', async () => {
  const operations = new Operations();
  await operations.load({ threads: 1 });
  const experiment = { dataset: 'digits', layers: [{ type: 'flatten' }, { type: 'dense', units: 10 }], batchSize: 600 };
  await operations.open({ json: JSON.stringify(experiment), options: {} });
  const slice = (how) => operations.advance({ milliseconds: 0, steps: true, ...how }).events.map(({ event }) => event);
  const seen = [0, 1, 2, 3].map(() => slice());
  assert.deepEqual(seen, [['step'], ['step'], ['step'], []], 'three steps and a part of the validation');
  assert.deepEqual(slice({ once: true }), ['epoch', 'step']);
  assert.deepEqual(slice({ once: true }), ['step']);
  assert.deepEqual(slice({ once: true }), ['step', 'epoch']);
  operations.dispose();
});

test('a build is compiled once: the next worker works with what the first one has compiled', async () => {
  const [first, second] = [new Operations(), new Operations()];
  const { single } = await first.load({ threads: 1 });
  assert.ok(single instanceof WebAssembly.Module);
  assert.equal((await second.load({ threads: 1, modules: { single } })).single, single);
  for (const operations of [first, second]) operations.dispose();

  const workers = [1, 2].map(() => new Connection(new Worker(workerUrl)));
  const modules = await workers[0].call('load', { threads: 2 });
  assert.deepEqual(Object.keys(modules), ['threads']);
  await workers[1].call('load', { threads: 2, modules });
  assert.ok(await workers[1].call('options'));
  for (const worker of workers) await worker.close();
});
