/**
 * Building the network by hand: add, order, change, freeze and remove layers, with undo. Shapes and weights are shown as the engine reports
 * them; a network whose shapes do not fit is said in words, and the last one that fitted stays on the page.
 */
import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { changedNow } from '../app/drawing.js';
import { count, t } from '../app/language.js';
import { state } from '../app/state.js';
import { icon } from '../parts/icons.js';
import { canUndo, change, undo } from './edits.js';
import { pasteButton, pastePanel } from './paste.js';

const kinds = {
  conv2d: { type: 'conv2d', filters: 16, kernelSize: 3, padding: 'same' },
  depthwiseConv2d: { type: 'depthwiseConv2d', kernelSize: 3, padding: 'same' },
  batchNormalization: { type: 'batchNormalization' },
  activation: { type: 'activation', function: 'relu' },
  maxPool2d: { type: 'maxPool2d', poolSize: 2 },
  averagePool2d: { type: 'averagePool2d', poolSize: 2 },
  globalAveragePool2d: { type: 'globalAveragePool2d' },
  flatten: { type: 'flatten' },
  dropout: { type: 'dropout', rate: 0.3 },
  dense: { type: 'dense', units: 32, activation: 'relu' },
};

/** The one number of a layer that is worth a box: its key, smallest and largest value. */
const numbers = {
  conv2d: ['filters', 1, 128],
  dense: ['units', 1, 512],
  dropout: ['rate', 0, 0.9],
  maxPool2d: ['poolSize', 1, 4],
  averagePool2d: ['poolSize', 1, 4],
};
const functions = ['relu', 'leakyRelu', 'elu', 'gelu', 'silu', 'tanh', 'sigmoid', 'linear'];
const most = 24;

function row(layer, at) {
  const { layers } = state.experiment;
  const last = at === layers.length - 1;
  const report = state.run?.start?.layers[at];
  const matches = report && JSON.stringify(state.run.experiment.layers) === JSON.stringify(layers);
  const put = (next) => change(layers.map((one, i) => (i === at ? next : one)));
  const move = (by) => {
    const next = [...layers];
    next.splice(at + by, 0, ...next.splice(at, 1));
    change(next);
  };
  const [key, least, largest] = numbers[layer.type] ?? [];
  const number = (event) => {
    const value = Number(event.target.value.replace(',', '.'));
    if (Number.isFinite(value))
      put({ ...layer, [key]: Math.min(largest, Math.max(least, key === 'rate' ? value : Math.round(value))) });
    else changedNow();
  };
  const chosen =
    layer.type === 'activation'
      ? layer.function
      : layer.type === 'dense' && !last
        ? (layer.activation ?? 'linear')
        : null;
  const choose = (event) =>
    put({ ...layer, [layer.type === 'activation' ? 'function' : 'activation']: event.target.value });
  const name = t(`layer.${layer.type}`);
  const canFreeze = ['conv2d', 'depthwiseConv2d', 'dense', 'batchNormalization'].includes(layer.type);
  const byTransfer = matches && report.parameters > 0 && !report.trainable && layer.trainable !== false;
  const frozen = layer.trainable === false || byTransfer;
  return html`<li class="layer">
    <span class="name"
      >${name}${frozen ? html` <span class="good" title=${t('layers.frozen')}>${icon('lock')}</span>` : nothing}</span
    >
    ${key ? html`<input class="box" aria-label=${t(`layers.${key}`, { name })} inputmode="decimal" ?disabled=${last} .value=${live(String(layer[key]))} @change=${number} />` : nothing}
    ${
      chosen !== null
        ? html`<span class="pick plain"
            ><select aria-label=${t('layers.function', { name })} .value=${live(chosen)} @change=${choose}>
              ${functions.map((one) => html`<option value=${one} ?selected=${one === chosen}>${one}</option>`)}
            </select></span
          >`
        : nothing
    }
    <span class="shape small dim"
      >${matches ? report.outputShape.filter((n, i) => i === 2 || report.outputShape[0] > 1).join('×') : ''}</span
    >
    <span class="small learns">${matches && report.parameters ? count(report.parameters) : ''}</span>
    <span class="acts">
      ${canFreeze ? html`<button class="link" ?disabled=${byTransfer} aria-pressed=${frozen ? 'true' : 'false'} title=${t('layers.freeze', { name })} aria-label=${t('layers.freeze', { name })} @click=${() => put(frozen ? unfrozen(layer) : { ...layer, trainable: false })}>${icon('lock')}</button>` : nothing}
      <button
        class="link"
        ?disabled=${at === 0 || last}
        aria-label=${t('layers.up', { name })}
        title=${t('layers.up', { name })}
        @click=${() => move(-1)}
      >
        ↑
      </button>
      <button
        class="link"
        ?disabled=${at >= layers.length - 2}
        aria-label=${t('layers.down', { name })}
        title=${t('layers.down', { name })}
        @click=${() => move(1)}
      >
        ↓
      </button>
      <button
        class="link"
        ?disabled=${last}
        aria-label=${t('layers.remove', { name })}
        title=${t('layers.remove', { name })}
        @click=${() => change(layers.filter((_, i) => i !== at))}
      >
        ✕
      </button>
    </span>
  </li>`;
}

const unfrozen = ({ trainable: _, ...layer }) => layer;

/** The list of layers, from the picture to the answer. */
export function layerEditor() {
  const { layers } = state.experiment;
  const add = (event) => {
    const kind = kinds[event.target.value];
    event.target.value = '';
    if (kind) change([...layers.slice(0, -1), { ...kind }, layers.at(-1)]);
  };
  return html`<ol class="layers" data-testid="layers">
      ${layers.map((layer, at) => row(layer, at))}
    </ol>
    <div class="row">
      <span class="pick plain">
        <select data-testid="add-layer" aria-label=${t('layers.add')} ?disabled=${layers.length >= most} @change=${add}>
          <option value="" selected>${t('layers.add')}</option>
          ${Object.keys(kinds).map((kind) => html`<option value=${kind}>${t(`layer.${kind}`)}</option>`)}
        </select>
      </span>
      <button class="button small" data-testid="undo-layers" ?disabled=${!canUndo()} @click=${undo}>
        ${t('layers.undo')}
      </button>
      ${pasteButton()}
    </div>
    ${pastePanel()}
    <p class="small muted">${t('layers.note')}</p>`;
}
