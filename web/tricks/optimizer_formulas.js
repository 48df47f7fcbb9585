/**
 * What each optimizer does with a weight, as MathML, in the cheat sheet's letters: dw the slope, v a mean or a velocity, s a mean of squares.
 * The rules are those of core/optimizer.cpp.
 */
import { html, mathml } from 'lit';

const mi = (name) => mathml`<mi>${name}</mi>`;
const mo = (sign) => mathml`<mo>${sign}</mo>`;
const row = (...parts) => mathml`<mrow>${parts}</mrow>`;
const fraction = (above, below) => mathml`<mfrac>${row(above)}${row(below)}</mfrac>`;
const root = (inside) => mathml`<msqrt>${inside}</msqrt>`;
const hat = (name) => mathml`<mover accent="true">${mi(name)}<mo>^</mo></mover>`;
const sub = (name, index) => mathml`<msub>${mi(name)}<mn>${index}</mn></msub>`;
const power = (what, exponent) => mathml`<msup>${what}${exponent}</msup>`;
const less = (share) => row(mo('('), mathml`<mn>1</mn>`, mo('−'), share, mo(')'));

const [w, dw, v, s, u, d] = ['w', 'dw', 'v', 's', 'u', 'd'].map(mi);
const [alpha, mu, rho, epsilon, lambda, t] = ['α', 'μ', 'ρ', 'ε', 'λ', 't'].map(mi);
const [beta1, beta2] = [sub('β', 1), sub('β', 2)];
const square = (what) => power(what, mathml`<mn>2</mn>`);
const gets = (name, ...parts) => row(name, mo('←'), ...parts);

/** w ← w − α step */
const moves = (step) => gets(w, w, mo('−'), alpha, step);
/** mean ← share mean + (1 − share) what */
const mean = (name, share, what) => gets(name, share, name, mo('+'), less(share), what);
const velocity = gets(v, mu, v, mo('+'), dw);
const overRoot = (above, below) => fraction(above, [root(below), mo('+'), epsilon]);
const corrected = (name, share) =>
  row(hat(name), mo('='), fraction(mi(name), [mathml`<mn>1</mn>`, mo('−'), power(share, t)]));
const moments = [
  mean(v, beta1, dw),
  mean(s, beta2, square(dw)),
  row(corrected('v', beta1), mathml`<mspace width="1em"></mspace>`, corrected('s', beta2)),
];
const adamStep = overRoot(hat('v'), hat('s'));

/** By the name that people give it: its lines in their order, and its letters, each with a text `letter.optimizer.<key>`. */
const rules = {
  sgd: { lines: [moves(dw)], letters: ['dw'] },
  momentum: { lines: [velocity, moves(v)], letters: ['dw', 'velocity', 'mu'] },
  nesterov: {
    lines: [velocity, moves(row(mo('('), dw, mo('+'), mu, v, mo(')')))],
    letters: ['dw', 'velocity', 'mu'],
  },
  rmsprop: { lines: [mean(s, rho, square(dw)), moves(overRoot(dw, s))], letters: ['dw', 's', 'rho', 'epsilon'] },
  adam: { lines: [...moments, moves(adamStep)], letters: ['dw', 'v', 's', 'betas', 't', 'epsilon'] },
  adamw: {
    lines: [...moments, gets(w, less(row(alpha, lambda)), w, mo('−'), alpha, adamStep)],
    letters: ['dw', 'v', 's', 'betas', 't', 'epsilon', 'lambda'],
  },
  adagrad: {
    lines: [gets(s, s, mo('+'), square(dw)), moves(overRoot(dw, s))],
    letters: ['dw', 'sum', 'epsilon'],
  },
  adadelta: {
    lines: [
      mean(s, rho, square(dw)),
      gets(d, fraction(root(row(u, mo('+'), epsilon)), root(row(s, mo('+'), epsilon))), dw),
      mean(u, rho, square(d)),
      moves(d),
    ],
    letters: ['dw', 's', 'u', 'rho', 'epsilon'],
  },
};

const signs = { velocity: 'v', sum: 's', mu: 'μ', rho: 'ρ', epsilon: 'ε', lambda: 'λ', betas: 'β₁, β₂' };

/** @returns {{ math: unknown, letters: Array<[string, string]> }} the letters as [sign, text key] */
export function optimizerFormula(name) {
  const { lines, letters } = rules[name];
  return {
    math: html`<div class="rule-lines">
      ${lines.map((line) => html`<math><mstyle displaystyle="true">${line}</mstyle></math>`)}
    </div>`,
    letters: letters.map((key) => [signs[key] ?? key, `letter.optimizer.${key}`]),
  };
}
