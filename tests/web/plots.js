// What a plot is to those who do not see it: a sentence in either language that says the same numbers, and a table behind a button.
import assert from 'node:assert/strict';

const label = (css) => {
  const element = document.querySelector(css);
  return (element.matches('[aria-label]') ? element : element.querySelector('[role="img"]')).getAttribute('aria-label');
};

/** Opens the table of a plot, counts its rows, and closes it again. */
const rowsOf = async (css) => {
  const figure = document.querySelector(css).closest('figure');
  const rows = () => figure.querySelectorAll('tbody tr').length;
  const details = figure.querySelector('details');
  if (details) return rows();
  const button = figure.querySelector('[data-testid^="table-"]');
  button.click();
  await new Promise((done) => setTimeout(done, 60));
  const count = rows();
  button.click();
  await new Promise((done) => setTimeout(done, 60));
  return count;
};

const numbers = (text) => text.match(/[\d.]*\d/g)?.sort() ?? [];

/**
 * Checks the plots with these ids as they stand, in both languages, and gives their English sentences: they must change with what is drawn.
 * @param {any} page  the words over a page
 * @param {Record<string, number>} rows  the least rows of each plot's table; 0: what it shows is in the page as text
 */
export async function tellsItsPlots(page, rows) {
  const ids = Object.keys(rows);
  const css = (id) => `[data-testid="${id}"]`;
  const told = async () =>
    Object.fromEntries(await Promise.all(ids.map(async (id) => [id, await page.page.evaluate(label, css(id))])));
  const english = await told();
  const inLanguage = (name) => page.until((wanted) => document.documentElement.lang === wanted, name);
  await page.click('language');
  await inLanguage('zh-Hans');
  const chinese = await told();
  await page.click('language');
  await inLanguage('en');
  for (const id of ids) {
    assert.match(english[id], /[a-z]{3}.*\d/, id);
    assert.match(chinese[id], /\p{Script=Han}/u, id);
    assert.deepEqual(numbers(chinese[id]), numbers(english[id]), `${id}: ${english[id]} ${chinese[id]}`);
    if (!rows[id]) continue;
    const count = await page.page.evaluate(rowsOf, css(id));
    assert.ok(count >= rows[id], `${id} has a table of ${count} rows`);
  }
  return english;
}
