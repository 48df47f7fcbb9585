// The recipes for photos stand in one place: the files for the command line are what the page opens with, and what its lessons compare.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { defaultExperiment, photoWay } from '../../web/app/sets.js';
import { withEarlyStopping, withSplitBy } from '../../web/app/settings.js';
import { Operations } from '../../wasm/operations.js';

const fileOf = (name) =>
  JSON.parse(readFileSync(new URL(`../../web/experiments/${name}.json`, import.meta.url), 'utf8'));
const operations = new Operations();
await operations.load({ threads: 1 });
const written = (experiment) => operations.writeOut(JSON.stringify(experiment));
after(() => operations.dispose());

test('web/experiments/photos.json is what the page opens own pictures with', () => {
  const file = fileOf('photos');
  const page = defaultExperiment('own', file.layers.at(-1).units);
  assert.deepEqual(written(file), written({ ...page, dataset: { ...page.dataset, path: file.dataset.path } }));
});

test('the files of the lessons on photos are what the page compares', () => {
  const photos = defaultExperiment('vegetables');
  const pictures = { samples: 42, largest: 320 };
  assert.deepEqual(written(fileOf('transfer-photos-with')), written(photoWay('all', photos, pictures)));
  assert.deepEqual(written(fileOf('transfer-photos-without')), written(photoWay('scratch', photos, pictures)));
  const bursts = { ...withEarlyStopping(defaultExperiment('vegetables-bursts'), null), epochs: 20 };
  assert.deepEqual(written(fileOf('split-bursts-random')), written(withSplitBy(bursts, 'random')));
  assert.deepEqual(written(fileOf('split-bursts-by-group')), written(withSplitBy(bursts, 'group')));
});
