/**
 * Transfer: a network that begins with what another one has learned. From where: a built-in backbone, a run of this page, a file. What was
 * taken, tensor by tensor, is shown as the engine tells it.
 */
import { html, nothing } from 'lit';
import { backbones } from 'trainground';
import { failed } from './alerts.js';
import { choice } from './fields.js';
import { t } from './language.js';
import { freeze, withEarlyStopping, withFreeze } from './settings.js';
import { changed, defaultExperiment, state } from './state.js';

const most = 5; // runs whose weights are kept

/** Weights that the page holds itself, by the name that `transfer.weights` gives them. */
const held = new Map();

/** The bytes behind `transfer.weights`, where the page holds them. */
export const donated = (experiment) => experiment.transfer && held.get(experiment.transfer.weights);

/** Keeps the weights of a run that has ended, for others to begin with. */
export async function keepWeights(run) {
  held.set(`run-${run.number}.safetensors`, await run.trainer.saveWeights());
  const used = state.experiment.transfer?.weights;
  const old = [...held.keys()].filter((name) => /^run-\d+\.safetensors$/.test(name)).slice(0, -most);
  for (const name of old) if (name !== used) held.delete(name);
}

/** The experiment that begins with these weights; null: with random ones. */
export function withTransfer(experiment, weights, kind = experiment.transfer?.freeze ?? 'all') {
  const { transfer: _, ...rest } = withFreeze(experiment, 'none');
  return weights === null ? rest : { ...rest, transfer: { weights, freeze: kind } };
}

/** What the three regimes and a start from scratch are compared on: the page's settings, or ten pictures of each of four kinds of clothes. */
export function transferSides(now) {
  const clothes = {
    ...defaultExperiment('fashion-4'),
    seed: now.seed,
    validationSplit: 0.5,
    samplesPerClass: 10,
    batchSize: 20,
    epochs: 20,
  };
  const base = withEarlyStopping(now.transfer ? now : clothes, null);
  const weights = now.transfer?.weights ?? 'fashion-6';
  return {
    a: withTransfer(base, null),
    b: withTransfer(base, weights, 'all'),
    c: withTransfer(base, weights, 'most'),
    d: withTransfer(base, weights, 'none'),
    target: 0.75,
    preset: base.samplesPerClass ?? null,
  };
}

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
  if (run && held.has(name)) return t('transfer.run', { run: run[1] });
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

/** The controls of the drawer. `set` changes the experiment. */
export function transferFields(experiment, set) {
  const { transfer } = experiment;
  const names = [...new Set([...builtInNames(), ...held.keys(), ...(transfer ? [transfer.weights] : [])])];
  const read = async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    held.set(file.name, new Uint8Array(await file.arrayBuffer()));
    set(withTransfer(state.experiment, file.name));
  };
  const { run } = state;
  const done = run?.start?.transfer;
  return html`${choice({
      name: 'start-from',
      label: t('field.startFrom'),
      value: transfer?.weights ?? '',
      standard: '',
      options: [['', t('transfer.scratch')], ...names.map((name) => [name, inWords(name)])],
      set: (name) => set(withTransfer(experiment, name === '' ? null : name)),
    })}
    <label class="button small"
      >${t('transfer.file')}<input
        class="sr"
        type="file"
        accept=".safetensors"
        data-testid="transfer-file"
        @change=${read}
    /></label>
    ${choice({
      name: 'freeze',
      label: t('field.freeze'),
      value: transfer?.freeze ?? freeze(experiment),
      standard: transfer ? 'all' : 'none',
      options: ['none', 'most', 'all'].map((key) => [key, t(`freeze.${key}`)]),
      set: (key) => set(transfer ? withTransfer(experiment, transfer.weights, key) : withFreeze(experiment, key)),
    })}
    ${done && transfer && run.experiment.transfer?.weights === transfer.weights ? report(done) : nothing}`;
}
