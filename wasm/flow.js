// The way through a network as it is read: each step knows the one before it, so that two ways from one place can be put together.

/** A place between the input and the output. */
export class Flow {
  /** @param {Flow | null} before  null: the input @param {any} [step] @param {any} [shape]  of the input, where the text says it */
  constructor(before, step, shape) {
    this.before = before;
    this.step = step;
    this.shape = shape;
  }
}

/** What lies between two places. @param {any} from @param {any} to @returns {any[] | undefined}  undefined: the one does not come from the other */
export function stepsBetween(from, to) {
  const steps = [];
  for (let at = to; at instanceof Flow; at = at.before) {
    if (at === from) return steps.reverse();
    steps.push(at.step);
  }
  return undefined;
}

/**
 * Where two ways part, and what is on each of them.
 * @param {Flow} left
 * @param {Flow} right
 * @param {() => void} count  is called for each step that is looked at
 * @returns {{ from: Flow, ways: [any[], any[]] } | undefined}  undefined: they have nothing in common
 */
export function waysFrom(left, right, count) {
  const seen = new Set();
  for (let at = /** @type {Flow | null} */ (left); at; at = at.before, count()) seen.add(at);
  let from = /** @type {Flow | null} */ (right);
  for (; from && !seen.has(from); from = from.before) count();
  return from ? { from, ways: [stepsBetween(from, left) ?? [], stepsBetween(from, right) ?? []] } : undefined;
}
