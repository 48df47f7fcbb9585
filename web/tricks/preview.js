/**
 * What augmentation shows the network: one picture, and the very pixels that the next epochs will see of it, made by the core from the same
 * seed. The original is what validation sees, whatever is switched on.
 */
import { html, nothing } from 'lit';
import { Trainer } from 'trainground';
import { changed } from '../app/drawing.js';
import { t } from '../app/language.js';
import { state } from '../app/state.js';
import { picture } from '../parts/picture.js';
import { openOptions } from '../model/open_options.js';

const shown = 7;

/** What decides the pixels. */
const keyOf = ({ augmentation, seed, dataset }, index) =>
  JSON.stringify([augmentation, seed, dataset, index, state.data?.key]);

let asked = '';
/** The pixels that were made last, and of what. @type {any} */
let preview = null;

/** Asks the run's engine where its settings are these, an engine of its own otherwise. */
async function make(key, index) {
  const { run, data, experiment } = state;
  const mine =
    JSON.stringify(run.experiment.augmentation) === JSON.stringify(experiment.augmentation) &&
    run.experiment.seed === experiment.seed &&
    run.trainer;
  const trainer = mine ? run.trainer : await Trainer.open({ ...experiment, epochs: 1 }, await openOptions(experiment));
  try {
    const epochs = Array.from({ length: shown }, (_, i) => i + 1);
    const pixels = [];
    for (const epoch of epochs) pixels.push(await trainer.preview(epoch, [index]));
    const original = (await data.take([index])).slice();
    if (key === asked) preview = { key, shape: data.shape, original, pixels };
  } finally {
    if (!mine) trainer.dispose();
  }
  changed();
}

/** The row of pictures. */
export function previewRow() {
  const { data, experiment, run } = state;
  if (!data || !run?.trainer || data.shape[0] < 2) return nothing;
  const index = data.thumbs[Math.min(2, data.thumbs.length - 1)].training[0] ?? data.training[0];
  const key = keyOf(experiment, index);
  // An untouched network is built anew in a moment, with these settings: its engine is asked then.
  const soon = run.status === 'ready' && JSON.stringify(run.experiment) !== JSON.stringify(experiment);
  if (key !== asked && !soon) {
    asked = key;
    make(key, index).catch(() => {
      // The engine was let go in between: ask the next one.
      if (asked === key) asked = '';
      setTimeout(changed, 300);
    });
  }
  if (!preview) return nothing;
  return html`<figure class="preview" data-testid="preview" data-value=${preview.key === key ? 'ready' : 'waiting'}>
    <figcaption class="small muted">${t('preview.title')}</figcaption>
    <div class="row">
      ${picture(preview.original, preview.shape, t('preview.original'), 'original')}
      ${preview.pixels.map((pixels, at) => picture(pixels, preview.shape, t('preview.epoch', { epoch: at + 1 })))}
    </div>
  </figure>`;
}
