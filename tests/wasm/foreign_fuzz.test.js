// Damaged projects and models: each is opened, or refused in clear sentences; nothing else is thrown, and the time is linear in the length.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zipSync } from 'fflate';
import { InputError, readTeachableMachineProject } from 'trainground';
import { readLayersModel } from '../../wasm/layers_model.js';
import { modelFiles, teachableModel } from './layers_models.js';
import { numbers } from './photo_files.js';
import { manifest, projectOf } from './projects.js';

const bytes = (text) => new TextEncoder().encode(text);

/** What opening gives, or null where it is refused. */
async function answered(work, round) {
  try {
    return await work();
  } catch (error) {
    assert.ok(error instanceof InputError, `round ${round}: ${error.stack}`);
    for (const { path, expected, given } of error.problems) assert.ok(path && expected && given, error.message);
    assert.ok(error.message.length < 2000, error.message);
    return null;
  }
}

/** Some of the bytes changed, taken out, put in, or cut off. @param {Uint8Array} whole @param {(below: number) => number} draw */
function damaged(whole, draw) {
  let file = [...whole];
  for (let edits = 1 + draw(3); edits > 0; edits--) {
    const at = draw(file.length + 1);
    const kind = draw(5);
    if (kind === 0) file.splice(at, 1 + draw(8));
    else if (kind === 1) file.splice(at, 0, ...file.slice(draw(file.length), draw(file.length)).slice(0, 60));
    else if (kind === 2) file = file.slice(0, at);
    else file[at] = draw(256);
  }
  return Uint8Array.from(file);
}

const drawing = (round) => {
  const next = numbers(round + 1);
  for (let i = 0; i < 3; i++) next();
  return (below) => Math.floor(next() * below * 0.999999);
};

test('3,000 damaged projects are opened or refused', async () => {
  const content = bytes('not decoded here');
  const stored = projectOf({ 'a-!-0.jpg': content, 'ü-!-0.jpg': content, 'ü-!-1.jpg': content });
  const deflated = zipSync({
    'a-!-0.jpg': content,
    'b-!-0.jpg': content,
    'manifest.json': bytes(JSON.stringify(manifest)),
  });
  let opened = 0;
  for (let round = 0; round < 3000; round++) {
    const project = await answered(
      () => readTeachableMachineProject(damaged(round % 2 ? stored : deflated, drawing(round))),
      round,
    );
    if (!project) continue;
    opened++;
    for (const { file, label } of project.pictures) {
      assert.ok(project.classNames[label] !== undefined);
      assert.deepEqual(new Uint8Array(await file.arrayBuffer()), content, `round ${round}: what is given is whole`);
    }
  }
  assert.ok(opened > 100 && opened < 2500, String(opened));
});

/** Values of any kind in the place of others. */
const others = [null, -1, 0, 1.5, 1e300, '', 'Add', 'Sequential', [], {}, [[]], true, [1, 2], [null, 8, 8, 3], 2 ** 40];

/** One value somewhere in a tree of JSON put in another's place, taken out, or doubled. @param {any} tree @param {(below: number) => number} draw */
function changed(tree, draw) {
  let place = tree;
  for (;;) {
    const keys = Object.keys(place);
    const key = keys[draw(keys.length)];
    const inside = place[key];
    if (typeof inside === 'object' && inside !== null && Object.keys(inside).length && draw(6)) {
      place = inside;
      continue;
    }
    const kind = draw(4);
    if (kind === 0 && Array.isArray(place)) place.splice(Number(key), 0, structuredClone(place[draw(place.length)]));
    else if (kind === 1) delete place[key];
    else place[key] = structuredClone(others[draw(others.length)]);
    return;
  }
}

test('3,000 damaged models are read or refused', async () => {
  const tiny = teachableModel({ side: 8, first: 4, blocks: [2, 's3', 3], last: 5, hidden: 4 }, { labels: ['a', 'b'] });
  const files = modelFiles(tiny);
  const text = new TextDecoder().decode(files['model.json']);
  let read = 0;
  for (let round = 0; round < 3000; round++) {
    const draw = drawing(round);
    const model = JSON.parse(text);
    const kind = draw(10);
    const given = { ...files };
    if (kind < 8) {
      for (let edits = 1 + draw(2); edits > 0; edits--) changed(model, draw);
      given['model.json'] = bytes(JSON.stringify(model));
    } else {
      const name = ['model.json', 'metadata.json', 'weights.bin'][draw(3)];
      given[name] = damaged(files[name], draw);
    }
    const network = await answered(() => readLayersModel(given), round);
    if (!network) continue;
    read++;
    for (const { shape, values } of network.tensors.values()) {
      assert.equal(
        values.length,
        shape.reduce((product, side) => product * side, 1),
      );
      assert.ok(values.every(Number.isFinite));
    }
  }
  assert.ok(read > 300 && read < 2700, String(read));
});

test('a refusal takes time linear in the input', async () => {
  const seconds = async (work) => {
    const from = process.hrtime.bigint();
    assert.equal(await answered(work), null);
    return Number(process.hrtime.bigint() - from) / 1e9;
  };
  const layer = (i) => ({
    name: `l${i}`,
    class_name: 'ReLU',
    config: { name: `l${i}` },
    inbound_nodes: i ? [[[`l${i - 1}`, 0, 0, {}]]] : [],
  });
  const chain = (length) => {
    const layers = Array.from({ length }, (_, i) => layer(i));
    const config = { name: 'm', layers, input_layers: [['l0', 0, 0]], output_layers: [['l0', 0, 0]] };
    return {
      'model.json': bytes(JSON.stringify({ modelTopology: { class_name: 'Model', config } })),
      'metadata.json': bytes('{"labels":["a","b"]}'),
    };
  };
  const project = (length) =>
    projectOf(Object.fromEntries(Array.from({ length }, (_, i) => [`a-!-${i}.jpg`, bytes('x')])), null);
  const nested = (length) => ({
    'model.json': bytes('['.repeat(length)),
    'metadata.json': bytes('{"labels":["a","b"]}'),
  });
  for (const [make, open] of [
    [chain, readLayersModel],
    [project, readTeachableMachineProject],
    [nested, readLayersModel],
  ]) {
    const [some, many] = [make(3000), make(24_000)];
    await seconds(() => open(some)); // warm
    const [little, much] = [await seconds(() => open(some)), await seconds(() => open(many))];
    assert.ok(much < 40 * little + 0.05, `${make.name}: ${little} s, eight times as long: ${much} s`);
  }
});
