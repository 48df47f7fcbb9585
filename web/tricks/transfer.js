/**
 * Transfer: a network that begins with what another one has learned. From where: a built-in backbone, a run of this page, a file. What was
 * taken, tensor by tensor, is shown as the engine tells it.
 */
import { html, nothing } from 'lit';
import { backbones } from 'trainground';
import { changed } from '../app/drawing.js';
import { t } from '../app/language.js';
import { isPhotos } from '../app/sets.js';
import { freeze, hasBackbone, withFreeze, withTransfer } from '../app/settings.js';
import { state } from '../app/state.js';
import { failed } from '../parts/alerts.js';
import { choice, fileButton } from '../parts/fields.js';
import { inWay, isOwn, own } from '../data/own.js';
import { heldNames, holdWeights } from '../model/open_options.js';
import { onOff } from './card.js';

/** The names of the built-in backbones, once they are asked for. */
let builtIn = null;
function builtInNames() {
  if (builtIn === null && state.view.card === 'transfer') {
    builtIn = [];
    backbones().then((list) => {
      builtIn = list.map(({ name }) => name);
      changed();
    }, failed);
  }
  return builtIn ?? [];
}

function inWords(name) {
  const run = /^run-(.+)\.safetensors$/.exec(name);
  if (run && heldNames().includes(name)) return t('transfer.run', { run: run[1] });
  return builtInNames().includes(name) ? t(`transfer.${name}`) : name;
}

const shape = (sides) => `(${sides.join(', ')})`;

/** Tensors of one kind, under their number. */
function part(kind, tensors, word) {
  return html`<details
    data-testid="transfer-${kind}"
    data-value=${tensors.length}
    ?open=${kind === 'kept' && tensors.length > 0}
  >
    <summary>${t(`transfer.${kind}`, { n: tensors.length })}</summary>
    ${tensors.map((tensor) => html`<code class="tensor">${word(tensor)}</code>`)}
  </details>`;
}

/** What was done with each tensor when this run was opened. */
function report({ taken, kept, unused }) {
  const frozen = kept.some((tensor) => tensor.frozen);
  const named = (tensor) => `${tensor.name} ${shape(tensor.shape)}`;
  const beside = ({ shapeInFile, ...tensor }) => `${named(tensor)}${shapeInFile ? ` ≠ ${shape(shapeInFile)}` : ''}`;
  return html`<div
    class="transfer-report"
    data-testid="transfer-report"
    role="group"
    aria-label=${t('transfer.report')}
  >
    ${part('taken', taken, named)} ${part('kept', kept, beside)} ${part('unused', unused, named)}
    ${frozen ? html`<p class="note held" role="note">${t('transfer.frozenRandom')}</p>` : nothing}
  </div>`;
}

const kPhotos = 'efficientnet-lite0';

/** Another start. Photos have a network, a size and a recipe for each way to learn from them. */
function startingFrom(experiment, name) {
  const { dataset } = experiment;
  if (isPhotos(dataset) && name === kPhotos) return inWay('all');
  if (isPhotos(dataset) && name === '' && hasBackbone(experiment)) return inWay('scratch');
  return withTransfer(experiment, name === '' ? null : name);
}

function freezing(experiment, kind) {
  const { dataset, transfer } = experiment;
  if (isPhotos(dataset) && transfer?.weights === kPhotos) return inWay(kind);
  return transfer ? withTransfer(experiment, transfer.weights, kind) : withFreeze(experiment, kind);
}

/** From so many photos of each class on, learning the last block was more often right than not (on two of three sets). */
const kPaysFrom = 40;

/** What many pictures allow, in one sentence: offered, not done. */
function letLearn({ transfer }, set) {
  if (!isOwn() || transfer?.weights !== kPhotos || transfer.freeze !== 'all') return nothing;
  const least = Math.min(...own.classes.map(({ pictures }) => pictures.length));
  if (!own.classes.length || least < kPaysFrom) return nothing;
  return html`<p class="note">
    ${t('transfer.manyPhotos', { n: least })}
    <button class="link" data-testid="let-learn" @click=${() => set(inWay('most'))}>${t('transfer.letLearn')}</button>
  </p>`;
}

/** The controls of the drawer. `set` changes the experiment. */
function transferFields(experiment, set) {
  const { dataset, transfer } = experiment;
  const fitting = builtInNames().filter((name) => (name === kPhotos) === isPhotos(dataset));
  const names = [...new Set([...fitting, ...heldNames(), ...(transfer ? [transfer.weights] : [])])];
  const read = async ([file]) => {
    holdWeights(file.name, new Uint8Array(await file.arrayBuffer()));
    set(withTransfer(state.experiment, file.name));
  };
  const { run } = state;
  const done = run?.start?.transfer;
  return html`${choice({
    name: 'start-from',
    label: t('field.startFrom'),
    value: transfer?.weights ?? '',
    standard: isPhotos(dataset) ? kPhotos : '',
    options: [['', t('transfer.scratch')], ...names.map((name) => [name, inWords(name)])],
    set: (name) => set(startingFrom(experiment, name)),
  })}
  ${fileButton({ words: t('transfer.file'), id: 'transfer-file', accept: '.safetensors', take: read })}
  ${choice({
    name: 'freeze',
    label: t('field.freeze'),
    value: transfer?.freeze ?? freeze(experiment),
    standard: transfer ? 'all' : 'none',
    options: ['none', 'most', 'all'].map((key) => [key, t(`freeze.${key}`)]),
    set: (key) => set(freezing(experiment, key)),
  })}
  ${letLearn(experiment, set)}
  ${done && transfer && run.experiment.transfer?.weights === transfer.weights ? report(done) : nothing}`;
}

/** @type {import('./card.js').Card} */
export const transferCard = {
  name: 'transfer',
  value({ transfer, layers }) {
    if (transfer) return onOff(t(`tile.transfer.${transfer.freeze}`));
    return onOff(layers.some((layer) => layer.trainable === false) && t('tile.frozen'));
  },
  fields: transferFields,
  standard(experiment) {
    if (!isPhotos(experiment.dataset)) return withTransfer(experiment, null);
    return experiment.transfer?.weights === kPhotos && experiment.transfer.freeze === 'all' ? experiment : inWay('all');
  },
};
