// The recipe for own photos stands in one place: the file for the command line is what the page opens with.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { defaultExperiment } from '../../web/app/sets.js';
import { Operations } from '../../wasm/operations.js';

const file = JSON.parse(readFileSync(new URL('../../web/experiments/photos.json', import.meta.url), 'utf8'));

test('web/experiments/photos.json is what the page opens own pictures with', async () => {
  const operations = new Operations();
  await operations.load({ threads: 1 });
  const written = (experiment) => operations.writeOut(JSON.stringify(experiment));
  const page = defaultExperiment('own', file.layers.at(-1).units);
  assert.deepEqual(written(file), written({ ...page, dataset: { ...page.dataset, path: file.dataset.path } }));
  operations.dispose();
});
