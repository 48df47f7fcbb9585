/** Sets in the plane: what the network says at every place, with the line where it is undecided, and the points. A press tries a place. */
import { html, nothing } from 'lit';
import { count, percent, t } from '../app/language.js';
import { state } from '../app/state.js';
import { tableButton } from '../parts/fields.js';
import { reach, side } from '../parts/point_plane.js';
import { triedPoint, tryPoint } from './try.js';

function fieldTable(field) {
  const places = [0, 15, 31, 47, 63];
  const at = (index) => (((index + 0.5) / side) * 2 * reach - reach).toFixed(1);
  return html`<div class="scroller">
    <table class="table">
      <caption class="sr">
        ${t('plane.title')}
      </caption>
      <thead>
        <tr>
          <th scope="col">y \\ x</th>
          ${places.map((column) => html`<th scope="col">${at(column)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${places.map(
          (row) =>
            html`<tr>
              <th scope="row">${(-at(row)).toFixed(1)}</th>
              ${places.map((column) => html`<td>${percent(field[(row * side + column) * 2 + 1], 0)} %</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** What the network says at every place. */
export function boundaryFigure(run) {
  const { data } = state;
  const wrong = run.mistakes?.length ?? 0;
  const words = t('plane.summary', {
    wrong: count(wrong),
    total: count(data.validation.length),
    epoch: run.history.at(-1)?.epoch ?? 0,
  });
  return html`<figure class="section">
    <figcaption class="caption">
      <h3>${t('plane.title')}</h3>
      <span class="small dim wide-word">${t('plane.note')}</span><span class="space"></span>${tableButton('plane')}
    </figcaption>
    ${state.view.tables.plane && run.field ? fieldTable(run.field) : nothing}
    <point-plane
      class="plane large can-try"
      role="img"
      data-testid="boundary"
      aria-label=${words}
      .model=${{ data, field: run.field, mark: triedPoint() }}
      @place=${({ detail }) => tryPoint(...detail)}
    ></point-plane>
  </figure>`;
}
