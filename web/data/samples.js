/** One sample of the set by its index: its picture or its numbers; and as a button that asks why the network says what it says of it. */
import { html } from 'lit';
import { progressed } from '../app/drawing.js';
import { count, t } from '../app/language.js';
import { setView, state } from '../app/state.js';
import { isPicture, picture } from '../parts/picture.js';
import { loadPictures } from './data_set.js';

/** A picture of the set by its index; asked for where the page does not have it yet. */
export function samplePicture(index, alt, mark = '') {
  const { data } = state;
  const pixels = data.pictures.get(index);
  const isNumbers = !isPicture(data.shape);
  if (data.name === 'table')
    return html`<span class="pixels place ${mark}">${t('data.row', { row: count(index + 1) })}</span>`;
  if (!pixels) {
    loadPictures(data, [index]).then(
      () => progressed(),
      () => {},
    );
    return html`<span class="pixels ${isNumbers ? 'place' : ''} ${mark}"></span>`;
  }
  if (isNumbers)
    return html`<span class="pixels place ${mark}">${Array.from(pixels, (x) => x.toFixed(1)).join(' ')}</span>`;
  return picture(pixels, data.shape, alt, mark);
}

/** A picture of the set that opens its reasons; a sample that is no picture is only shown. */
export function askable(index, alt) {
  if (!isPicture(state.data.shape)) return samplePicture(index, alt);
  return html`<button
    class="asks"
    data-testid="ask-why"
    data-index=${index}
    title=${t('why.title')}
    aria-label="${t('why.title')} ${alt}"
    aria-haspopup="dialog"
    @click=${() => setView({ asked: { index, key: state.data.key, chosen: null } })}
  >
    ${samplePicture(index, alt)}
  </button>`;
}
