// The layers of a TensorFlow.js layers model, one after the other, as ours; one that is not known here is refused by its name.
import { inWords } from './experiment.js';
import { kKerasLayers, zeros } from './keras_layers.js';
import { Options } from './layer_options.js';
import { refuseLayer } from './layers_model_graph.js';

/**
 * @typedef {import('./layers_model_graph.js').Step} Step
 * @typedef {import('./layers_model_graph.js').LayerStep} LayerStep
 * @typedef {{ layers: any[], sources: Map<string, LayerStep>, softmax: boolean, inputShape: any[] | undefined }} Converted  sources: by the
 *   names of our layers, as in `layers.3.layers.0`; softmax: the model ends in one
 */

/** What no answer depends on: names, starts, penalties, and how a model was built. */
const kWithoutEffect =
  /^(name|trainable|dtype|batch_input_shape|batch_shape|sparse|ragged|seed|noise_shape|build_config|(kernel|bias|depthwise|pointwise|beta|gamma|moving_mean|moving_variance|activity)_(initializer|regularizer|constraint))$/;

/** What takes the border of a ZeroPadding2D: zeros are what it adds, and a largest number could be less. */
const kBordered = ['Conv2D', 'DepthwiseConv2D'];

/**
 * @param {Step[]} steps
 * @param {any[]} [first]  layers of ours that stand before them
 * @returns {Converted}
 */
export function convert(steps, first = []) {
  /** @type {Converted} */
  const converted = { layers: [...first], sources: new Map(), softmax: false, inputShape: undefined };
  convertList(steps, converted.layers, 'layers', converted);
  return converted;
}

/** @param {Step[]} steps @param {any[]} layers  where ours go @param {string} path  of that list @param {Converted} converted */
function convertList(steps, layers, path, converted) {
  /** @type {{ name: string, border: number[] } | null} */
  let padding = null;
  for (const step of steps) {
    if (converted.softmax) refuseLayer(step.name, 'before the softmax, which is the last', 'one behind it');
    const here = `${path}.${layers.length}`;
    const isBordered = 'className' in step && kBordered.includes(step.className);
    if (padding && !isBordered)
      refuseLayer(
        padding.name,
        `before one of ${kBordered.join(', ')}`,
        'steps' in step ? 'a residual block' : step.className,
      );
    if ('steps' in step) {
      /** @type {any[]} */
      const inner = [];
      layers.push({ type: 'residual', layers: inner });
      convertList(step.steps, inner, `${here}.layers`, converted);
      continue;
    }
    const { className, config, name } = step;
    const { dtype = 'float32' } = config;
    if (dtype !== 'float32') refuseLayer(name, 'one of dtype float32', dtype);
    converted.inputShape ??= config.batch_input_shape ?? config.batch_shape;
    if (className === 'InputLayer') continue;
    const effective = Object.entries(config).filter(([key]) => !kWithoutEffect.test(key));
    const options = new Options(`the layer ${inWords(name)} of model.json`, Object.fromEntries(effective));
    if (className === 'ZeroPadding2D') {
      padding = { name, border: zeros(options) };
    } else {
      if (!Object.hasOwn(kKerasLayers, className))
        refuseLayer(
          name,
          `of a kind that is known here (${Object.keys(kKerasLayers).join(', ')}, ZeroPadding2D, Add)`,
          inWords(className),
        );
      const { softmax = false, ...layer } = kKerasLayers[className](options, padding?.border ?? null);
      converted.softmax = softmax;
      padding = null;
      if (layer.type) {
        layers.push(layer);
        converted.sources.set(here, step);
      }
    }
    options.finish();
  }
  if (padding) refuseLayer(padding.name, `before one of ${kBordered.join(', ')}`, 'the last');
}
