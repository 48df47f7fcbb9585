// Photos of other sets are told from one's own by how like the training pictures they are: three real sets, ten photos a class to learn from, the
// recipe for own photos. Their folders are no part of this repository: without them it is skipped, and says so.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Trainer, decodeImages } from 'trainground';

const photos = fileURLToPath(new URL('../../../shared/photos/', import.meta.url));
const names = ['euro-coins', 'grocery', 'trashnet'];
const skip = names.every((name) => existsSync(join(photos, name))) ? false : `no photos at ${photos}`;
const recipe = JSON.parse(readFileSync(new URL('../../web/experiments/photos.json', import.meta.url), 'utf8'));
const { size } = recipe.dataset;

/** The first few photos of each class. */
async function load(name, part, most) {
  const folder = join(photos, name, part);
  const classNames = readdirSync(folder).sort();
  const filesOf = (one) =>
    readdirSync(join(folder, one))
      .sort()
      .slice(0, most)
      .map((file) => join(folder, one, file));
  const files = classNames.flatMap(filesOf);
  const { inputs } = await decodeImages(files, { size });
  const labels = classNames.flatMap((one, k) => filesOf(one).map(() => k));
  return { inputs, shape: [size, size, 3], labels, classNames };
}

/** The share of pairs in which one of the first is larger (Mann and Whitney, 1947). */
function auroc(larger, smaller) {
  let wins = 0;
  for (const a of larger) for (const b of smaller) wins += a > b ? 1 : a === b ? 0.5 : 0;
  return wins / (larger.length * smaller.length);
}

const shareOf = (list) => list.filter(Boolean).length / list.length;
const tests = {};
before(async () => {
  if (!skip) for (const name of names) tests[name] = await load(name, 'test', 12);
});

for (const name of names) {
  test(`${name}: photos of the other sets are unlike its own`, { skip }, async (context) => {
    const data = await load(name, 'train', 10);
    const { dataset: _, ...experiment } = recipe;
    const layers = [experiment.layers[0], { ...experiment.layers[1], units: data.classNames.length }];
    const trainer = await Trainer.open({ ...experiment, layers, validationSplit: 0 }, { data });
    context.after(() => trainer.dispose());
    const familiarity = await trainer.familiarity();
    const own = await familiarity.judge(tests[name].inputs);
    const others = [];
    for (const other of names) if (other !== name) others.push(await familiarity.judge(tests[other].inputs));
    const area = auroc(
      own.scores,
      others.flatMap(({ scores }) => [...scores]),
    );
    const [called, found] = [shareOf(own.isUnlike), shareOf(others.flatMap(({ isUnlike }) => isUnlike))];
    const told = `AUROC ${area.toFixed(4)}, called unlike: ${called.toFixed(3)} of its own, ${found.toFixed(3)} of others`;
    context.diagnostic(told);
    assert.ok(area >= 0.98 && called <= 0.15 && found >= 0.5, told);
  });
}
