// Lessons: a link that shows one technique, asks, and is answered by runs. Every technique has one.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { planSweep } from 'trainground';
import { linkOf, oneBrowser, withPage } from './browser.js';

/**
 * What each of these comes to with seed 1, as measured by the runs of tests/slow/lessons.js and of the card: one of each kind of answer, and
 * in the slow suite those that only compare two other runs.
 */
const outcomes = {
  ...(process.env.EVERY_BROWSER && { schedule: 'gain', 'flip-trap': 'worse', photos: 'gain', 'test-set': 'much' }),
  seeds: 'chance',
  'slow-step': 'half',
  'cross-entropy': 'most',
  bursts: 'worse',
  doctor: 'overfit',
};

for (const { name, skip } of oneBrowser) {
  test(`${name}: a lesson is a link: it shows one technique, asks, and runs answer`, { skip }, async () => {
    await withPage(name, { hash: await linkOf({ page: { lesson: 'batch-normalization' } }) }, async (page) => {
      await page.ready();
      const tiles = () => page.page.$$eval('.tile', (list) => list.map((one) => one.dataset.testid));
      assert.deepEqual(await tiles(), ['trick-batch-normalization']);
      await page.click('answer-gain');
      await page.there('lesson-outcome', 90_000);
      assert.equal(await page.value('lesson-outcome'), 'right');
      await page.click('leave-lesson');
      await page.there('trick-dropout');

      await page.click('level');
      await page.there('trick-splitting');
      const techniques = (await tiles()).map((id) => id.replace('trick-', ''));
      await page.click('lessons');
      await page.there('lesson-doctor');
      const offered = await page.page.$$eval('[data-testid^="lesson-"]', (list) =>
        list.map((one) => one.dataset.testid),
      );
      assert.deepEqual(
        techniques.filter((technique) => !offered.includes(`lesson-${technique}`)),
        [],
      );
      for (const [lesson, answer] of Object.entries(outcomes)) {
        if (!(await page.has(`lesson-${lesson}`))) await page.click('lessons');
        await page.find(`lesson-${lesson}`);
        await page.until((id) => document.querySelector(`[data-testid="${id}"]:enabled`), `answer-${answer}`);
        await page.ready();
        await page.click(`answer-${answer}`);
        await page.there('lesson-outcome', 120_000);
        assert.equal(await page.value('lesson-outcome'), 'right', `${lesson}: ${await page.text('lesson-outcome')}`);
      }
      // The doctor shows its examinations in its lesson, and what it found.
      assert.equal(
        await page.page.$eval('[data-testid="overfit-result"]', ({ dataset }) => dataset.cause),
        'rateTooSmall',
      );
      assert.deepEqual(await tiles(), []);
    });
  });

  test(`${name}: the lessons that a sweep answers are those of web/experiments/sweeps`, { skip }, async () => {
    await withPage(name, {}, async (page) => {
      await page.ready();
      for (const lesson of ['seeds', 'test-set']) {
        await page.click('lessons');
        await page.find(`lesson-${lesson}`);
        await page.until(() => document.querySelector('.lesson .button:enabled'));
        await page.there('sweep-file');
        const file = new URL(`../../web/experiments/sweeps/${lesson}.json`, import.meta.url);
        const [own, shown] = [JSON.parse(readFileSync(file, 'utf8')), JSON.parse(await page.download('sweep-file'))];
        const runsOf = async (whole) => (await planSweep({ ...whole, seeds: own.seeds })).runs.map(({ id }) => id);
        assert.deepEqual(await runsOf(shown), await runsOf(own));
      }
    });
  });

  test(`${name}: the lessons on photos say in both languages what they are of`, { skip }, async () => {
    for (const [language, tag] of Object.entries({ en: 'en-GB', 'zh-Hans': 'zh-CN' })) {
      const texts = JSON.parse(readFileSync(new URL(`../../web/text/${language}.json`, import.meta.url), 'utf8'));
      for (const [lesson, dataset] of Object.entries({ photos: 'vegetables', bursts: 'vegetables-bursts' })) {
        const hash = await linkOf({ dataset, page: { lesson } });
        await withPage(name, { hash, language: tag }, async (page) => {
          await page.ready();
          const said = await page.text('lesson');
          for (const key of ['trick', 'claim', 'lesson.ask']) assert.ok(said.includes(texts[`${key}.${lesson}`]), key);
          const half = { vegetables: 42, 'vegetables-bursts': 252 }[dataset];
          await page.there('sample-count');
          assert.equal(await page.number('sample-count'), half);
          // Frames count for less than they are: 42 photos judge in both lessons.
          await page.there('interval');
          assert.match(await page.text('interval'), /\b42\b/);
        });
      }
    }
  });
}
