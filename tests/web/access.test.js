// Access: what axe-core finds in both levels, themes and languages, and the computed contrast of every series against its paper.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { oneBrowser, withPage } from './browser.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
for (const { name, skip } of oneBrowser) {
  test(
    `${name}: axe finds nothing serious in both levels, themes and languages; the theme outlives a reload`,
    { skip },
    async () => {
      await withPage(name, {}, async (page) => {
        await page.ready();
        await page.click('train');
        await page.ended();
        await page.page.evaluate(axe);
        const examined = [];
        const examine = async (where = 'html') => {
          await page.until(() => document.getAnimations().length === 0); // half-way between two colours nothing has its contrast
          const { level, lang, theme } = await page.page.evaluate(() => ({
            level: document.querySelector('[data-testid="level"]').dataset.value,
            lang: document.documentElement.lang,
            theme: document.documentElement.dataset.theme,
          }));
          examined.push(`${level} ${lang} ${theme}`);
          const { violations } = await page.page.evaluate(
            (part) => window.axe.run(part, { rules: { 'target-size': { enabled: true } } }),
            where,
          );
          const grave = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
          const said = grave.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join('\n  ')}`);
          assert.deepEqual(said, [], examined.at(-1));
        };
        const theme = () => page.page.evaluate(() => document.documentElement.dataset.theme);
        for (const level of ['basics', 'all']) {
          for (const wanted of ['light', 'dark']) {
            for (let i = 0; i < 2 && (await page.value('theme')) !== wanted; i++) await page.click('theme');
            assert.equal(await theme(), wanted);
            for (const language of ['en', 'zh-Hans']) {
              // Firefox, which takes its time, meets each pair of the three once.
              const isOdd = (level === 'basics') === ((wanted === 'light') === (language === 'en'));
              if (name === 'chromium' || isOdd) await examine();
              await page.click('language');
              await page.until((before) => document.documentElement.lang !== before, language); // its words are on their way
            }
          }
          await page.click('level');
        }
        assert.equal(new Set(examined).size, name === 'chromium' ? 8 : 4, String(examined));
        for (const panel of ['mistakes', 'inside', 'try', 'runs', 'sweep']) {
          if (name === 'firefox') break;
          await page.click(`tab-${panel}`);
          await examine('#panel');
        }
        await page.click('lessons');
        await examine('#menus');

        await page.page.reload();
        await page.ready();
        assert.equal(await theme(), 'dark', 'the chosen theme is forgotten');
        if (name === 'chromium') await keepsItsColours(page, theme);
      });
    },
  );
}

/** Where the system sets the colours, here dark on light: curves are drawn for that ground, and what carries data or a state is seen. */
async function keepsItsColours(page, theme) {
  const client = await page.page.createCDPSession();
  const features = [
    { name: 'forced-colors', value: 'active' },
    { name: 'prefers-color-scheme', value: 'light' },
  ];
  await client.send('Emulation.setEmulatedMedia', { features });
  await page.until(() => matchMedia('(forced-colors: active)').matches);
  await page.until(() => document.documentElement.dataset.theme === 'light');
  assert.equal(await theme(), 'light');
  await page.page.focus('[data-testid="step"]');
  await page.page.keyboard.press('Tab');
  const seen = await page.page.evaluate(() => {
    const style = (css) => getComputedStyle(document.querySelector(css));
    return {
      ground: style('body').backgroundColor,
      bars: ['.split i', '.share i', '.matrix td[style]', '.switch'].map((css) => style(css).backgroundColor),
      chosen: style('[data-testid="level"] .chosen').outlineStyle,
      tab: style('[role="tab"][aria-selected="true"]').outlineStyle,
      focus: getComputedStyle(document.activeElement).outlineStyle,
    };
  });
  assert.equal(seen.ground, 'rgb(255, 255, 255)');
  assert.ok(!seen.bars.includes(seen.ground) && !seen.bars.includes('rgba(0, 0, 0, 0)'), String(seen.bars));
  assert.deepEqual([seen.chosen, seen.tab, seen.focus], ['solid', 'solid', 'solid']);
}

/** Relative luminance of a #rrggbb colour. */
function luminance(colour) {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

test('every series has a contrast of at least 3 to 1, every text in a hue 4.5 to 1, in both themes', () => {
  const css = readFileSync(new URL('../../web/app/tokens.css', import.meta.url), 'utf8');
  const themes = [...css.matchAll(/(:root|html\[data-theme="dark"\]) \{([^}]*)\}/g)];
  assert.equal(themes.length, 2);
  for (const [, , body] of themes) {
    const tokens = Object.fromEntries(
      [...body.matchAll(/--([\w-]+): (#[0-9a-f]{3,6});/g)].map(([, key, value]) => [key, value]),
    );
    const whole = (value) => (value.length === 4 ? value.replace(/[0-9a-f]/g, '$&$&') : value);
    const contrast = (a, b) => {
      const [high, low] = [luminance(whole(a)), luminance(whole(b))].sort((x, y) => y - x);
      return (high + 0.05) / (low + 0.05);
    };
    for (const series of ['train', 'valid', 'run-a', 'run-b', 'ghost', 'edge']) {
      assert.ok(contrast(tokens[series], tokens.paper) >= 3, `${series} ${contrast(tokens[series], tokens.paper)}`);
    }
    for (const text of ['ink', 'ink2', 'ink3', 'train-text', 'valid-text', 'good-text', 'run-a-text']) {
      for (const ground of ['paper', 'side']) {
        assert.ok(contrast(tokens[text], tokens[ground]) >= 4.5, `${text} on ${ground}`);
      }
    }
    assert.ok(contrast(tokens['on-accent'], tokens.accent) >= 4.5);
  }
});
