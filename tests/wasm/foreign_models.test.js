// What is no network of Teachable Machine, or one of which a part is not known here: one sentence that names it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zipSync } from 'fflate';
import { importLayersModel, InputError } from 'trainground';
import { modelFiles, small, teachableModel } from './layers_models.js';

/** Each a change of a model, and the sentence that it leads to. @type {Record<string, [(model: any, files: Record<string, any>) => unknown, RegExp]>} */
const foreign = {
  'no metadata': [
    (_, files) => delete files['metadata.json'],
    /^Expected metadata\.json to be among the files of the model: .*, got no such file$/,
  ],
  'no model': [(_, files) => delete files['model.json'], /^Expected model\.json to be among the files of the model/],
  'no weights': [
    (_, files) => delete files['weights.bin'],
    /^Expected weights\.bin to be beside model\.json, which names it for its weights, got no such file$/,
  ],
  'cut weights': [
    (_, files) => (files['weights.bin'] = files['weights.bin'].slice(0, -1)),
    /^Expected weights\.bin to be at least \d+ bytes, up to the end of "dense_Dense2\/kernel", got \d+: it is cut off/,
  ],
  'longer weights': [
    (_, files) => (files['weights.bin'] = new Uint8Array([...files['weights.bin'], 0])),
    /^Expected weights\.bin to be the \d+ bytes that model\.json tells, got/,
  ],
  'no JSON': [
    (_, files) => (files['model.json'] = new Uint8Array([123])),
    /^Expected model\.json to be JSON, got text that does not parse/,
  ],
  'a cut zip': [
    (_, files) => (files['x.zip'] = zipSync({ a: new Uint8Array(9) }).slice(0, 60)),
    /^Expected x\.zip to be a whole zip file/,
  ],
  'a pose model': [
    ({ metadata }) => (metadata.packageName = '@teachablemachine/pose'),
    /^Expected metadata\.json to be that of a Teachable Machine model of pictures .*, got "@teachablemachine\/pose"$/,
  ],
  'an audio model': [
    ({ metadata }) => {
      delete metadata.labels;
      metadata.wordLabels = ['a'];
    },
    /^Expected labels of metadata\.json to be a list of two or more class names, got nothing$/,
  ],
  'another number of labels': [
    ({ metadata }) => metadata.labels.push('x'),
    /^Expected labels of metadata\.json to be 3 class names, one an output of model\.json, got 4$/,
  ],
  'a graph model': [
    (model) => (model.topology = { node: [], library: {} }),
    /^Expected modelTopology of model\.json to be a layers model: .*, got a graph model/,
  ],
  'nothing inside': [
    (model) => (model.topology = null),
    /^Expected modelTopology of model\.json to be a layers model: .*, got nothing$/,
  ],
  'a Reshape, as MobileNetV1 has': [
    ({ head }) =>
      head.splice(0, 0, { class_name: 'Reshape', config: { name: 'reshape_1', target_shape: [1, 1, 256] } }),
    /^Expected the layer "reshape_1" of model\.json to be of a kind that is known here \(Conv2D, .*\), got "Reshape"$/,
  ],
  'an embedding, as a model of texts has': [
    ({ head }) => head.splice(0, 0, { class_name: 'Embedding', config: { name: 'e' } }),
    /"e" of model\.json to be of a kind that is known here/,
  ],
  dilation: [
    ({ layers }) => (layers[2].config.dilation_rate = [2, 2]),
    /^Expected the layer "Conv1" of model\.json to be one with dilation_rate \[1,1\] or 1, got \[2,2\]$/,
  ],
  'an oblong kernel': [
    ({ layers }) => (layers[2].config.kernel_size = [3, 1]),
    /"Conv1" of model\.json to be one with kernel_size of two equal whole numbers, got \[3,1\]$/,
  ],
  'an unknown option': [
    ({ layers }) => (layers[2].config.spectral = 4),
    /"Conv1" of model\.json to be one without an option that is not known here, got spectral 4$/,
  ],
  'another activation': [
    ({ head }) => (head[0].config.activation = 'selu'),
    /"dense_Dense1" of model\.json to be one with activation linear, softmax, relu, .*, got "selu"$/,
  ],
  'no softmax': [
    ({ head }) => (head[1].config.activation = 'linear'),
    /^Expected the last layer of model\.json to be a Dense layer with softmax, got /,
  ],
  'a softmax in the middle': [
    ({ head }) => (head[0].config.activation = 'softmax'),
    /"dense_Dense2" of model\.json to be before the softmax, which is the last, got one behind it$/,
  ],
  'ReLU up to 4': [
    ({ layers }) => (layers[4].config.max_value = 4),
    /"Conv1_relu" of model\.json to be one with max_value 6 or null, got 4$/,
  ],
  'zeros before a pool': [
    ({ layers }) => (layers[2].class_name = 'MaxPooling2D'),
    /"Conv1_pad" of model\.json to be before one of Conv2D, DepthwiseConv2D, got MaxPooling2D$/,
  ],
  'channels first': [
    ({ layers }) => (layers[2].config.data_format = 'channels_first'),
    /one with data_format "channels_last", got "channels_first"$/,
  ],
  'two inputs': [({ layers }) => layers.at(-1).inbound_nodes[0].push(['Conv1', 0, 0, {}]), /^Expected the layer "/],
  'a circle': [
    ({ layers }) => (layers[0].inbound_nodes = [[['out_relu', 0, 0, {}]]]),
    /^Expected the layer "\w+" of model\.json to be reached once, got a circle of layers$/,
  ],
  'a layer beside the way': [
    ({ layers }) => (layers[1].inbound_nodes = [[['out_relu', 0, 0, {}]]]),
    /^Expected the layer "out_relu" of model\.json to be the last layer of its model, got one before "input_1"$/,
  ],
  'a layer used twice': [
    ({ layers }) => layers[2].inbound_nodes.push([['Conv1_pad', 0, 0, {}]]),
    /"Conv1" of model\.json to be one that is used once, on the outputs of layers/,
  ],
  'a weight of another shape': [
    ({ weights }) => (weights[0].shape = [9, 3, 1, 8]),
    /^Expected the weight "Conv1\/kernel" of model\.json to be numbers of shape \(3, 3, 3, 8\), got one of shape \(9, 3, 1, 8\)$/,
  ],
  'a weight of another name': [
    ({ weights }) => (weights[0].name = 'x'),
    /^Expected the weight "Conv1\/kernel" of model\.json to be .*, got no such weight$/,
  ],
  'a weight that is not finite': [
    ({ weights }) => (weights[0].values[5] = NaN),
    /^Expected the weight "Conv1\/kernel" to be finite numbers of float32, got NaN at place 5$/,
  ],
  'an input of no pictures': [
    ({ layers }) => (layers[0].config.batch_input_shape = [null, 43, 232, 1]),
    /^Expected the input of model\.json to be \[null, side, side, 1 or 3\], .*, got \[null,43,232,1\]$/,
  ],
  'models in models': [
    (model) => {
      for (let i = 0; i < 50; i++)
        model.topology = { class_name: 'Sequential', config: { name: 'm', layers: [model.topology] } };
    },
    /"m" of model\.json to be at most 16 models deep, got one that is deeper$/,
  ],
};
for (const [name, [change, sentence]] of Object.entries(foreign)) {
  test(`refused in one sentence: ${name}`, async () => {
    const model = structuredClone(teachableModel(small));
    const [{ config: backbone }, { config: head }] = model.topology.config.layers;
    /** @type {any} */
    const parts = Object.assign(model, {
      layers: /** @type {any} */ (backbone).layers[0].config.layers,
      head: head.layers,
    });
    const files = modelFiles(model);
    change(parts, files);
    const changed = modelFiles(parts);
    const isOfFiles =
      Object.keys(changed).some((key) => files[key] === undefined) ||
      Object.keys(files).length !== 3 ||
      /weights$|JSON/.test(name);
    await assert.rejects(importLayersModel(isOfFiles && !/weight /.test(name) ? files : changed), (error) => {
      assert.ok(error instanceof InputError, error.stack);
      assert.match(error.message, sentence);
      assert.equal(error.problems.length, 1);
      return true;
    });
  });
}
