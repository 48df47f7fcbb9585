// Trains each network a little and leaves it in a folder, for programs in Python: NUMBER.onnx, NUMBER.pytorch.py, NUMBER.keras.py,
// NUMBER.safetensors, NUMBER.data.safetensors, and list.json: [{ number, name, shape, inputs (N,H,W,C), labels, logits, losses }], losses
// of the epochs that follow, batches in the samples' order.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Trainer } from 'trainground';
import { networks } from './networks.js';

const kRun = { batchSize: 10, epochs: 2, shuffle: false, validationSplit: 0 };

/** Numbers from 0 to 1 that look random and are the same in every run. */
const number = (i) => Math.abs(Math.sin(12.9898 * (i + 1)) * 43758.5453) % 1;

/** A safetensors file. @param {Record<string, [dtype: string, shape: number[], values: Float32Array | Int32Array]>} tensors */
function safetensors(tensors) {
  let offset = 0;
  const entries = Object.entries(tensors).map(([name, [dtype, shape, { byteLength }]]) => {
    offset += byteLength;
    return [name, { dtype, shape, data_offsets: [offset - byteLength, offset] }];
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, ...Object.values(tensors).map(([, , values]) => Buffer.from(values.buffer))]);
}

/** Runs to the end, and gives each epoch's loss. */
async function losses(trainer) {
  const list = [];
  for await (const event of trainer.train()) if (event.event === 'epoch') list.push(event.loss);
  return list;
}

/** @param {string} folder */
export async function writeNetworks(folder) {
  const list = [];
  for (const [i, [name, [shape, layers, rest]]] of Object.entries(networks).entries()) {
    const samples = i % 2 ? 23 : 21; // the last batch of 10: three, which two processes share, or a single one
    const inputs = Float32Array.from({ length: samples * shape[0] * shape[1] * shape[2] }, (_, at) => number(at));
    const outputs = layers.at(-1).units;
    const regresses = rest.loss === 'meanSquaredError';
    const answers = regresses
      ? { targets: Float32Array.from({ length: samples * outputs }, (_, at) => number(at + 5)) }
      : { labels: Int32Array.from({ length: samples }, (_, at) => (at * 7) % Math.max(2, outputs)) };
    const data = { inputs, shape, ...answers };
    const open = (weights) =>
      Trainer.open({ layers, ...kRun, ...rest }, { data, weights, sameThread: true, threads: 1 });
    const first = await open();
    await losses(first);
    const weights = await first.saveWeights();
    await first.dispose();
    const trainer = await open(weights);
    const file = (kind) => join(folder, `${i}.${kind}`);
    writeFileSync(file('safetensors'), weights);
    for (const [to, kind] of Object.entries({ onnx: 'onnx', pytorch: 'pytorch.py', keras: 'keras.py' })) {
      writeFileSync(file(kind), await trainer.export(to));
    }
    const labels = Object.values(answers)[0];
    const stored = regresses ? ['F32', [samples, outputs], labels] : ['I32', [samples], labels];
    writeFileSync(
      file('data.safetensors'),
      safetensors({ inputs: ['F32', [samples, ...shape], inputs], labels: stored }),
    );
    const logits = (await trainer.activations(inputs)).at(-1).values;
    list.push({
      ...{ number: i, name, shape, outputs, regresses, batchSize: kRun.batchSize, epochs: kRun.epochs },
      ...{ inputs: [...inputs], labels: [...labels], logits: [...logits], losses: await losses(trainer) },
    });
    await trainer.dispose();
  }
  writeFileSync(join(folder, 'list.json'), JSON.stringify(list));
}
