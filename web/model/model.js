/** The network section: the strip, the network in words, and its layers when they are edited. */
import { html } from 'lit';
import { percent, t } from '../app/language.js';
import { state, turnTable } from '../app/state.js';
import { lockNote, unlessLocked } from '../parts/lock.js';
import { softmax, topThree } from './answers.js';
import { columnsOf, nameOf } from './columns.js';
import { importedPanel } from './imported.js';
import { layerEditor } from './layers.js';
import { isRegression } from './score.js';
import './strip.js';

/** The strip in words: what it says of the picture, and every column with its shape and its weights. */
function summary(run, story) {
  const outputs = run.activations?.at(-1)?.values;
  if (!outputs || !state.data) return story;
  const columns = columnsOf(run).map((column) => {
    const shape = column.shape[0] * column.shape[1] > 1 ? column.shape.join('×') : String(column.shape[2]);
    const words = { name: nameOf(column), shape, n: column.weights };
    return t(column.weights ? 'network.columnWeights' : 'network.column', words);
  });
  const epoch = run.history.at(-1)?.epoch ?? 0;
  if (isRegression(run)) return t('network.summary', { story, epoch, columns: columns.join('; ') });
  const [{ k, p }] = topThree(softmax(outputs), 0, outputs.length);
  return t('network.summary', {
    story,
    epoch,
    said: state.data.classNames[k] ?? String(k),
    share: percent(p, 0),
    columns: columns.join('; '),
  });
}

/** The network section: the strip, and the layers below it when they are edited. */
export function networkSection(run) {
  const open = state.view.tables.network;
  const { data } = state;
  const name = data ? data.classNames[data.labels[data.shown]] : '';
  const story = run.steps === 0 && !run.start?.transfer ? 'network.random' : 'network.way';
  return html`<figure class="network-part">
    <figcaption class="head">
      <h2>${t('network.title')}</h2>
      <span class="space"></span>
      <span class="small learns">${run.start ? t('network.count', { n: run.start.parameters }) : ''}</span>
      <button
        class="link"
        data-testid="edit-layers"
        aria-expanded=${open ? 'true' : 'false'}
        @click=${() => turnTable('network')}
      >
        ${t(open ? 'layers.done' : 'layers.edit')}
      </button>
    </figcaption>
    <network-strip
      ?hidden=${Boolean(state.blocked)}
      role="img"
      data-testid="network"
      aria-label=${data && run.start ? summary(run, t(story, { name })) : t('network.title')}
      .run=${{ run }}
    ></network-strip>
    <p class="small muted">${data && run.start ? t(story, { name }) : ''}</p>
    ${importedPanel()}
    <div ?hidden=${!open}>${lockNote('network')} ${unlessLocked('network', layerEditor())}</div>
  </figure>`;
}
