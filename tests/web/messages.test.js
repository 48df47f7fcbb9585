// Messages and cures: each says what happened and offers what helps.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browsers, linkOf, oneBrowser, withPage } from './browser.js';

for (const { name, skip } of browsers) {
  test(`${name}: a full store is said once, the run goes on, and the project can be downloaded`, { skip }, async () => {
    await withPage(name, { hash: await linkOf({ epochs: 300, earlyStopping: null }) }, async (page) => {
      await page.ready();
      await page.page.evaluate(() => {
        IDBObjectStore.prototype.put = () => {
          throw new DOMException('There is no room', 'QuotaExceededError');
        };
        window.saved = [];
        HTMLAnchorElement.prototype.click = function () {
          window.saved.push(this.download);
        };
      });
      await page.click('train');
      await page.epoch(2);
      await page.click('train'); // a run is kept when it pauses
      await page.until(() => document.querySelector('[data-code="storage-full"] [data-testid="alert-action"]'));
      const before = await page.number('epoch');
      await page.click('train');
      await page.epoch(before + 2);
      assert.equal(await page.page.$$eval('[data-code="storage-full"]', (boxes) => boxes.length), 1);
      await page.page.$eval('[data-code="storage-full"] [data-testid="alert-action"]', (button) => button.click());
      await page.until(() => window.saved.includes('project.zip'));
    });
  });

  test(`${name}: a run that needs too much memory is refused with a batch that needs less`, { skip }, async () => {
    const layers = [
      { type: 'conv2d', filters: 4096, kernelSize: 3, padding: 'same' },
      { type: 'globalAveragePool2d' },
      { type: 'dense', units: 10 },
    ];
    await withPage(name, { hash: await linkOf({ layers, batchSize: 1024 }) }, async (page) => {
      await page.until(() => document.querySelector('[data-code="out-of-memory"] [data-testid="alert-action"]'));
      await page.click('alert-action');
      await page.button('Pause');
      assert.equal(await page.has('alert'), false);
      await page.until(() => document.querySelector('[data-testid="step-count"]').dataset.value > 0);
    });
  });

  test(`${name}: a page on one thread tells the two headers`, { skip }, async () => {
    await withPage(name, { isolated: false }, async (page) => {
      await page.there('alert-how');
      const text = await page.text('alert-how');
      assert.match(text, /Cross-Origin-Opener-Policy: same-origin\s+Cross-Origin-Embedder-Policy: require-corp/);
    });
  });
}

for (const { name, skip } of oneBrowser) {
  test(`${name}: frozen layers are named as the cause, and a click frees them`, { skip }, async () => {
    const layers = [
      { type: 'flatten' },
      { type: 'dense', units: 8, activation: 'relu', trainable: false },
      { type: 'dense', units: 10, trainable: false },
    ];
    await withPage(name, { hash: await linkOf({ layers, page: { level: 'all' } }) }, async (page) => {
      await page.ready();
      await page.click('overfit');
      await page.until(() => document.querySelector('[data-testid="overfit-result"]')?.dataset.value === 'fail');
      const cause = () => page.page.$eval('[data-testid="overfit-result"]', (element) => element.dataset.cause);
      assert.equal(await cause(), 'frozenLayers');
      await page.click('overfit-action');
      await page.settled();
      await page.click('overfit');
      await page.until(() => document.querySelector('[data-testid="overfit-result"]')?.dataset.value !== 'fail');
      await page.until(() => document.querySelector('[data-testid="overfit-result"]'));
      assert.notEqual(await cause(), 'frozenLayers');
    });
  });

  test(`${name}: a cause of not learning is named, and a click mends it`, { skip }, async () => {
    const sigmoid = { type: 'dense', units: 10, activation: 'sigmoid' };
    const faults = {
      wrongLoss: { layers: [{ type: 'flatten' }, { type: 'dense', units: 32, activation: 'relu' }, sigmoid] },
      networkTooSmall: {
        dataset: { type: 'points', shape: 'circles', samples: 200 },
        layers: [{ type: 'dense', units: 2 }],
        optimizer: { type: 'adam', learningRate: 0.05 },
      },
    };
    for (const [cause, settings] of Object.entries(faults)) {
      await withPage(name, { hash: await linkOf({ ...settings, page: { level: 'all' } }) }, async (page) => {
        const examined = async () => {
          await page.until(() => !document.querySelector('[data-testid="overfit"]')?.disabled);
          await page.click('overfit');
          await page.until(() => {
            const there = (id) => document.querySelector(`[data-testid="${id}"]`) !== null;
            return there('overfit-result') && !there('stop-examination') && !there('earlier-settings');
          });
          return page.page.$eval('[data-testid="overfit-result"]', ({ dataset: { value, cause } }) => [value, cause]);
        };
        await page.ready();
        assert.deepEqual(await examined(), ['fail', cause]);
        await page.click('overfit-action');
        await page.there('earlier-settings');
        await page.settled();
        assert.deepEqual(await examined(), ['pass', '']);
      });
    }
  });

  test(`${name}: after a loss that is no number, a rate is looked for`, { skip }, async () => {
    const optimizer = { type: 'momentum', learningRate: 1000 };
    await withPage(name, { hash: await linkOf({ optimizer }) }, async (page) => {
      await page.ready();
      await page.click('train');
      await page.find('alert-find-rate');
      await page.there('use-rate');
      assert.ok((await page.number('use-rate')) < 10);
    });
  });

  const isReached = name === 'chromium' ? skip : skip || 'its workers cannot be reached from a test';
  test(
    `${name}: when the engine dies it is said, and the run goes on from what was kept`,
    { skip: isReached },
    async () => {
      await withPage(name, { hash: await linkOf({ epochs: 300, earlyStopping: null }) }, async (page) => {
        await page.ready();
        await page.trainUntil(2);
        const epoch = await page.number('epoch');
        await page.click('train');
        await page.button('Pause');
        for (const worker of page.page.workers())
          await worker
            .evaluate(
              () =>
                void setTimeout(() => {
                  throw new Error('broken');
                }),
            )
            .catch(() => {});
        await page.until(() => document.querySelector('[data-code="worker-died"]'));
        await page.there('continue');
        assert.ok((await page.number('epoch')) >= epoch);
        const offers = await page.page.$$eval('[data-code="worker-died"] button.small', (list) =>
          list.map((button) => button.textContent.trim()),
        );
        assert.deepEqual(offers, ['Start the engine again']);
        await page.click('continue');
        await page.paused();
        assert.equal(await page.has('alert'), false);
        assert.ok((await page.number('epoch')) >= epoch);
        const steps = await page.number('step-count');
        await page.click('step');
        await page.until(
          (n) => Number(document.querySelector('[data-testid="step-count"]').dataset.value) === n + 1,
          steps,
        );
      });
    },
  );

  const canRefuse = name === 'chromium' ? skip : skip || 'it has no switch for its WebAssembly SIMD';
  test(
    `${name}: a browser without WebAssembly SIMD is told so, and the link keeps its settings`,
    { skip: canRefuse },
    async (context) => {
      const hash = await linkOf({ seed: 77, epochs: 7 });
      await withPage(name, { hash, flags: ['--js-flags=--no-enable-sse4-1'] }, async ({ page, until }) => {
        // The smallest module with a vector; processors other than x64 cannot be told to do without.
        const vector = [
          0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11,
        ];
        if (await page.evaluate((bytes) => WebAssembly.validate(new Uint8Array(bytes)), vector))
          return context.skip('this processor cannot be told to do without SIMD');
        await until(() => document.querySelector('[data-code="no-wasm-simd"][role="alert"]'));
        const said = await page.$$eval('[data-testid="alert"]', (boxes) => boxes.map((box) => box.textContent.trim()));
        assert.equal(said.length, 1);
        assert.match(
          said[0],
          /lacks WebAssembly SIMD.*Chrome or Edge 91, Firefox 89, Safari 16\.4.*the link holds your settings/,
        );
        assert.equal(await page.evaluate(() => location.hash), hash);
        assert.match(await page.$eval('.say', (line) => line.textContent), /could not begin/);
      });
    },
  );
}
