// The topology of a TensorFlow.js layers model (Keras's JSON) as a list of steps, one after the other: models within models are unrolled, and a
// layer whose output is used twice, by other layers and by the Add behind them, begins a residual block. It is data that somebody gives: each
// layer is walked over once, and what is not such a list is refused by the name of the layer.
import { inWords, problem } from './experiment.js';

const kDeepest = 16; // models and blocks within each other

/**
 * @typedef {{ className: string, config: Record<string, any>, name: string }} LayerStep
 * @typedef {{ name: string, steps: Step[] }} BlockStep  steps: what is added to the block's input
 * @typedef {LayerStep | BlockStep} Step
 * @typedef {{ name: string, className: string, layer: any, inputs: string[] }} Node
 */

const isObject = (/** @type {unknown} */ value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isModel = (/** @type {string} */ className) => ['Sequential', 'Model', 'Functional'].includes(className);

/** @param {string} name @param {string} expected @param {unknown} given  a text is in words already @returns {never} */
export function refuseLayer(name, expected, given) {
  throw problem(
    `the layer ${inWords(name)} of model.json`,
    expected,
    typeof given === 'string' ? given : inWords(given),
  );
}

/**
 * @param {any} topology  `modelTopology` of model.json
 * @returns {Step[]}
 */
export function stepsOf(topology) {
  const model = topology?.model_config ?? topology;
  const { class_name: className } = model ?? {};
  if (!isModel(className)) {
    const isGraph = Array.isArray(topology?.node);
    const given = isGraph ? 'a graph model (a frozen TensorFlow graph)' : inWords(className);
    throw problem('modelTopology of model.json', 'a layers model: Sequential, Model or Functional', given);
  }
  return stepsOfModel(model, 0);
}

/** @param {any} model @param {number} depth @returns {Step[]} */
function stepsOfModel({ class_name: className, config, name = config?.name ?? 'model' }, depth) {
  if (depth > kDeepest) refuseLayer(name, `at most ${kDeepest} models deep`, 'one that is deeper');
  const layers = Array.isArray(config) ? config : config?.layers;
  if (!Array.isArray(layers)) refuseLayer(name, 'a model with a list of layers', layers);
  if (className === 'Sequential') return layers.flatMap((/** @type {any} */ layer) => stepsOfLayer(layer, depth));
  return new Graph(layers, depth).steps(name, config);
}

/** @param {any} layer @param {number} depth @returns {Step[]} */
function stepsOfLayer(layer, depth) {
  const { class_name: className, config } = layer ?? {};
  const name = layer?.name ?? config?.name;
  if (typeof className !== 'string' || typeof name !== 'string')
    throw problem('a layer of model.json', 'an object with class_name and a name', inWords(layer));
  if (isModel(className)) return stepsOfModel(layer, depth + 1);
  if (!isObject(config)) refuseLayer(name, 'one with a config', config);
  return [{ className, config, name }];
}

class Graph {
  /** @type {Map<string, Node>} */
  #nodes = new Map();
  /** @type {Map<string, Node[]>} */
  #readers = new Map();
  #walked = 0;

  /** @param {any[]} layers @param {number} depth */
  constructor(layers, depth) {
    this.depth = depth;
    for (const layer of layers) {
      const name = layer?.name ?? layer?.config?.name;
      const className = layer?.class_name;
      if (typeof name !== 'string' || typeof className !== 'string')
        throw problem('a layer of model.json', 'an object with class_name and a name', inWords(layer));
      if (this.#nodes.has(name)) refuseLayer(name, 'the only one of that name', 'two of them');
      this.#nodes.set(name, { name, className, layer, inputs: inputsOf(name, layer.inbound_nodes) });
    }
    for (const node of this.#nodes.values()) {
      for (const input of node.inputs) {
        if (!this.#nodes.has(input)) refuseLayer(node.name, 'behind a layer of the model', inWords(input));
        if (!this.#readers.has(input)) this.#readers.set(input, []);
        this.#readers.get(input)?.push(node);
      }
    }
  }

  /** @param {string} name  of the model @param {any} config @returns {Step[]} */
  steps(name, config) {
    const [input, output] = [config.input_layers, config.output_layers].map((ends, i) => {
      const list = Array.isArray(ends?.[0]) ? ends : [ends];
      const end = this.#nodes.get(list[0]?.[0]);
      if (list.length !== 1 || !end) refuseLayer(name, `a model with one ${i ? 'output' : 'input'}`, ends);
      return /** @type {Node} */ (end);
    });
    this.#walked = 1;
    const first = stepsOfLayer(input.layer, this.depth);
    const { steps, last, add } = this.#walk(input, this.depth);
    if (add) refuseLayer(add.name, 'the end of one residual block', 'an Add of something else');
    if (last !== output) refuseLayer(output.name, 'the last layer of its model', `one before ${inWords(last.name)}`);
    if (this.#walked !== this.#nodes.size)
      refuseLayer(
        name,
        'a model whose layers all lie between input and output',
        `${this.#nodes.size - this.#walked} beside`,
      );
    return [...first, ...steps];
  }

  /**
   * From behind a layer to the end, or to an Add that ends a block.
   * @param {Node} from
   * @param {number} depth
   * @returns {{ steps: Step[], last: Node, add?: Node }}
   */
  #walk(from, depth) {
    /** @type {Step[]} */
    const steps = [];
    for (let last = from; ;) {
      const readers = this.#readers.get(last.name) ?? [];
      if (readers.length === 0) return { steps, last };
      if (readers.length === 1) {
        if (readers[0].className === 'Add') return { steps, last, add: readers[0] };
        steps.push(...this.#enter(readers[0], depth));
        [last] = readers;
      } else {
        const { block, add } = this.#block(last, readers, depth);
        steps.push(block);
        last = add;
      }
    }
  }

  /** @param {Node} from @param {Node[]} readers @param {number} depth @returns {{ block: BlockStep, add: Node }} */
  #block(from, readers, depth) {
    const [first, ...more] = readers.filter(({ className }) => className !== 'Add');
    const expected = 'one whose output goes on to the next, or to a block of layers and the Add behind it';
    if (readers.length !== 2 || !first || more.length)
      refuseLayer(from.name, expected, `one that ${readers.map(({ name }) => inWords(name)).join(', ')} read`);
    if (depth >= kDeepest) refuseLayer(from.name, `at most ${kDeepest} blocks deep`, 'one that is deeper');
    const entered = this.#enter(first, depth + 1);
    const { steps, last, add } = this.#walk(first, depth + 1);
    if (!add || !readers.includes(add) || add.inputs.length !== 2 || !add.inputs.includes(last.name))
      refuseLayer(from.name, expected, 'one whose block does not end in that Add');
    this.#count(add);
    return { block: { name: add.name, steps: [...entered, ...steps] }, add };
  }

  /** @param {Node} node @param {number} depth */
  #enter(node, depth) {
    this.#count(node);
    if (node.inputs.length !== 1) refuseLayer(node.name, 'one with one input', `${node.inputs.length} inputs`);
    return stepsOfLayer(node.layer, depth);
  }

  /** Whoever counts more layers than there are goes round in a circle. @param {Node} node */
  #count(node) {
    this.#walked++;
    if (this.#walked > this.#nodes.size) refuseLayer(node.name, 'reached once', 'a circle of layers');
  }
}

/** The names of the layers that a layer reads: `[[[name, 0, 0, {}], ...]]`. @param {string} name @param {any} inbound @returns {string[]} */
function inputsOf(name, inbound) {
  if (!Array.isArray(inbound) || inbound.length === 0) return [];
  const nodes = inbound[0];
  const isRead = (/** @type {any} */ node) =>
    Array.isArray(node) && typeof node[0] === 'string' && node[1] === 0 && node[2] === 0;
  if (inbound.length > 1 || !Array.isArray(nodes) || !nodes.every(isRead))
    refuseLayer(name, 'one that is used once, on the outputs of layers', inbound);
  return nodes.map(([input]) => input);
}
