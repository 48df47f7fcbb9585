// Pictures through every door: the samples that Node gives, a page gives byte for byte, in the browsers, without isolation, under a
// strict policy; also where a browser protects against fingerprinting.
import assert from 'node:assert/strict';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { decodeImages } from 'trainground';
import { browsers, fresh, webkitLater } from '../web/browser.js';
import { bmpOf, everyForm, photo, transparent } from './photo_files.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const types = { '.js': 'text/javascript', '.html': 'text/html' };
const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";

/** What no longer is served, as if a host had forgotten it. */
let missing = /^$/;
/** @type {import('node:http').Server} */
let server;
let url;
/** @type {Record<string, Buffer>} */
let forms;
before(async () => {
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://page');
    const path = join(root, pathname);
    const headers = { 'Content-Security-Policy': policy, 'Content-Type': types[extname(path)] ?? 'text/plain' };
    if (pathname === '/')
      return response.writeHead(200, { ...headers, 'Content-Type': 'text/html' }).end('<!doctype html>');
    if (!existsSync(path) || !statSync(path).isFile() || missing.test(path)) return response.writeHead(404).end();
    response.writeHead(200, headers);
    return createReadStream(path).pipe(response);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${server.address().port}/`;
  forms = await everyForm();
});

after(() => {
  server.closeAllConnections();
  server.close();
});

/** @param {import('node:test').TestContext} context  with whose test the page ends */
async function pageOf(context, name, preferences = {}) {
  const browser = await fresh(name, [], preferences);
  context.after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(url);
  return page;
}
const [, { skip: noFirefox }] = browsers;

/** What a page gives for these files, `where` being its own thread or a worker of its own that imports the package. */
async function decodeThere(page, files, options, where = 'page') {
  const list = files.map((file) => file.toString('base64'));
  const { inputs, larger, ...rest } = await page.evaluate(
    async (texts, how, place) => {
      const blobs = texts.map((text) => new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))]));
      const decode = async () => {
        if (place === 'page') return (await import('/wasm/index.js')).decodeImages(blobs, how);
        const worker = new Worker('/tests/wasm/decoding_worker.js', { type: 'module' });
        worker.postMessage({ blobs, how });
        return new Promise((done) => (worker.onmessage = ({ data }) => done(data))).finally(() => worker.terminate());
      };
      const result = await decode();
      const numbers = (list) => list && Array.from(list);
      return { ...result, inputs: numbers(result.inputs), larger: numbers(result.larger) };
    },
    list,
    options,
    where,
  );
  return { ...rest, inputs: Uint8Array.from(inputs), ...(larger && { larger: Uint8Array.from(larger) }) };
}

/** The largest difference of each file's samples, of those that both accepted. */
function apart(here, there, names) {
  assert.deepEqual(there.accepted, here.accepted);
  const size = here.inputs.length / here.accepted.length;
  return Object.fromEntries(
    here.accepted.map((index, at) => {
      const [a, b] = [here, there].map(({ inputs }) => inputs.subarray(at * size, (at + 1) * size));
      return [names[index], a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0)];
    }),
  );
}

/** How far WebKitGTK is from Node: it converts colours whatever it is asked, and rounds otherwise where a picture is transparent. */
const webkitAway = [
  [/^gamma\.png$/, 40],
  [/transparent|\.webp$/, 1],
];

/** No picture is apart, but for those. */
function same(name, distances) {
  const allowed = (file) => (name === 'webkit' && webkitAway.find(([which]) => which.test(file))?.[1]) || 0;
  const wrong = Object.entries(distances).filter(([file, distance]) => !(distance <= allowed(file)));
  assert.deepEqual(wrong, []);
}

const ways = [{ size: 32 }, { size: [45, 60], fit: 'pad' }, { size: 100, fit: 'stretch', channels: 1 }];

for (const { name, skip } of webkitLater) {
  test(`${name}: every form of picture gives the samples that it gives in Node`, { skip }, async (context) => {
    const page = await pageOf(context, name);
    const names = Object.keys(forms);
    for (const options of ways) {
      const here = await decodeImages(Object.values(forms), options);
      assert.deepEqual(here.rejected, []);
      const there = await decodeThere(page, Object.values(forms), options);
      assert.deepEqual(there.rejected, []);
      same(name, apart(here, there, names));
    }
    const here = await decodeImages(Object.values(forms), ways[0]);
    const there = await decodeThere(page, Object.values(forms), ways[0], 'worker');
    same(name, apart(here, there, names));
  });

  test(
    `${name}: a second size, and a bitmap that is no file, give the samples of Node too`,
    { skip },
    async (context) => {
      const page = await pageOf(context, name);
      const file = await (await photo({ width: 90, height: 61 })).png().toBuffer();
      const how = { size: 32, larger: 48, fit: 'pad' };
      const here = await decodeImages([file, file], how);
      const there = await decodeThere(page, [file, file], how);
      assert.deepEqual([there.inputs, there.larger], [here.inputs, here.larger]);
      const bitmap = await page.evaluate(async (text) => {
        const { resizeImage } = await import('/wasm/index.js');
        const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
        const frame = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
        const twice = Promise.all([48, 32].map((size) => resizeImage(frame, { size, fit: 'pad' }))); // they share a reader
        return Array.from((await twice)[1]);
      }, file.toString('base64'));
      assert.deepEqual(Uint8Array.from(bitmap), here.inputs.subarray(0, bitmap.length));
    },
  );

  test(
    `${name}: AVIF is a level apart at most, 20 where it is transparent; BMP is read; all as large as they are`,
    { skip },
    async (context) => {
      const page = await pageOf(context, name);
      const picture = await photo({ width: 120, height: 80 });
      const clear = await transparent(picture);
      const files = {
        'photo.avif': await picture.clone().avif({ quality: 70 }).toBuffer(),
        'turned.avif': await picture.clone().withMetadata({ orientation: 6 }).avif().toBuffer(),
        'transparent.avif': await clear.clone().avif().toBuffer(),
      };
      const here = await decodeImages(Object.values(files), { size: 40 });
      const there = await decodeThere(page, Object.values(files), { size: 40 });
      const far = apart(here, there, Object.keys(files));
      if (name === 'webkit') delete far['turned.avif']; // WebKitGTK turns none
      const { 'transparent.avif': clearest, ...others } = far;
      assert.ok(clearest <= 20 && Object.values(others).every((one) => one <= 1), JSON.stringify(far));
      const bmp = bmpOf(9, 7, (x, y) => [20 * x, 30 * y, 99]);
      const { inputs } = await decodeThere(page, [bmp], { size: [7, 9] });
      assert.deepEqual([...inputs.subarray(0, 6), ...inputs.subarray(-3)], [0, 0, 99, 20, 0, 99, 160, 180, 99]);
    },
  );

  test(
    `${name}: a file that is not read here is told by its kind, and where no worker starts the page decodes`,
    { skip },
    async (context) => {
      const page = await pageOf(context, name);
      const tiff = await (await photo({ width: 40, height: 30 })).tiff().toBuffer();
      const heic = Buffer.concat([Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'), Buffer.alloc(40)]);
      const { rejected } = await decodeThere(page, [tiff, heic], { size: 8 });
      assert.deepEqual(
        rejected.map(({ code, kind, reason }) => [code, kind, reason]),
        [
          ['format', 'TIFF or raw', 'it is a TIFF or raw file, which is not read here: save it as PNG or JPEG'],
          ['format', 'HEIC', 'it is a HEIC file, which is not read here: save it as PNG or JPEG'],
        ],
      );
      missing = /picture_worker\.js$/;
      try {
        const here = await decodeImages([forms['rgb.png']], { size: 8 });
        const there = await decodeThere(page, [forms['rgb.png']], { size: 8 });
        assert.deepEqual(there.inputs, here.inputs);
      } finally {
        missing = /^$/;
      }
    },
  );

  test(`${name}: decoding can be given up, and ends its workers`, { skip }, async (context) => {
    const page = await pageOf(context, name);
    const large = await (await photo()).resize(3000, 2000).jpeg().toBuffer();
    const said = await page.evaluate(async (text) => {
      const { decodeImages } = await import('/wasm/index.js');
      const blob = new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))]);
      const controller = new AbortController();
      const reports = [];
      const onProgress = (done, total) => {
        reports.push(`${done}/${total}`);
        if (done === 2) controller.abort(new Error('enough'));
      };
      const ended = [];
      const { terminate } = Worker.prototype;
      Worker.prototype.terminate = function () {
        ended.push(1);
        return terminate.call(this);
      };
      const error = await decodeImages(Array(30).fill(blob), { size: 8, signal: controller.signal, onProgress }).catch(
        (reason) => reason.message,
      );
      return { error, reports, allEnded: ended.length === Math.min(4, navigator.hardwareConcurrency) };
    }, large.toString('base64'));
    assert.deepEqual(said, { error: 'enough', reports: ['1/30', '2/30'], allEnded: true });
  });

  test(`${name}: the next list finds the workers of the last, which end when none comes`, { skip }, async (context) => {
    const page = await pageOf(context, name);
    const small = await (await photo()).jpeg().toBuffer();
    const said = await page.evaluate(async (text) => {
      const counts = { started: 0, ended: 0 };
      const { setTimeout: later, Worker: Plain } = globalThis;
      const waits = [];
      globalThis.setTimeout = (call, wait, ...rest) =>
        wait === 10_000 ? waits.push(call) : later(call, wait, ...rest);
      globalThis.Worker = class extends Plain {
        constructor(...words) {
          super(...words);
          counts.started++;
        }
        terminate() {
          counts.ended++;
          super.terminate();
        }
      };
      const { decodeImages } = await import('/wasm/index.js');
      const blob = new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))]);
      const { inputs } = await decodeImages([blob], { size: 8 });
      const again = await decodeImages([blob], { size: 8 });
      const isSame = inputs.every((value, i) => value === again.inputs[i]);
      const before = { ...counts };
      waits.at(-1)();
      return { isSame, before, after: counts };
    }, small.toString('base64'));
    assert.deepEqual(said, { isSame: true, before: { started: 1, ended: 0 }, after: { started: 1, ended: 1 } });
  });

  test(
    `${name}: warmed up, workers wait a minute for the first list; where none starts, it is decoded all the same`,
    { skip },
    async (context) => {
      const page = await pageOf(context, name);
      const small = await (await photo()).jpeg().toBuffer();
      const { inputs } = await decodeImages([small], { size: 8 });
      const warmUp = () =>
        page.evaluate(async (text) => {
          const most = Math.min(4, navigator.hardwareConcurrency);
          const [through, waits, states] = [[], new Map(), []];
          const counts = { started: 0, ended: 0 };
          const look = () => states.push([counts.started - most, counts.ended, waits.size].join());
          const { setTimeout: later, clearTimeout: never, Worker: Plain } = globalThis;
          globalThis.setTimeout = (call, wait, ...rest) => {
            const timer = later(call, wait, ...rest);
            if (wait === 60_000) waits.set(timer, call);
            return timer;
          };
          globalThis.clearTimeout = (timer) => (waits.delete(timer), never(timer));
          globalThis.Worker = class extends Plain {
            constructor(...words) {
              super(...words);
              counts.started++;
              through.push(new Promise((done) => (this.isThrough = done)));
              this.addEventListener('message', ({ data }) => data.warm && this.isThrough());
            }
            terminate() {
              counts.ended++;
              this.isThrough();
              super.terminate();
            }
          };
          const { decodeImages, warmUpDecoder } = await import('/wasm/index.js');
          for (let i = 0; i < 2; i++) warmUpDecoder(); // as drags enter one element after the other
          look();
          await Promise.all(through);
          look();
          const blob = new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))]);
          const { inputs } = await decodeImages([blob], { size: 8 });
          look();
          for (const end of waits.values()) end();
          look();
          return { most, states, inputs: Object.values(inputs) };
        }, small.toString('base64'));
      // How many more have started than a list takes, how many have ended, and how many wait a minute.
      const { most, ...said } = await warmUp();
      const states = [`0,0,${most}`, `0,0,${most}`, `0,0,${most - 1}`, `0,${most - 1},0`]; // one has decoded, and waits as any that has
      assert.deepEqual(said, { states, inputs: [...inputs] });
      missing = /picture_worker\.js$/;
      try {
        await page.reload();
        const failed = [`0,0,${most}`, `0,${most},0`, `1,${most + 1},0`, `1,${most + 1},0`];
        assert.deepEqual(await warmUp(), { most, states: failed, inputs: [...inputs] });
      } finally {
        missing = /^$/;
      }
    },
  );
}

test(
  'firefox against fingerprinting: noise is noticed, PNG and plain JPEG are read all the same, other kinds are refused',
  { skip: noFirefox },
  async (context) => {
    const page = await pageOf(context, 'firefox', { 'privacy.resistFingerprinting': true });
    const names = Object.keys(forms);
    const here = await decodeImages(Object.values(forms), { size: 32 });
    const there = await decodeThere(page, Object.values(forms), { size: 32 });
    const read = there.accepted.map((index) => names[index]);
    assert.deepEqual(
      read,
      names.filter((each) => /\.(png|jpg)$/.test(each) && each !== 'cmyk.jpg'),
    );
    const size = here.inputs.length / here.accepted.length;
    there.accepted.forEach((index, at) => {
      const [a, b] = [
        here.inputs.subarray(index * size, (index + 1) * size),
        there.inputs.subarray(at * size, (at + 1) * size),
      ];
      assert.deepEqual(b, a, names[index]);
    });
    assert.deepEqual([...new Set(there.rejected.map(({ code }) => code))], ['hidden']);
    assert.match(there.rejected[0].reason, /^this browser hides decoded pixels from pages/);
  },
);

test(
  'firefox with a noisy canvas, which still has another way: that is taken',
  { skip: noFirefox },
  async (context) => {
    const noise = {
      'privacy.fingerprintingProtection': true,
      'privacy.fingerprintingProtection.overrides':
        '+CanvasImageExtractionPrompt,+CanvasExtractionBeforeUserInputIsBlocked',
    };
    const page = await pageOf(context, 'firefox', noise);
    const colour = await page.evaluate(() => {
      const canvas = new OffscreenCanvas(8, 8).getContext('2d');
      canvas.fillRect(0, 0, 8, 8);
      return String(canvas.getImageData(0, 0, 1, 1).data);
    });
    assert.notEqual(colour, '0,0,0,255', 'the canvas of this browser is noisy');
    const names = Object.keys(forms);
    const here = await decodeImages(Object.values(forms), { size: 32 });
    const there = await decodeThere(page, Object.values(forms), { size: 32 });
    assert.deepEqual(apart(here, there, names), Object.fromEntries(names.map((each) => [each, 0])));
  },
);
