/**
 * A network that another program has trained: it is asked about pictures before there are any to learn from, and a run on own pictures begins with
 * its weights.
 */
import { html, nothing } from 'lit';
import { describeWeights, openNetwork } from 'trainground';
import { changed, changedNow } from '../app/drawing.js';
import { hear } from '../app/events.js';
import { percent, t } from '../app/language.js';
import { setExperiment, setView } from '../app/state.js';
import { failed, notice } from '../parts/alerts.js';
import { fileButton } from '../parts/fields.js';
import { picturesChanged, startWith } from '../data/choose.js';
import { makeAnew } from '../data/make_anew.js';
import { awaitClasses, own, ownExperiment, total } from '../data/own.js';
import { topThree } from './answers.js';
import { holdWeights } from './open_options.js';

/** {name, classNames, weights, network: null until it is asked, asked: the picture's name, top} */
let imported = null;

function putAway() {
  imported?.network?.then((network) => network.dispose());
  imported = null;
  changedNow();
}

/** @param {{ name: string, experiment: import('trainground').Experiment, weights: Uint8Array }} brought */
async function bring({ name, experiment, weights }) {
  const { classNames, preparation } = describeWeights(weights);
  const { size, fit, channels } = /** @type {import('trainground').PicturePreparation} */ (preparation);
  putAway();
  imported = { name: name.replace(/\.(json|zip)$/, ''), classNames, weights, network: null, asked: null, top: null };
  setView({ part: 'model' });
  if (channels !== 3) return undefined; // own pictures are of colours
  const held = `${imported.name}.safetensors`;
  holdWeights(held, weights);
  const transfer = { weights: held, freeze: /** @type {const} */ ('none') };
  // Without augmentation, as Teachable Machine trains: what is frozen sees each picture in one form.
  const begun = { ...ownExperiment(), augmentation: [], ...experiment, transfer };
  if (total() === 0) {
    awaitClasses(classNames);
    Object.assign(own, { size: size[0], fit });
    return startWith({ ...begun, dataset: { type: 'images', path: 'pictures', size: size[0], fit, channels } });
  }
  own.order = classNames;
  setExperiment({ ...begun, dataset: ownExperiment().dataset });
  await makeAnew({ size: size[0], fit });
  return own.size === size[0] ? undefined : picturesChanged();
}
hear('network', bring);

/** What it says of a picture. @param {File} file */
async function ask(file) {
  const mine = imported;
  if (!file) return;
  try {
    mine.network ??= openNetwork(mine.weights, { threads: 1 });
    const network = await mine.network;
    const { probabilities, outputs, rejected } = await network.predictImages([file]);
    if (rejected.length) return notice('untried', { name: file.name, why: t('untried.none') });
    Object.assign(mine, { asked: file.name, top: topThree(probabilities, 0, outputs) });
  } catch (error) {
    failed(error);
  }
  changed();
}

/** The panel below the network; nothing where there is none. */
export function importedPanel() {
  if (!imported) return nothing;
  const { name, classNames, asked, top } = imported;
  return html`<div
    class="imported panel"
    data-testid="imported"
    @dragover=${(event) => event.preventDefault()}
    @drop=${drop}
  >
    <div class="row">
      <h3>${t('imported.title', { name })}</h3>
      <span class="space"></span>
      <button class="link" aria-label=${t('imported.close')} title=${t('imported.close')} @click=${putAway}>✕</button>
    </div>
    <p class="small muted">${t('imported.classes', { n: classNames.length, names: classNames.join(', ') })}</p>
    ${fileButton({ words: t('imported.ask'), id: 'imported-file', look: 'small section', accept: 'image/*', take: ([file]) => ask(file) })}
    ${
      top
        ? html`<div class="guess" role="status" data-testid="imported-answer" data-value=${classNames[top[0].k]}>
            <p class="small muted">${asked}</p>
            ${top.map(
              ({ k, p }, i) =>
                html`<div class="named-bar ${i ? '' : 'top said'}">
                  <i .style=${`width:${p * 100}%`}></i><span>${classNames[k]}</span><em>${percent(p, 0)}</em>
                </div>`,
            )}
          </div>`
        : nothing
    }
  </div>`;
}

function drop(event) {
  event.preventDefault();
  ask(event.dataTransfer.files[0]);
}
