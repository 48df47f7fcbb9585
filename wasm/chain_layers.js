// A network that another program has described, step by step, as a list of our layers: whoever reads it (torch_layers.js, keras_calls.js,
// onnx_layers.js) says what each step is, here the list is kept, and the shape that goes through it as far as it is known. What cannot be said in our
// layers is named with its place, all of it at once; what is said otherwise here is a note.
import { sameBorders } from './architecture.js';
import { InputError, problem } from './experiment.js';

const kMost = 200; // layers, as core/options_table.cpp has it
const kWindows = ['conv2d', 'depthwiseConv2d', 'maxPool2d', 'averagePool2d'];
const kActivated = ['conv2d', 'depthwiseConv2d', 'dense'];

/**
 * @typedef {import('./import_types.d.ts').ImportNote} Note
 * @typedef {{ sides: Array<number | undefined>, channels: number | undefined, flat: boolean | undefined }} Size  undefined: not known
 * @typedef {{ words: string, line?: number }} Place  of a step in what is read
 */

const kUnknown = { sides: [undefined, undefined], channels: undefined, flat: undefined };

/** @param {number[] | undefined} shape  height, width, channels of a sample @returns {Size} */
const sizeOf = (shape) =>
  shape ? { sides: shape.slice(0, 2), channels: shape[2], flat: shape[0] * shape[1] === 1 } : kUnknown;

export class Conversion {
  /** @type {any[]} */
  layers = [];
  /** @type {Note[]} */
  notes = [];
  /** @type {import('./experiment.js').Problem[]} */
  problems = [];
  /** By the path of one of our layers, as in `layers.3.layers.0`: the name of its weights there. @type {Map<string, any>} */
  sources = new Map();
  /** By the same path: where it is read. @type {Map<string, Place>} */
  places = new Map();
  /** The softmax or sigmoid that the network ends in. @type {{ function: string, place: Place } | null} */
  end = null;
  /** Zeros (or, for a largest number, nothing) that were laid around, for the next window. @type {{ sides: number[], lowest: boolean, place: Place } | null} */
  border = null;
  /** Numbers of inputs that a text says where none is known. @type {Array<{ given: number, place: Place }>} */
  awaited = [];
  /** Of the list that is being filled. */
  path = 'layers';
  /** A row that is a picture whose numbers stand in another order here (H,W,C), until a dense layer has read it; undefined: not known. @type {boolean | undefined} */
  isPicture = false;

  /**
   * @param {number[]} [shape]  height, width, channels of a sample
   * @param {boolean} [isOfData]  it is that of the samples, whatever the text says of its own
   */
  constructor(shape, isOfData = false) {
    this.size = sizeOf(shape);
    this.isOfData = isOfData;
    this.list = this.layers;
  }

  /** Does one step; what it refuses is kept, and the rest goes on. @param {() => void} work */
  attempt(work) {
    try {
      work();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.problems.push(...error.problems);
      this.size = kUnknown;
    }
  }

  /** @param {Note['kind']} kind @param {Place} place @param {string} text @param {Record<string, any>} [values] */
  note(kind, { line }, text, values) {
    if (this.notes.some((one) => one.kind === kind && one.line === line && one.text === text)) return;
    this.notes.push({ kind, ...(line !== undefined && { line }), text, ...values });
  }

  /** Nothing has been done to the input so far. */
  get isStart() {
    return this.layers.length === 0 && this.path === 'layers';
  }

  /** @param {any} layer @param {Place} place @param {any} [source]  what its weights are called there */
  emit(layer, place, source) {
    if (this.end) throw problem(place.words, `before the ${this.end.function}, which is the last`, 'one behind it');
    if (this.places.size >= kMost) throw problem(place.words, `one of at most ${kMost} layers`, 'one more');
    const known = this.border ? this.bordered(layer, place) : layer;
    const before = this.list.at(-1);
    if (
      known.type === 'activation' &&
      known.negativeSlope === undefined &&
      kActivated.includes(before?.type) &&
      !before.activation
    ) {
      before.activation = known.function;
      return;
    }
    const isRow = known.type === 'dense' && this.size.flat === false;
    if (isRow && this.isStart && this.isOfData) {
      this.note('flatten', place, 'a flatten is put in front, since the samples are pictures');
      this.emit({ type: 'flatten' }, place);
    } else if (isRow) throw problem(place.words, 'behind a flatten', 'one that is given a picture');
    const path = `${this.path}.${this.list.length}`;
    this.list.push(known);
    this.places.set(path, place);
    if (source !== undefined) this.sources.set(path, source);
    const [rows, columns] = this.size.sides;
    if (known.type === 'flatten')
      this.isPicture = rows === undefined || columns === undefined ? undefined : rows * columns > 1;
    if (known.type === 'dense') this.isPicture = false;
    this.size = behind(known, this.size, place);
  }

  /** @param {any} layer @param {Place} place */
  bordered(layer, place) {
    const { sides, lowest, place: from } = /** @type {NonNullable<typeof this.border>} */ (this.border);
    this.border = null;
    const fits = lowest
      ? layer.type === 'maxPool2d'
      : ['conv2d', 'depthwiseConv2d', 'averagePool2d'].includes(layer.type);
    if (!fits || !['valid', 0].includes(layer.padding ?? 'valid'))
      throw problem(
        from.words,
        `a border before ${lowest ? 'a max pool' : 'a convolution or a mean'} without one`,
        place.words,
      );
    return { ...layer, padding: sides };
  }

  /** @param {number[]} sides  top, bottom, left, right @param {boolean} lowest @param {Place} place */
  pad(sides, lowest, place) {
    if (this.border) throw problem(place.words, 'one border at a time', 'a second one');
    if (sides.some((side) => side > 0)) this.border = { sides, lowest, place };
  }

  /** Nothing comes behind the last layer. */
  close() {
    const { sides, flat, channels } = this.size;
    const place = [...this.places.values()].at(-1)?.words ?? 'the network';
    const refuse = (/** @type {string} */ expected, /** @type {string} */ given) =>
      this.problems.push({ path: place, expected, given });
    if (this.border)
      this.problems.push({ path: this.border.place.words, expected: 'a border before a window', given: 'the last' });
    if (this.problems.length) return;
    if (flat === false && sides.some((side) => side !== undefined && side > 1))
      refuse('the last layer, which gives numbers', `pictures of ${[...sides, channels].join(' x ')}`);
    else if (this.isPicture) refuse('before a dense layer, which reads the row', 'the last');
  }

  /** The end of a classifier, which the loss holds here. @param {string} name @param {Place} place */
  finish(name, place) {
    if (this.end) throw problem(place.words, `before the ${this.end.function}, which is the last`, 'one behind it');
    if (this.path !== 'layers') throw problem(place.words, 'behind all layers', 'one in a block');
    this.end = { function: name, place };
    this.note(
      'softmax',
      place,
      `its ${name} at the end is left out: the loss holds it, and the last layer gives logits`,
    );
  }

  /** A sigmoid at the end, which the loss holds; false: there is none. */
  dropSigmoid() {
    const last = this.layers.at(-1);
    if (last?.activation === 'sigmoid') delete last.activation;
    else if (last?.type === 'activation' && last.function === 'sigmoid') this.layers.pop();
    else return false;
    const text =
      'its sigmoid at the end is left out: the loss holds it (binaryCrossEntropy), and the last layer gives logits';
    this.notes.push({ kind: 'sigmoid', text });
    return true;
  }

  flatten(/** @type {Place} */ place) {
    if (this.size.flat !== true) this.emit({ type: 'flatten' }, place);
  }

  /**
   * Whether a border is what "same" lays around here.
   * @param {number[]} border  top, bottom, left, right
   * @param {number} kernel
   * @param {number} strides
   */
  isSame(border, kernel, strides) {
    const same = this.size.sides.map((side) => (side === undefined ? [NaN] : sameBorders(side, kernel, strides)));
    return String(same.flat()) === String(border);
  }

  /** A mean over each map, or over equal parts of it. @param {number} side  of what comes out @param {Place} place */
  average(side, place) {
    if (side === 1) return this.emit({ type: 'globalAveragePool2d' }, place);
    const [rows, columns] = this.size.sides;
    if (rows === side && columns === side) return undefined;
    if (rows !== columns || rows === undefined || rows % side)
      throw problem(
        place.words,
        'one mean over each map, or over parts of equal size',
        `${side} by ${side} of ${rows ?? '?'} by ${columns ?? '?'}`,
      );
    return this.emit({ type: 'averagePool2d', poolSize: rows / side, strides: rows / side }, place);
  }

  /** What the text says that a layer is given. @param {string} option @param {number} given @param {Place} place */
  declared(option, given, place) {
    const { channels } = this.size;
    if (channels === given) return;
    if (channels === undefined) {
      if (!this.isStart) this.awaited.push({ given, place });
      this.size = { ...this.size, channels: given };
    } else
      this.note('size', place, `${option} is ${given} there; what comes in has ${channels}, and that is taken`, {
        option,
        given,
        actual: channels,
      });
  }

  /** Layers whose output is added to their input, or to a 1x1 convolution of it. @param {any[][]} ways @param {Place} place @param {(steps: any[]) => void} follow  converts steps @param {(steps: any[]) => { layer: any, source: any } | undefined} projection */
  residual(ways, place, follow, projection) {
    const expected = 'layers that are added to what goes into them, or to a 1x1 convolution of it without bias';
    const [main, other] = ways[0].length >= ways[1].length ? ways : [ways[1], ways[0]];
    const shortcut = other.length ? projection(other) : null;
    if (shortcut === undefined || main.length === 0)
      throw problem(place.words, expected, `a sum of ${main.length} and ${other.length} layers`);
    const { size, list, path } = this;
    if (this.isPicture !== false)
      throw problem(
        place.words,
        'behind a dense layer, where pictures have become rows',
        'a sum of pictures that are rows',
      );
    if (this.end || this.border)
      throw problem(place.words, 'layers without a border or a softmax before them', 'a sum');
    const own = `${path}.${list.length}`;
    /** @type {any[]} */
    const layers = [];
    const block = { type: 'residual', layers };
    this.places.set(own, place);
    list.push(block);
    Object.assign(this, { list: layers, path: `${own}.layers` });
    follow(main);
    Object.assign(this, { list, path });
    const after = this.size;
    const isSame = [...size.sides, size.channels].map((side, i) => {
      const then = [...after.sides, after.channels][i];
      return side === undefined || then === undefined || side === then;
    });
    if (shortcut) {
      const { filters, strides = 1 } = shortcut.layer;
      const reached = behind(shortcut.layer, size, place);
      const fits = [...reached.sides, reached.channels].every(
        (side, i) => side === undefined || [undefined, side].includes([...after.sides, after.channels][i]),
      );
      if (!fits || (filters === size.channels && strides === 1))
        throw problem(place.words, expected, 'a convolution of another shape, or one that nothing asks for');
      this.sources.set(`${own}.projection`, shortcut.source);
    } else if (isSame.includes(false))
      throw problem(place.words, expected, 'layers that change the shape, added to what goes into them');
    if (layers.length === 0) list.pop();
  }
}

/** @param {any} layer @param {Size} size @param {Place} place @returns {Size} */
function behind(layer, size, place) {
  const { sides, channels } = size;
  const whole = sides.every(Number.isFinite) && channels !== undefined;
  switch (layer.type) {
    case 'dense':
      return { sides: [1, 1], channels: layer.units, flat: true };
    case 'flatten':
      return {
        sides: [1, 1],
        channels: whole ? /** @type {any} */ (sides)[0] * /** @type {any} */ (sides)[1] * channels : undefined,
        flat: true,
      };
    case 'globalAveragePool2d':
      return { sides: [1, 1], channels, flat: true };
    default:
      if (!kWindows.includes(layer.type)) return size;
      return {
        sides: sides.map((side, axis) => windows(side, layer, axis, place)),
        channels: layer.filters ?? channels,
        flat: false,
      };
  }
}

/** @param {number | undefined} side @param {any} layer @param {number} axis @param {Place} place */
function windows(side, { kernelSize, poolSize, strides = poolSize ?? 1, padding = 'valid' }, axis, place) {
  if (side === undefined) return undefined;
  if (padding === 'same') return Math.ceil(side / strides);
  const border = Array.isArray(padding)
    ? padding[2 * axis] + padding[2 * axis + 1]
    : padding === 'valid'
      ? 0
      : 2 * padding;
  const kernel = kernelSize ?? poolSize;
  if (side + border < kernel)
    throw problem(place.words, `given at least ${kernel - border} pixels a side`, String(side));
  return Math.floor((side + border - kernel) / strides) + 1;
}
