// The package as an embedder gets it: packed, installed in an empty folder, used by a script of ten lines and by a page of fifteen
// without a bundler, with and without the headers that allow threads, under a strict policy; and what must fail, fails.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import sharp from 'sharp';
import { build } from 'vite';
import { backbones, datasets } from 'trainground';
import { decodeImages } from '../../wasm/images.js';
import { kVersion } from '../../wasm/weights_file.js';
import { temporaryFolder } from './command.js';
import { browsers } from '../web/browser.js';
import { launch } from '../web/browser_path.js';
import { isolation, types } from '../web/server.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = temporaryFolder();
const npm = (words, cwd) => execFileSync('npm', words, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** @type {{ filename: string, size: number, unpackedSize: number, files: Array<{ path: string }> }} */
let packed;
before(() => {
  [packed] = JSON.parse(npm(['pack', '--json', '--pack-destination', folder], root));
  writeFileSync(join(folder, 'package.json'), '{ "name": "empty", "private": true, "type": "module" }');
  npm(['install', '--no-audit', '--no-fund', '--offline', `./${packed.filename}`], folder);
});

test('the package has what it needs to run, and nothing else', (context) => {
  const files = packed.files.map(({ path }) => path);
  for (const build of ['single', 'threads']) {
    assert.ok(files.includes(`wasm/dist/${build}.mjs`) && files.includes(`wasm/dist/${build}.wasm`), build);
  }
  for (const file of [
    'wasm/dist/threads.pool.mjs',
    'wasm/engine_worker.js',
    'wasm/picture_worker.js',
    'wasm/data/digits.json',
    'wasm/data/digits.bin.gz',
  ]) {
    assert.ok(files.includes(file), file);
  }
  for (const file of ['wasm/index.js', 'wasm/index.d.ts', 'wasm/cli.js', 'LICENSE', 'README.md', 'package.json']) {
    assert.ok(files.includes(file), file);
  }
  assert.deepEqual(
    files.filter((file) => /^(core|web|tests|build)\/|\.cpp$|node_modules/.test(file)),
    [],
  );
  const own = Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).dependencies ?? {});
  assert.deepEqual(own, [], 'no run-time dependency');
  context.diagnostic(`packed ${packed.size} bytes, unpacked ${packed.unpackedSize} bytes`);
  for (const build of ['single', 'threads']) {
    const bytes = readFileSync(join(root, `wasm/dist/${build}.wasm`));
    context.diagnostic(`${build}.wasm: ${bytes.length} bytes, ${brotliCompressSync(bytes).length} in brotli`);
  }
});

test('every file that the package fetches is in it, and each set and backbone has its licence', async () => {
  const files = packed.files.map(({ path }) => path);
  const fetched = [
    ...readFileSync(join(root, 'wasm/assets.js'), 'utf8').matchAll(
      /^ {2}'([^']+)': \(\) =>\s+new URL\(\s*'\.\/([^'?]+)/gm,
    ),
  ];
  assert.ok(fetched.length > 20);
  for (const [, path, written] of fetched) {
    assert.equal(written, path);
    assert.ok(files.includes(`wasm/${path}`), path);
  }
  const licences = readFileSync(join(root, 'wasm/data/LICENSES.md'), 'utf8');
  for (const { name, licence } of await datasets())
    assert.match(
      licences,
      new RegExp(`^## .*\\b${name}\\b.*: .*${licence.split(',')[0].split(' ')[0]}`, 'm'),
      `${name}: ${licence}`,
    );
  for (const { name } of await backbones()) assert.match(licences, new RegExp(`^## The weights of ${name}: `, 'm'));
});

test('the package has one version, and says what is new in it', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  assert.deepEqual([lock.version, lock.packages[''].version, kVersion], [version, version, version]);
  const [, newest] = /^## (.*)$/m.exec(readFileSync(join(root, 'wasm/CHANGELOG.md'), 'utf8')) ?? [];
  assert.equal(newest, version);
  const help = execFileSync(process.execPath, [join(root, 'wasm/cli.js'), '--version'], { encoding: 'utf8' });
  assert.equal(help.trim(), version);
});

const script = `import { Trainer } from 'trainground';
const trainer = await Trainer.open({
  dataset: 'digits',
  layers: [{ type: 'flatten' }, { type: 'dense', units: 32, activation: 'relu' }, { type: 'dense', units: 10 }],
  epochs: 3,
});
for await (const event of trainer.train()) {
  if (event.event === 'end') console.log(event.validationAccuracy, event.weightsSha256);
}
await trainer.dispose();
`;
/** What the script printed: [accuracy, hash]. @type {string[]} */
let printed;

test('a script of ten lines trains in Node', () => {
  assert.equal(script.trimEnd().split('\n').length, 10);
  writeFileSync(join(folder, 'train.js'), script);
  printed = execFileSync(process.execPath, ['train.js'], { cwd: folder, encoding: 'utf8', timeout: 60_000 })
    .trim()
    .split(' ');
  assert.ok(Number(printed[0]) > 0.7, printed[0]);
  assert.match(printed[1], /^[0-9a-f]{64}$/);
});

test('the backbones come along, and a network starts from each', () => {
  // One that has learned from a set that is none of ours is given pictures, and an end.
  const each = `import { Trainer, backbones, datasets } from 'trainground';
    const ours = (await datasets()).map(({ name }) => name);
    const data = { inputs: new Uint8Array(4 * 96 * 96 * 3), shape: [96, 96, 3], labels: [0, 1, 0, 1] };
    for (const { name, dataset, layers } of await backbones()) {
      const transfer = { weights: name };
      const trainer = ours.includes(dataset)
        ? await Trainer.open({ dataset, layers, transfer })
        : await Trainer.open({ layers: [...layers, { type: 'dense', units: 2 }], transfer }, { data });
      console.log(name, trainer.start.transfer.taken.length, trainer.start.transfer.kept.length);
      await trainer.dispose();
    }`;
  writeFileSync(join(folder, 'backbones.js'), each);
  const out = execFileSync(process.execPath, ['backbones.js'], { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  assert.equal(out, 'fashion-6 14 0\nefficientnet-lite0 245 2\n');
});

test('without sharp plain JPEG is read in Node, and of another kind it is said what is missing', async () => {
  const picture = sharp({ create: { width: 90, height: 61, channels: 3, background: '#40a0c0' } });
  writeFileSync(join(folder, 'plain.jpg'), await picture.clone().jpeg().toBuffer());
  writeFileSync(join(folder, 'plain.png'), await picture.clone().png().toBuffer());
  const each = `import { decodeImages } from 'trainground';
    console.log(String((await decodeImages(['plain.jpg'], { size: 1 })).inputs));
    await decodeImages(['plain.jpg', 'plain.png'], { size: 1 }).catch(({ message }) => console.log(message));`;
  writeFileSync(join(folder, 'pictures.js'), each);
  const out = execFileSync(process.execPath, ['pictures.js'], { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  const [colour, refusal] = out.split('\n');
  const { inputs } = await decodeImages([join(folder, 'plain.jpg')], { size: 1 });
  assert.equal(colour, String(inputs));
  assert.equal(
    refusal,
    'Reading other pictures than plain JPEG in Node needs the optional package sharp: npm install sharp',
  );
});

test('the command line is installed too', () => {
  const out = execFileSync(join(folder, 'node_modules/.bin/trainground'), ['--help'], { encoding: 'utf8' });
  assert.match(out, /^Usage: trainground/);
});

test('a script that reaches past the public door fails', () => {
  const inner = "import { Engine } from 'trainground/wasm/engine.js';";
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', inner], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.notEqual(status, 0);
  assert.match(stderr, /ERR_PACKAGE_PATH_NOT_EXPORTED/);
});

const policy = {
  'Content-Security-Policy': "default-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'unsafe-inline'",
};

/**
 * A plain static server.
 * @param {{ root?: string, headers?: Record<string, string>, spoil?: (path: string) => boolean }} [options]  spoil: answer these with index.html
 */
async function serve({ root: place = folder, headers = {}, spoil = () => false } = {}) {
  const server = createServer((request, response) => {
    let file = join(place, decodeURIComponent(new URL(request.url ?? '/', 'http://page').pathname));
    if (spoil(file)) file = join(folder, 'index.html');
    if (!existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end('no such file');
    response.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream', ...headers });
    return response.end(readFileSync(file));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

const page = `<!doctype html>
<title>Embedded</title>
<pre id="log"></pre>
<script type="module">
  import { Trainer } from './node_modules/trainground/wasm/index.js';
  const log = document.querySelector('#log');
  const trainer = await Trainer.open({
    dataset: 'digits',
    layers: [{ type: 'flatten' }, { type: 'dense', units: 32, activation: 'relu' }, { type: 'dense', units: 10 }],
    epochs: 3,
  });
  for await (const event of trainer.train()) {
    log.textContent += JSON.stringify(event) + '\\n';
  }
</script>
`;

for (const { name, skip } of browsers) {
  /** @type {import('puppeteer-core').Browser} */
  let browser;
  after(() => browser?.close());

  test(`${name} starts`, { skip }, async () => {
    browser = await launch(name);
  });

  for (const [how, headers] of [
    ['from a plain server', {}],
    ['cross-origin isolated, under a strict policy', { ...isolation, ...policy }],
  ]) {
    test(`${name}: a page of fifteen lines without a bundler trains, ${how}`, { skip }, async () => {
      assert.equal(page.trimEnd().split('\n').length, 16 - 1);
      writeFileSync(join(folder, 'index.html'), page);
      const server = await serve({ headers });
      const tab = await browser.newPage();
      const errors = [];
      tab.on('pageerror', (error) => errors.push(error.message));
      try {
        await tab.goto(`${server.url}/index.html`);
        await tab.waitForFunction(() => document.querySelector('#log')?.textContent?.includes('"end"'), {
          timeout: 60_000,
        });
        const lines = (await tab.$eval('#log', (log) => log.textContent))
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line));
        assert.deepEqual(
          lines.map(({ event }) => event),
          ['epoch', 'epoch', 'epoch', 'end'],
        );
        assert.equal(lines[3].weightsSha256, printed[1], 'the same bits as in Node');
        assert.deepEqual(errors, []);
        const chosen = await tab.evaluate(async () => {
          const { Trainer } = await import('/node_modules/trainground/wasm/index.js');
          const trainer = await Trainer.open(
            { dataset: 'digits', layers: [{ type: 'flatten' }, { type: 'dense', units: 10 }] },
            { threads: 2 },
          );
          return [trainer.start.build, trainer.start.threads, trainer.start.reason];
        });
        if ('Cross-Origin-Opener-Policy' in headers)
          assert.deepEqual(chosen, ['threads', 2, '2 threads were asked for']);
        else
          assert.deepEqual(chosen, [
            'single',
            1,
            'the page is not cross-origin isolated, so threads cannot share memory',
          ]);
      } finally {
        await tab.close();
        server.close();
      }
    });
  }

  test(`${name}: bundled by Vite, with threads`, { skip }, async () => {
    writeFileSync(
      join(folder, 'main.js'),
      page.slice(page.indexOf('import'), page.indexOf('</script>')).replace(/'\.\/node_modules[^']*'/, "'trainground'"),
    );
    writeFileSync(
      join(folder, 'index.html'),
      '<!doctype html><pre id="log"></pre><script type="module" src="./main.js"></script>',
    );
    await build({ root: folder, logLevel: 'error', base: './', configFile: false });
    const server = await serve({ root: join(folder, 'dist'), headers: isolation });
    const tab = await browser.newPage();
    try {
      const requests = [];
      tab.on('request', (request) => requests.push(request.url()));
      await tab.goto(`${server.url}/index.html`);
      await tab.waitForFunction(() => document.querySelector('#log')?.textContent?.includes('"end"'), {
        timeout: 60_000,
      });
      assert.ok((await tab.$eval('#log', (log) => log.textContent)).includes(printed[1]), 'the same bits as in Node');
      const cores = await tab.evaluate(() => navigator.hardwareConcurrency);
      if (cores > 1)
        assert.ok(
          requests.some((url) => /threads-[^/]*\.wasm$/.test(url)),
          requests.join('\n'),
        );
    } finally {
      await tab.close();
      server.close();
    }
  });

  test(`${name}: what is served wrongly is named, and nothing of it is kept`, { skip }, async () => {
    let spoilt = /\.wasm$/;
    const server = await serve({ headers: isolation, spoil: (file) => spoilt.test(file) });
    const tab = await browser.newPage();
    try {
      writeFileSync(join(folder, 'blank.html'), '<!doctype html><title>Blank</title>');
      await tab.goto(`${server.url}/blank.html`);
      const attempt = (experiment, options) =>
        tab.evaluate(
          async (wanted, how) => {
            const { Trainer } = await import('/node_modules/trainground/wasm/index.js');
            const layers = [{ type: 'flatten' }, { type: 'dense', units: 10 }];
            try {
              const trainer = await Trainer.open({ layers, ...wanted }, how);
              return `${trainer.start.build}: ${trainer.start.reason}`;
            } catch (error) {
              return `${error.name}: ${error.message}`;
            }
          },
          experiment,
          options,
        );
      assert.match(
        await attempt({ dataset: 'digits' }, { threads: 1 }),
        /single\.wasm is not WebAssembly but an HTML page, as servers answer for a file that is missing/,
      );
      spoilt = /single\.mjs$/;
      assert.match(await attempt({ dataset: 'digits' }, { threads: 1 }), /single\.mjs does not load/);
      spoilt = /worker\.js$/;
      assert.match(await attempt({ dataset: 'digits' }), /did not load|MIME|worker/i);
      spoilt = /digits\.bin\.gz$/;
      assert.match(await attempt({ dataset: 'digits' }), /^InputError: Expected dataset to be .*HTML page/);
      spoilt = /threads\.(pool\.mjs|wasm)/;
      assert.match(
        await attempt({ dataset: 'digits' }, { threads: 2 }),
        /^single: the build with threads did not start: /,
      );
      spoilt = /threads\.pool\.mjs/;
      assert.match(
        await attempt({ dataset: 'digits' }, { threads: 2 }),
        /^single: the build with threads did not start: \S*threads\.pool\.mjs\S* did not load/,
      );
      spoilt = /nothing/;
      assert.match(await attempt({ dataset: 'digits' }, { threads: 2 }), /^threads: /, 'the next attempt works');
      assert.match(
        await attempt({ dataset: { type: 'csv', path: 'none.csv', label: 'x' } }),
        /^InputError: Expected dataset\.path to be a file that can be read, got "none\.csv" \(.*\/none\.csv answers 404\)$/,
      );
    } finally {
      await tab.close();
      server.close();
    }
  });

  test(`${name}: pictures decode to the pixels that Node gives`, { skip }, async () => {
    const raw = Buffer.from(Array.from({ length: 90 * 61 * 3 }, (_, i) => (i * 31 + ((i * i) >> 7)) % 256));
    const picture = sharp(raw, { raw: { width: 90, height: 61, channels: 3 } });
    const png = await picture.clone().png().toBuffer();
    const turned = await picture
      .clone()
      .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const spoilt = Buffer.from(png).fill(0x55, png.indexOf('IDAT') + 4, png.indexOf('IEND') - 8);
    const files = [png, turned, png.subarray(0, 100), spoilt, Buffer.from('no picture, only some words that go on')];
    const server = await serve();
    const tab = await browser.newPage();
    try {
      await tab.goto(`${server.url}/blank.html`);
      for (const options of [
        { size: 16 },
        { size: [20, 33], channels: 1, fit: 'pad' },
        { size: 100, fit: 'stretch' },
      ]) {
        const here = await decodeImages(files, options);
        const there = await tab.evaluate(
          async (list, how) => {
            const { decodeImages } = await import('/node_modules/trainground/wasm/index.js');
            const blobs = list.map((text) => new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))]));
            const { inputs, accepted, rejected } = await decodeImages(blobs, how);
            return { inputs: Array.from(inputs), accepted, rejected };
          },
          files.map((file) => file.toString('base64')),
          options,
        );
        assert.deepEqual(there.accepted, here.accepted);
        assert.deepEqual(there.rejected, here.rejected);
        assert.deepEqual(there.inputs, Array.from(here.inputs));
      }
    } finally {
      await tab.close();
      server.close();
    }
  });
}
