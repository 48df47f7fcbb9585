/**
 * More than two things that are varied: parallel coordinates (Inselberg, "The plane with parallel coordinates", 1985). An upright line for each, with
 * its values in their order, and one for the mean; a setting is a way through all of them, the better the darker.
 */
import { html, nothing, svg } from 'lit';
import { t } from '../app/language.js';
import { nameOf, numbersOf, titleOf, valueOf, valuesOf } from './answer.js';

const kHeight = 190;
const kTop = 12;
const kMost = 60; // settings that are drawn, the best ones

/** @param {any} answer @param {any} made  of `sweepOf` */
export function coordinatesFigure(answer, made) {
  const varied = Object.values(made.paths);
  if (varied.length < 3) return nothing;
  const { value, isAccuracy } = numbersOf(answer);
  const known = answer.settings
    .map((one, index) => ({ ...one, index }))
    .filter(({ mean }) => Number.isFinite(mean))
    .sort((a, b) => (isAccuracy ? b.mean - a.mean : a.mean - b.mean))
    .slice(0, kMost);
  if (!known.length) return nothing;
  const means = known.map(({ mean }) => mean);
  const [least, most] = [Math.min(...means), Math.max(...means)];
  const y = (share) => kTop + (1 - share) * (kHeight - 2 * kTop);
  const x = (axis) => `${((axis + 0.5) / (varied.length + 1)) * 100}%`;
  const placeOf = (values, one) => (values.length > 1 ? values.indexOf(one) / (values.length - 1) : 0.5);
  const way = ({ setting, mean }) => {
    const values = valuesOf(setting, made.paths, made.whole.sweep);
    const last = most > least ? (mean - least) / (most - least) : 0.5;
    return [...values.map((one, axis) => y(placeOf(varied[axis].values, one.value))), y(last)];
  };
  const line = (one, rank) => {
    const places = way(one);
    const shade = 0.15 + 0.6 * (1 - rank / known.length);
    return svg`<g class=${one.index === answer.best ? 'way best' : 'way'} .style=${`opacity:${shade.toFixed(2)}`}>
      ${places.slice(1).map((to, axis) => svg`<line x1=${x(axis)} y1=${places[axis]} x2=${x(axis + 1)} y2=${to}></line>`)}
    </g>`;
  };
  const heads = [...varied.map(({ name }) => titleOf(name)), t('sweep.mean')];
  const marks = [
    ...varied.flatMap(({ name, values }, axis) =>
      values.map((one) => [axis, y(placeOf(values, one)), valueOf(name, one)]),
    ),
    ...[...new Set([least, most])].map((mean) => [
      varied.length,
      y(most > least ? (mean - least) / (most - least) : 0.5),
      value(mean),
    ]),
  ];
  const best = answer.settings[answer.best];
  const summary = best
    ? t('sweep.summary', { n: known.length, best: nameOf(best.setting, made), value: value(best.mean) })
    : '';
  return html`<figure class="toolong">
    <figcaption class="small dim">${t('sweep.ways')}</figcaption>
    <div class="sweep-ways" role="img" aria-label=${summary} data-testid="sweep-ways">
      <svg height=${kHeight} aria-hidden="true">
        ${heads.map((_head, axis) => svg`<line class="axis" x1=${x(axis)} x2=${x(axis)} y1="0" y2=${kHeight}></line>`)}
        ${known.map(line).reverse()}
      </svg>
      ${marks.map(([axis, top, words]) => html`<span class="mark" .style=${`left:${x(axis)};top:${top}px`}>${words}</span>`)}
      <div class="heads">${heads.map((head) => html`<span>${head}</span>`)}</div>
    </div>
  </figure>`;
}
