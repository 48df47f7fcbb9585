// The visitor's hundred photos in Chromium, and Teachable Machine's own library with the same: `npm run bench:photos FOLDER`, FOLDER with a
// folder of photos for each class (the first four, 25 photos of each), and behind it the number of rounds (default 3).
//
// Measured from Train (there: from the first example, as it looks at photos when they are added) to the first point of the curve and to the
// end. Decoding is in neither. Theirs: TensorFlow.js 4.22 with its WebAssembly back end, 50 epochs of their default head on MobileNetV2 0.35 at
// 224 pixels; its weights are not to be had without their server, so they are random of the same shape, which costs the same time. That
// network has a seventh of the products of ours at 224 pixels.
/* global tf, tmImage */
import assert from 'node:assert/strict';
import { createReadStream, existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { zipSync } from 'fflate';
import { modelFiles, teachableMachine, teachableModel } from '../wasm/layers_models.js';
import { launch } from '../web/browser_path.js';
import { serve } from '../web/server.js';
import { linkOf } from '../web/words.js';
import { opened } from './page_budgets.js';
import { cell } from './timing.js';

const [folder, rounds = '3'] = process.argv.slice(2);
if (!folder || !existsSync(folder)) {
  console.error('usage: npm run bench:photos FOLDER [ROUNDS]');
  process.exit(2);
}
const root = fileURLToPath(new URL('../../', import.meta.url));
const isolated = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
const classes = readdirSync(folder).sort().slice(0, 4);
const photos = classes.flatMap((name) =>
  readdirSync(join(folder, name))
    .sort()
    .slice(0, 25)
    .map((file) => ({ name, path: join(folder, name, file) })),
);
const zip = Buffer.from(
  zipSync(Object.fromEntries(photos.map(({ name, path }, i) => [`${name}/${i}.jpg`, readFileSync(path)])), {
    level: 0,
  }),
);

/** Our page, with its recipe for own pictures. */
async function ours(browser, server, size) {
  const dataset = { type: 'images', path: 'pictures', size, fit: 'crop', channels: 3 };
  const values = { dataset };
  return opened(browser, server, null, async (page) => {
    await page.page.goto(`${server.url}${await linkOf(values)}`);
    await page.page.reload();
    const input = await page.page.waitForSelector('[data-testid="file-input"]');
    await input.evaluate((element, bytes) => {
      const list = new DataTransfer();
      list.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], 'photos.zip'));
      element.files = list.files;
      element.dispatchEvent(new Event('change', { bubbles: true }));
    }, zip.toString('base64'));
    await page.ready();
    await page.settled();
    const found = await page.page.evaluate(async () => {
      const value = (id) => document.querySelector(`[data-testid="${id}"]`)?.dataset.value;
      const until = (condition) =>
        new Promise((done) => {
          const look = new MutationObserver(() => {
            if (!condition()) return;
            look.disconnect();
            done(performance.now());
          });
          look.observe(document, { subtree: true, childList: true, attributes: true });
        });
      const from = performance.now();
      const first = until(() => Number(value('epoch')) >= 1);
      const end = until(() => value('stop-reason'));
      document.querySelector('[data-testid="train"]').click();
      return { first: (await first) - from, end: (await end) - from };
    });
    const accuracy = await page.number('validation-accuracy');
    assert.ok(accuracy > 1.5 / classes.length, `it learns: ${accuracy}`);
    return found;
  });
}

const theirPage = `<!doctype html><title>peer</title>
<script src="/build/peers/node_modules/@tensorflow/tfjs/dist/tf.min.js"></script>
<script src="/build/peers/node_modules/@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.min.js"></script>
<script src="/build/peers/node_modules/@teachablemachine/image/dist/teachablemachine-image.min.js"></script>`;

/** Their library, on a server of this repository and of the photos. */
async function servePeer() {
  const { topology, weights, metadata } = teachableModel(teachableMachine);
  const files = modelFiles({
    topology: { ...topology.config.layers[0].config.layers[0], keras_version: '2.1.6', backend: 'tensor_flow.js' },
    weights: weights.filter(({ name }) => !name.startsWith('dense_')),
    metadata,
  });
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://page');
    const [, kind, rest] = /^\/(model|photo)\/(.*)$/.exec(pathname) ?? [];
    const path = kind === 'photo' ? photos[Number(rest)]?.path : join(root, pathname);
    if (pathname === '/')
      return void response.writeHead(200, { 'Content-Type': 'text/html', ...isolated }).end(theirPage);
    if (kind === 'model' && files[rest]) return void response.writeHead(200, isolated).end(files[rest]);
    if (!path?.startsWith(root) && kind !== 'photo') return void response.writeHead(404).end();
    if (!existsSync(path) || !statSync(path).isFile()) return void response.writeHead(404).end();
    const type = path.endsWith('.wasm') ? 'application/wasm' : path.endsWith('.js') ? 'text/javascript' : 'image/jpeg';
    response.writeHead(200, { 'Content-Type': type, ...isolated });
    createReadStream(path).pipe(response);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    stop: () => (server.closeAllConnections(), server.close()),
  };
}

async function theirs(browser, peer) {
  const page = await (await browser.createBrowserContext()).newPage();
  await page.goto(peer.url, { waitUntil: 'load' });
  const found = await page.evaluate(
    async (labels, names) => {
      tf.wasm.setWasmPaths('/build/peers/node_modules/@tensorflow/tfjs-backend-wasm/dist/');
      tf.wasm.setThreadsCount(navigator.hardwareConcurrency);
      await tf.setBackend('wasm');
      await tf.ready();
      const canvases = [];
      for (let i = 0; i < labels.length; i++) {
        const bitmap = await createImageBitmap(await (await fetch(`/photo/${i}`)).blob());
        const canvas = Object.assign(document.createElement('canvas'), { width: 224, height: 224 });
        const side = Math.min(bitmap.width, bitmap.height);
        const [x, y] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2];
        canvas.getContext('2d').drawImage(bitmap, x, y, side, side, 0, 0, 224, 224);
        canvases.push(canvas);
      }
      const model = await tmImage.createTeachable(
        { tfjsVersion: tf.version.tfjs, labels: names },
        { version: 2, alpha: 0.35, checkpointUrl: '/model/model.json', trainingLayer: 'out_relu' },
      );
      model.setLabels(names);
      const from = performance.now();
      for (const [i, canvas] of canvases.entries()) await model.addExample(labels[i], canvas);
      const looked = performance.now() - from;
      let first = null;
      let last = {};
      await model.train(
        { denseUnits: 100, epochs: 50, learningRate: 0.001, batchSize: 16 },
        {
          onEpochEnd: (_, logs) => {
            first ??= performance.now() - from;
            last = logs;
          },
        },
      );
      const end = performance.now() - from;
      const threads = tf.wasm.getThreadsCount();
      return {
        looked,
        first,
        end,

        loss: last.loss,
        threads,
        backend: tf.getBackend(),
      };
    },
    photos.map(({ name }) => classes.indexOf(name)),
    classes,
  );
  assert.ok(Number.isFinite(found.loss) && found.backend === 'wasm', JSON.stringify(found));
  await page.browserContext().close();
  return found;
}

/** @type {Record<string, { first: number[], end: number[] }>} */
const times = {};
const note = (name, { first, end }) => {
  times[name] ??= { first: [], end: [] };
  times[name].first.push(first / 1000);
  times[name].end.push(end / 1000);
};
const [server, peer] = [await serve(), await servePeer()];
const browser = await launch('chromium', { ignoreDefaultArgs: ['--disable-background-timer-throttling'] });
try {
  for (let round = 0; round < Number(rounds); round++) {
    for (const size of [224, 320]) note(`Trainground, ${size} px`, await ours(browser, server, size));
    const found = await theirs(browser, peer);
    note(`Teachable Machine's library, 224 px, ${found.threads} threads`, found);
  }
} finally {
  await browser.close();
  server.stop();
  peer.stop();
}
console.log(`${photos.length} photos of ${classes.length} classes, seconds, median of ${rounds} (spread)`);
for (const [name, { first, end }] of Object.entries(times))
  console.log(`${name.padEnd(50)} first point ${cell(first)}   finished ${cell(end)}`);
