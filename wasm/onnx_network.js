// A network of an ONNX file as layers of ours with its weights, where it is one layer after the other, or a residual block.
import { Conversion } from './chain_layers.js';
import { inWords, problem } from './experiment.js';
import { Flow, stepsBetween, waysFrom } from './flow.js';
import { Options } from './layer_options.js';
import { readOnnx } from './onnx_file.js';
import { kNodes } from './onnx_layers.js';

const kMostLooks = 1_000_000; // steps that are looked at where ways meet
const kShapes = [
  'Shape',
  'Gather',
  'Slice',
  'Unsqueeze',
  'Squeeze',
  'Concat',
  'Cast',
  'Identity',
  'ConstantOfShape',
  'Mul',
  'Div',
  'Floor',
];

/**
 * @typedef {import('./onnx_file.js').Node} Node
 * @typedef {import('./onnx_file.js').Constant} Constant
 */

/** What a node gives whose inputs are known, or shapes of what comes through. @param {Node} node @param {any[]} inputs @returns {Constant | undefined} */
function known(node, inputs) {
  const { value, value_float: float, value_ints: integers, value_int: integer } = node.attributes;
  if (node.type === 'Constant') {
    if (value?.values) return value;
    const list = Array.isArray(integers) ? integers : [float ?? integer].filter((one) => typeof one === 'number');
    return { shape: Array.isArray(integers) ? [list.length] : [], values: list };
  }
  if (!kShapes.includes(node.type)) return undefined;
  if (node.type === 'Shape') return { shape: [1], values: [NaN] };
  const values = inputs.flatMap((input) => (input ? Array.from(input.values) : []));
  if (node.type === 'Concat') return { shape: [values.length], values };
  if (node.type === 'Gather') return { shape: [], values: [NaN] };
  return inputs[0];
}

/** @param {import('./onnx_file.js').Graph} graph */
function stepsOf({ nodes, constants, input, output }) {
  const start = new Flow(null);
  /** @type {Map<string, any>} */
  const values = new Map(constants);
  values.set(input.name, start);
  let left = kMostLooks;
  const count = () => {
    if (--left < 0) throw problem('the file', 'a graph of layers one after the other', 'one whose ways meet too often');
  };
  for (const node of nodes) {
    const inputs = node.inputs.map((name) => (name === '' ? undefined : values.get(name)));
    const flows = inputs.filter((one) => one instanceof Flow);
    let given;
    if (flows.length === 0 || node.type === 'Shape')
      given = known(
        node,
        inputs.map((one) => (one instanceof Flow ? undefined : one)),
      );
    else if (flows.length === 1)
      given = new Flow(flows[0], { node, constants: inputs.map((one) => (one instanceof Flow ? null : one)) });
    else {
      const met =
        ['Add', 'Mul', 'Sum'].includes(node.type) && flows.length === 2 && inputs.length === 2
          ? waysFrom(flows[0], flows[1], count)
          : undefined;
      given = met ? new Flow(met.from, { node, ways: met.ways }) : new Flow(flows[0], { node, constants: null });
    }
    if (node.outputs.length) values.set(node.outputs[0], given);
  }
  const steps = stepsBetween(start, values.get(output));
  if (!steps) throw problem('the file', 'a graph that leads from its input to its output', inWords(output));
  return steps;
}

class Reader {
  /** @type {import('./onnx_layers.js').State} */
  state = { channelsLast: false, order: null, isHalved: false, normalization: false };

  /** @param {Conversion} to */
  constructor(to) {
    this.to = to;
  }

  /** @param {any[]} steps */
  follow(steps) {
    for (const step of steps) this.to.attempt(() => (step.ways ? this.meet(step) : this.step(step)));
  }

  /** @param {{ node: Node, constants: Array<Constant | null | undefined> | null }} step */
  step({ node, constants }) {
    const { to, state } = this;
    const place = { words: node.words };
    const isIdle = ['Relu', 'Identity', 'Cast', 'Dropout'].includes(node.type);
    if (!constants || !Object.hasOwn(kNodes, node.type))
      throw problem(node.words, 'a node that is known here, in a chain of layers', inWords(node.type));
    if (state.channelsLast && !isIdle && !['Reshape', 'Flatten'].includes(node.type))
      throw problem(node.words, 'before the channels are put last, or a row', node.type);
    if (state.order && !isIdle && !['Gemm', 'MatMul'].includes(node.type))
      throw problem(node.words, 'a dense layer behind a row whose channels stand last', node.type);
    const options = new Options(node.words, node.attributes);
    kNodes[node.type](options, { to, place, constants, names: node.inputs, state });
    options.finish();
  }

  /** Two ways that meet: a residual block, silu, or gelu. @param {{ node: Node, ways: any[][] }} step */
  meet({ node, ways }) {
    const { to, state } = this;
    const place = { words: node.words };
    const types = ways.map((way) => way.map((step) => step.node.type).join(' ')).sort();
    if (node.type === 'Mul') {
      const isGelu = /^(Mul|Div) Erf Add$/.test(types[1]) && ['', 'Mul'].includes(types[0]);
      if (types[0] === '' && types[1] === 'Sigmoid') return to.emit({ type: 'activation', function: 'silu' }, place);
      const half = /^Mul$/.test(types[0]) || types[0] === '';
      if (!half || !(isGelu || String(types) === 'Mul,Mul Erf Add' || String(types) === 'Div Erf Add,Mul'))
        throw problem(node.words, 'silu, gelu or a sum', 'another product');
      state.isHalved = types[0] === '' && !types.includes('Mul');
      return to.emit({ type: 'activation', function: 'gelu' }, place);
    }
    return to.residual(
      ways,
      place,
      (steps) => this.follow(steps),
      ([first, ...more]) => {
        if (more.length || first.node?.type !== 'Conv') return undefined;
        const beside = new Reader(new Conversion());
        beside.follow([first]);
        const [layer] = beside.to.layers;
        const { kernelSize, useBias, padding } = layer ?? {};
        return kernelSize === 1 && useBias === false && !padding
          ? { layer, source: beside.to.sources.get('layers.0') }
          : undefined;
      },
    );
  }
}

/** Height, width and channels of a sample. @param {Array<number | null>} shape  as ONNX has it, the batch in front @param {Node | undefined} first */
function shapeOf([, ...sides], first) {
  const isLast = first?.type === 'Transpose' && String(first.attributes.perm) === '0,3,1,2';
  const isOne = first?.type === 'Reshape' && sides.length === 3 && sides[2] === 1;
  const [a, b, c] = sides;
  const shape =
    sides.length === 1 ? [1, 1, a] : sides.length === 2 ? [a, b, 1] : isLast || isOne ? [a, b, c] : [b, c, a];
  if (sides.length < 1 || sides.length > 3 || shape.some((side) => side === null))
    throw problem('the input of the file', 'a batch of rows, or of pictures of one size', inWords([null, ...sides]));
  return /** @type {[number, number, number]} */ (shape);
}

/** What our own files say of themselves. @param {string | undefined} text @returns {any} */
function told(text) {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * @param {Uint8Array} file
 * @returns {{ conversion: Conversion, inputShape: [number, number, number], loss: string | undefined, preparation: any, classNames: string[] | undefined }}
 */
export function readOnnxNetwork(file) {
  const graph = readOnnx(file);
  const steps = stepsOf(graph);
  const inputShape = shapeOf(graph.input.shape, steps[0]?.node);
  const [preparation, classNames] = ['preparation', 'classNames'].map((key) =>
    graph.producer === 'trainground' ? told(graph.metadata[key]) : undefined,
  );
  const conversion = new Conversion(inputShape);
  const reader = new Reader(conversion);
  reader.state.normalization = Boolean(preparation?.normalization);
  // A layout with channels last is turned by the first node, which is read from its own order.
  if (steps[0]?.node?.type === 'Transpose')
    conversion.size = { sides: [inputShape[1], inputShape[2]], channels: inputShape[0], flat: false };
  reader.follow(steps);
  conversion.close();
  const { problems, layers } = conversion;
  if (problems.length) return { conversion, inputShape, loss: undefined, preparation, classNames };
  if (reader.state.isHalved || reader.state.order || reader.state.channelsLast)
    throw problem('the file', 'a network whose last layer gives numbers', 'one that ends in the middle');
  const output = graph.metadata['output.activation'];
  let loss =
    graph.producer !== 'trainground'
      ? undefined
      : output === 'none'
        ? 'meanSquaredError'
        : output?.startsWith('sigmoid')
          ? 'binaryCrossEntropy'
          : 'crossEntropy';
  if (conversion.end) loss = 'crossEntropy';
  else if (graph.producer !== 'trainground' && conversion.dropSigmoid()) loss = 'binaryCrossEntropy';
  if (layers.length === 0) throw problem('the file', 'a network with at least one layer', 'none');
  return { conversion, inputShape, loss, preparation, classNames };
}
