// The camera: pictures of a class as long as a button is held, and what the network says of it live. Chromium films a clip of real photos,
// Firefox its own moving pattern. Where there is no camera, or none may be used, that is said.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { strFromU8, unzipSync } from 'fflate';
import { browsers, fresh, linkOf, oneBrowser, serve, withPage } from './browser.js';
import { photos, writeClip } from './clip.js';
import { keptPictures } from './kept_pictures.js';
import { words } from './words.js';

const folder = mkdtempSync(join(tmpdir(), 'camera-'));
const clip = join(folder, 'clip.y4m');
before(() => writeClip(clip));
after(() => rmSync(folder, { recursive: true, force: true }));

const fake = ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${clip}`];
const options = {
  chromium: { flags: fake },
  firefox: { preferences: { 'media.navigator.streams.fake': true, 'media.navigator.permission.disabled': true } },
};
const { skip: noChromium } = browsers.find(({ name }) => name === 'chromium');

/** The page with a camera, and every track that the camera gives in `window.tracks`. */
const withCamera = (name, more, use) =>
  withPage(name, { ...options[name], ...more }, async (page, around) => {
    if (name === 'chromium') await around.browser.overridePermissions(around.server.origin, ['camera']);
    await page.page.evaluateOnNewDocument(() => {
      window.tracks = [];
      const ask = navigator.mediaDevices?.getUserMedia;
      if (!ask) return;
      navigator.mediaDevices.getUserMedia = async (...wish) => {
        const stream = await ask.apply(navigator.mediaDevices, wish);
        window.tracks.push(...stream.getTracks());
        return stream;
      };
    });
    await page.page.reload();
    await (more.hash ? page.there('camera-of-0') : page.ready()); // what a link asks for waits for its pictures
    await use(page, around);
  });

/** A link to the settings of own pictures, so small that they are trained at once. */
const small = (size, more) =>
  linkOf({ dataset: { type: 'images', path: 'pictures', size, fit: 'crop', channels: 3 }, ...more });

const live = (id) => document.querySelector(`[data-testid="${id}"]`)?.dataset.state === 'live';
const openTracks = (page) => page.page.evaluate(() => window.tracks.map(({ readyState }) => readyState));
const atLeast = ([id, n]) => Number(document.querySelector(`[data-testid="${id}"]`)?.dataset.value) >= n;

/** Opens the camera of a class, and puts the focus on its button. */
async function openRecorder(page, place) {
  await page.find(`camera-of-${place}`);
  await page.until(live, 'recorder');
  await page.page.focus('[data-testid="hold"]');
}

/** Holds a key until so many pictures of a class are there; how many there are once it is let go. */
async function hold(page, place, many, key = ' ') {
  const id = `count-of-${place}`;
  await page.page.keyboard.down(key);
  await page.until(atLeast, [id, many]);
  await page.page.keyboard.up(key);
  await page.until(() => document.querySelector('[data-testid="hold"]').ariaPressed === 'false');
  return page.number(id);
}

/** Waits until the camera sees the one photo of the clip or the other: their corners are brown or white. */
const sees = (page, isWhite) =>
  page.until((wanted) => {
    const context = document.createElement('canvas').getContext('2d');
    context.drawImage(document.querySelector('camera-view video'), 0, 0);
    const [r, , b] = context.getImageData(4, 4, 1, 1).data;
    return r - b < 20 === wanted;
  }, isWhite);

/** Two classes of the clip's two photos. */
async function record(page) {
  await page.find('begin-own');
  for (const place of [0, 1]) {
    await openRecorder(page, place);
    await sees(page, place === 0);
    await sees(page, place === 1); // it has just come
    await page.page.keyboard.down(' ');
    await page.until(atLeast, [`count-of-${place}`, 6]);
    await page.page.keyboard.up(' ');
    await page.until(() => document.querySelector('[data-testid="hold"]').ariaPressed === 'false');
  }
  await page.click('recorder-close');
  await page.ready();
  await page.settled();
}

/** Whether a class's pictures are of bursts with these numbers, one after the other. */
function assertBursts(list, numbers) {
  const runs = list.filter((burst, at) => at === 0 || burst !== list[at - 1]);
  assert.deepEqual(runs, numbers);
}

/** A run is begun and paused: what the browser keeps of the pictures then. */
async function keptAfterAStart(page) {
  await page.click('train');
  await page.button('Pause');
  await page.epoch(1);
  await page.click('train');
  await page.paused();
  await page.until(keptPictures);
  return page.page.evaluate(keptPictures);
}

for (const { name, skip } of browsers) {
  test(
    `${name}: each holding is a burst that is known by its number, over a reload and in a project; the camera is on only while it is open`,
    { skip },
    async () => {
      const layers = [{ type: 'flatten' }, { type: 'dense', units: 2 }];
      await withCamera(
        name,
        { hash: await small(32, { layers, epochs: 20_000, earlyStopping: null }) },
        async (page) => {
          assert.deepEqual(await openTracks(page), []); // nothing is asked for before somebody opens it
          await openRecorder(page, 0);
          await hold(page, 0, 4);
          await hold(page, 0, 8, 'Enter');
          await openRecorder(page, 1);
          assert.equal(await page.has('hold'), true);
          await page.until(() => window.tracks.filter(({ readyState }) => readyState === 'live').length === 1);
          const two = await hold(page, 1, 3);
          const one = await page.number('count-of-0');
          // A button that is clicked without being held, by a screen reader say, takes one.
          await page.click('hold');
          await page.until(atLeast, ['count-of-1', two + 1]);
          await page.page.keyboard.press('Escape');
          await page.until(() => !document.querySelector('camera-view'));
          await page.until(() => window.tracks.every(({ readyState }) => readyState === 'ended'));
          await page.settled();
          const { bursts: kept } = await keptAfterAStart(page);
          assert.deepEqual(
            kept.map((list) => list.length),
            [one, two + 1],
          );
          assertBursts(kept[0], [0, 1]);
          assertBursts(kept[1], [2, 3]);
          await page.page.reload();
          await page.find('continue');
          await page.paused();
          await page.find('export');
          await page.there('save-project');
          const files = unzipSync(await page.download('save-project'));
          const { pictures } = JSON.parse(strFromU8(files['run.json']));
          assert.deepEqual(
            pictures.classes.map(({ bursts }) => bursts),
            kept,
          );
          // The next holding is none of those before.
          await openRecorder(page, 0);
          await hold(page, 0, one + 2);
          await page.click('recorder-close');
          await page.settled();
          assertBursts((await keptAfterAStart(page)).bursts[0], [0, 1, 4]);
        },
      );
    },
  );
}

for (const { name, skip } of oneBrowser) {
  test(`${name}: a card’s name is written over, a class is added, removed and put back`, { skip }, async () => {
    await withPage(name, {}, async (page) => {
      await page.ready();
      await page.find('begin-own');
      await page.there('camera-of-1');
      const names = () => page.page.$$eval('.own-class .name', (list) => list.map((input) => input.value));
      assert.deepEqual(await names(), ['Class 1', 'Class 2']);
      await page.page.focus('[data-place="0"] .name');
      await page.page.keyboard.type('zebra'); // the name that nobody chose goes with the first letter
      await page.page.keyboard.press('Enter');
      await page.click('new-class');
      await page.page.keyboard.type('ape'); // the new card has the focus
      await page.page.keyboard.press('Tab');
      assert.deepEqual(await names(), ['zebra', 'Class 2', 'ape']); // cards stay where they are
      await (await page.page.$('[data-testid="add-to-0"]')).uploadFile(...photos);
      await page.until(atLeast, ['count-of-0', 2]);
      await page.page.click('[aria-label="Remove zebra"]');
      await page.until(() => document.querySelectorAll('.own-class').length === 2);
      await page.find('put-class-back');
      await page.until(atLeast, ['count-of-0', 2]);
      assert.deepEqual(await names(), ['zebra', 'Class 2', 'ape']);
    });
  });
}

test('chromium: a finger records as long as it is held, a tap takes one', { skip: noChromium }, async () => {
  const viewport = { width: 390, height: 780, hasTouch: true, isMobile: true };
  await withCamera('chromium', { viewport, hash: await small(96) }, async (page, { browser }) => {
    await page.page.$eval('#parts button', (button) => button.click());
    await openRecorder(page, 0);
    const low = await page.page.$$eval('.own-class button, .own-class label, .own-class .name, .new-class', (list) =>
      list.filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.outerHTML),
    );
    assert.deepEqual(low, []);
    const button = await page.page.$('[data-testid="hold"]');
    await button.scrollIntoView();
    const { x, y, width, height } = await button.boundingBox();
    const finger = await page.page.touchscreen.touchStart(x + width / 2, y + height / 2);
    await page.until(atLeast, ['count-of-0', 5]);
    await finger.end();
    await page.until(() => document.querySelector('[data-testid="hold"]').ariaPressed === 'false');
    const held = await page.number('count-of-0');
    await button.scrollIntoView();
    await page.page.touchscreen.tap(x + width / 2, (await button.boundingBox()).y + height / 2);
    await page.until(atLeast, ['count-of-0', held + 1]);
    await page.until(() => document.querySelector('[data-testid="hold"]').ariaPressed === 'false');
    assert.equal(await page.number('count-of-0'), held + 1);
    // In another column it cannot be seen, and is off; it goes on when the column is back.
    await page.page.$$eval('#parts button', (buttons) => buttons[1].click());
    await page.until(() => window.tracks.every(({ readyState }) => readyState === 'ended'));
    await page.page.$eval('#parts button', (button) => button.click());
    await page.until(live, 'recorder');
    // So it is in a tab that another one covers.
    const other = await browser.newPage();
    await other.bringToFront();
    await page.until(() => window.tracks.every(({ readyState }) => readyState === 'ended'));
    await page.page.bringToFront();
    await page.until(live, 'recorder');
    // They are kept one size larger, and no file is there for more: they are enlarged, and that is said. None is lost.
    await page.page.select('[data-testid="own-size"]', '320');
    await page.until(() => document.querySelector('[data-code="enlarged"]'));
    assert.equal(await page.number('count-of-0'), held + 1);
  });
});

test(
  'chromium: the camera is live in Try it, after training and with a network from a file',
  { skip: noChromium },
  async (context) => {
    const path = join(folder, 'project.zip');
    /** What the camera shows is what the network says. */
    const answers = async (page) => {
      await page.find('see-live');
      await page.until(atLeast, ['live-rate', 1]);
      context.diagnostic(`${await page.number('live-rate')} pictures a second`);
      for (const place of [1, 0, 1]) {
        await sees(page, place === 1);
        await page.until(
          ([wanted]) => document.querySelector('[data-testid="live-shares"]').dataset.value === wanted,
          [String(place)],
        );
      }
      assert.equal(await page.page.$$eval('.live-share', (list) => list.length), 2);
    };
    await withCamera('chromium', {}, async (page) => {
      await record(page);
      await page.page.select('[data-testid="own-size"]', '96');
      await page.settled();
      await page.trained(12);
      await answers(page);
      await page.click('live-close');
      await page.until(() => window.tracks.every(({ readyState }) => readyState === 'ended'));
      await page.click('try-camera');
      await page.until(live, 'live');
      await page.click('tab-confusion'); // and so it is off where another panel is looked at
      await page.until(() => window.tracks.every(({ readyState }) => readyState === 'ended'));
      await page.click('export');
      await page.there('save-project');
      writeFileSync(path, await page.download('save-project'));
    });
    await withCamera('chromium', {}, async (page) => {
      // Before the training pictures have been looked at, an answer comes without what it is like.
      const shown = await page.page.evaluate(() => {
        const bars = document.createElement('live-bars');
        document.body.append(bars);
        bars.show({ probabilities: [0.9, 0.1] }, ['a', 'b']);
        const answer = bars.querySelector('[data-testid="live-shares"]').dataset.value;
        bars.remove();
        return answer;
      });
      assert.equal(shown, '0');
      await page.click('export');
      await page.there('open-project');
      await (await page.page.$('[data-testid="open-project"]')).uploadFile(path);
      await page.ended();
      await answers(page);
    });
  },
);

test('chromium: of two cameras the other one is taken', { skip: noChromium }, async () => {
  const flags = ['--use-fake-device-for-media-stream=device-count=2'];
  await withCamera('chromium', { flags }, async (page) => {
    await page.find('begin-own');
    await openRecorder(page, 0);
    const choices = '[data-testid="camera-device"] option, [data-testid^="camera-"][aria-pressed]';
    assert.equal(await page.page.$$eval(choices, (list) => list.length), 2);
    const device = () => document.querySelector('camera-view').device;
    const first = await page.page.evaluate(device);
    await page.page.$eval('[data-testid="camera-device"]', (list) => {
      list.selectedIndex = 1 - list.selectedIndex;
      list.dispatchEvent(new Event('change'));
    });
    await page.until((before) => {
      const view = document.querySelector('camera-view');
      return view.state === 'live' && view.device !== before;
    }, first);
    assert.equal((await openTracks(page)).filter((state) => state === 'live').length, 1);
  });
});

const why = (wanted) => document.querySelector('[data-testid="camera-problem"]')?.dataset.value === wanted;

test(
  'chromium: a camera that is refused, absent, taken or behind plain http is said',
  { skip: noChromium },
  async () => {
    await withPage('chromium', { flags: fake }, async (page, { browser, server }) => {
      await browser.overridePermissions(server.origin, []);
      await page.ready();
      await page.find('begin-own');
      await page.find('camera-of-0');
      await page.until(why, 'refused');
      assert.match(await page.text('camera-problem'), /may not use the camera/);
      assert.equal(await page.page.$eval('[data-testid="hold"]', (button) => button.ariaDisabled), 'true');
      await browser.overridePermissions(server.origin, ['camera']);
      await page.click('camera-again');
      await page.until(live, 'recorder');
      // It is pulled out.
      await page.page.$eval('camera-view video', ({ srcObject }) => {
        srcObject.getTracks()[0].dispatchEvent(new Event('ended'));
      });
      await page.until(why, 'lost');
    });
    await withPage('chromium', {}, async (page, { browser, server }) => {
      await browser.overridePermissions(server.origin, ['camera']);
      await page.ready();
      await page.find('begin-own');
      await page.find('camera-of-0');
      await page.until(why, 'none');
      // What a browser says where another program has it.
      await page.page.evaluate(() => {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('in use', 'NotReadableError'));
      });
      await page.click('camera-again');
      await page.until(why, 'busy');
    });
    const server = await serve();
    const browser = await fresh('chromium', [...fake, '--host-resolver-rules=MAP elsewhere.test 127.0.0.1']);
    try {
      const page = words(await browser.newPage());
      await page.page.goto(server.url.replace('127.0.0.1', 'elsewhere.test'));
      await page.find('begin-own');
      await page.find('camera-of-0');
      await page.until(why, 'insecure');
      assert.match(await page.text('camera-problem'), /https/);
    } finally {
      await browser.close();
      server.stop();
    }
  },
);
