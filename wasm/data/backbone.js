#!/usr/bin/env node
// Trains the built-in backbones with the command line: node wasm/data/backbone.js [--check] [NAME...]
//
// NAME.experiment.json is the recipe, its seed included; NAME.safetensors holds the float32 weights that it ends with, the same on every
// machine; NAME.backbone.json says what they are. --check writes nothing and fails where the committed weights are others.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const cli = fileURLToPath(new URL('../cli.js', import.meta.url));

/** @type {Record<string, { title: string, licence: string, source: string }>} */
export const backbones = {
  'fashion-6': {
    title: 'Fashion, six classes',
    licence: 'Apache-2.0',
    source: 'Learned from Fashion-MNIST (Zalando SE, 2017, MIT)',
  },
};

const read = (/** @type {string} */ file) => JSON.parse(readFileSync(join(folder, file), 'utf8'));

/** The backbone as its two files, trained anew. @param {string} name */
export function make(name) {
  const experiment = read(`${name}.experiment.json`);
  const { classes, shape } = read(`${experiment.dataset}.json`);
  const scratch = mkdtempSync(join(tmpdir(), 'trainground-backbone-'));
  try {
    const weights = join(scratch, 'weights.safetensors');
    const words = ['run', join(folder, `${name}.experiment.json`), '--save', weights, '--log', 'ndjson'];
    const lines = execFileSync(process.execPath, [cli, ...words], { encoding: 'utf8' })
      .trim()
      .split('\n');
    const [start, end] = [JSON.parse(lines[0]), JSON.parse(/** @type {string} */ (lines.at(-1)))];
    const bytes = readFileSync(weights);
    const { title, licence, source } = backbones[name];
    const manifest = {
      name,
      title,
      dataset: experiment.dataset,
      classes,
      shape,
      experiment: `${name}.experiment.json`,
      seed: experiment.seed,
      validationAccuracy: Number(end.validationAccuracy.toFixed(4)),
      parameters: start.parameters,
      layers: experiment.layers,
      licence,
      source,
      file: `${name}.safetensors`,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    };
    return { manifest, bytes };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** The committed backbone. @param {string} name */
export const committed = (name) => ({
  manifest: read(`${name}.backbone.json`),
  bytes: readFileSync(join(folder, `${name}.safetensors`)),
});

/** As prettier writes it: a line for each key, and for each layer. @param {Record<string, any>} manifest */
function inWords(manifest) {
  const word = (/** @type {unknown} */ value) => JSON.stringify(value).replaceAll(',"', ', "').replaceAll('":', '": ');
  const braced = (/** @type {object} */ layer) => word(layer).replace(/^\{(.*)\}$/, '{ $1 }');
  const lines = Object.entries(manifest).map(([key, value]) =>
    key === 'layers'
      ? `  "layers": [\n${value.map((/** @type {object} */ layer) => `    ${braced(layer)}`).join(',\n')}\n  ]`
      : `  ${JSON.stringify(key)}: ${Array.isArray(value) ? `[${value.map(word).join(', ')}]` : word(value)}`,
  );
  return `{\n${lines.join(',\n')}\n}\n`;
}

/** @param {string[]} words */
function main(words) {
  const names = words.filter((word) => word !== '--check');
  const unknown = names.find((name) => !Object.hasOwn(backbones, name));
  if (unknown) throw new Error(`no backbone '${unknown}': ${Object.keys(backbones).join(', ')}`);
  for (const name of names.length ? names : Object.keys(backbones)) {
    const { manifest, bytes } = make(name);
    if (words.includes('--check')) {
      const same = committed(name).bytes.equals(bytes);
      console.log(`backbone: ${name} ${same ? 'is what its recipe gives' : 'DIFFERS from what its recipe gives'}`);
      if (!same) process.exitCode = 1;
      continue;
    }
    writeFileSync(join(folder, manifest.file), bytes);
    writeFileSync(join(folder, `${name}.backbone.json`), inWords(manifest));
    console.log(`backbone: ${name}: ${bytes.length} bytes, ${manifest.sha256}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
