// Reads each NUMBER.onnx of a folder with Netron's parser, as its view does, and prints a line of JSON a network: its name and a difference of 0
// where the graph has our input and output in their types, and every node is of a type that Netron has a description for; or what is wrong.
//
//     node netron_reader.js PYTHON FOLDER      (a Python that has Netron's package: its parser is JavaScript)
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [python, folder] = process.argv.slice(2);
const installed = execFileSync(python, ['-c', 'import netron; print(netron.__path__[0])'], { encoding: 'utf8' }).trim();
const place = join(folder, 'netron');
cpSync(installed, place, { recursive: true });
writeFileSync(join(place, 'package.json'), '{"type":"module"}'); // the wheel is made for a page, which knows its modules by their tags
const load = (name) => import(pathToFileURL(join(place, `${name}.js`)).href);

// Its view looks for a window as it is loaded.
const element = () => ({ style: {}, appendChild() {}, setAttribute() {} });
Object.assign(globalThis, {
  window: globalThis,
  document: { addEventListener() {}, createElement: element, createElementNS: element, documentElement: element() },
});
const [{ BinaryStream }, { ModelFactoryService }] = await Promise.all([load('base'), load('view')]);

const host = {
  environment: () => null,
  event() {},
  exception(error) {
    throw error;
  },
  require: (id) => load(id.replace('./', '')),
  request: async (file, encoding) => readFileSync(join(place, file), encoding),
  asset: async (file) => readFileSync(join(place, file), 'utf8'),
};

/** The values of a graph's input or output, as `name float32[N,1,8,8]`. */
const typed = (ends) => ends.map(({ name, value }) => `${name} ${value[0].type}`).join();

async function faultOf(number, { shape: [height, width, channels], outputs }) {
  const identifier = `${number}.onnx`;
  const stream = new BinaryStream(new Uint8Array(readFileSync(join(folder, identifier))));
  const model = await new ModelFactoryService(host).open({ ...host, identifier, name: '', stream, entries: new Map() });
  const [graph] = model.modules;
  const wanted = [`input float32[N,${channels},${height},${width}]`, `logits float32[N,${outputs}]`];
  const ends = [typed(graph.inputs), typed(graph.outputs)];
  if (String(ends) !== String(wanted)) return `${ends} instead of ${wanted}`;
  const strange = graph.nodes.filter(({ type }) => !type.inputs);
  return strange.length ? `no description of ${strange.map(({ type }) => type.name)}` : null;
}

for (const network of JSON.parse(readFileSync(join(folder, 'list.json'), 'utf8'))) {
  const error = await faultOf(network.number, network).catch((thrown) => String(thrown.stack));
  console.log(JSON.stringify({ name: network.name, ...(error ? { error } : { gap: 0 }) }));
}
