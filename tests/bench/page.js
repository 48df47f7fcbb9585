// The page's budgets, measured where they are felt: `npm run bench:page`, with the number of rounds behind it (default 3, some minutes a
// round). It prints one table for each browser, and ends with 1 where a median is beyond its limit. Other programs slow the page down too:
// run it on a machine that has nothing else to do.
import { launch, pathOf } from '../web/browser_path.js';
import { serve } from '../web/server.js';
import { drawing, firstRun, largePhotos, longTasks, strokes } from './page_budgets.js';
import { residentMemory, stepMemory, weight } from './page_memory.js';
import { digits, median } from './timing.js';

const kRounds = Number(process.argv[2] ?? 3);
const wanted = process.argv[3]; // the only browser, if any

/** Name of the budget: unit, limit. What has no limit is printed beside the others. */
const budgets = {
  'page load to trainable': ['ms', 3000],
  'Train says Pause': ['ms', 300],
  'first point of the curve': ['ms', 3000],
  'end of the first run': ['ms', 30_000],
  'wrong answers after it': ['%', 5],
  'longest task while clothes are trained on': ['ms', 200],
  'a tab answers meanwhile': ['ms', 200],
  'drawing, of the training time': ['%', 5],
  'all that the page adds to the engine alone': ['%', null],
  'from a stroke to the answer in Try it': ['ms', 100],
  'a photo of 12 megapixels decoded, one alone': ['ms', null],
  'a photo of 12 megapixels decoded, of many': ['ms', 80],
  'most memory in 20 runs': ['MB', 500],
  'wasm memory that 1,000 steps take': ['bytes', 0],
  'first load, compressed': ['kB', 500],
  'all that is loaded later, compressed': ['kB', 3000],
};

/** Takes every measurement of one browser. @returns {Promise<Map<string, number[]>>} */
async function measure(name) {
  const found = new Map(Object.keys(budgets).map((budget) => [budget, []]));
  const note = (values) => {
    for (const [budget, value] of Object.entries(values)) found.get(budget).push(...[value].flat());
  };
  const server = await serve();
  // A tab in the background draws no more than once a second, as for any visitor.
  const browser = await launch(name, { ignoreDefaultArgs: ['--disable-background-timer-throttling'] });
  const say = (text) => process.stderr.write(`\r${name}: ${text}`.padEnd(60));
  try {
    for (let round = 1; round <= kRounds; round++) {
      for (const take of [firstRun, strokes, longTasks, drawing, largePhotos]) {
        say(`round ${round}/${kRounds}, ${take.name}`);
        note(await take(browser, server));
      }
    }
    say('memory');
    note(await stepMemory(browser, server));
    note(await residentMemory(browser, server));
    note(await weight(browser, server));
  } finally {
    await browser.close();
    server.stop();
    process.stderr.write('\r'.padEnd(60) + '\r');
  }
  return found;
}

let beyond = 0;
for (const name of ['chromium', 'firefox'].filter((one) => !wanted || one === wanted)) {
  if (!pathOf(name)) {
    console.log(`${name} is not installed: nothing is measured in it.`);
    continue;
  }
  const found = await measure(name);
  console.log(`\n${name}, ${kRounds} rounds\n`);
  console.log('| budget | limit | median | least to most | met? |');
  console.log('|---|---|---|---|---|');
  for (const [budget, [unit, limit]] of Object.entries(budgets)) {
    const values = found.get(budget);
    if (!values.length) continue;
    const middle = median(values);
    const met = limit === null ? '' : middle <= limit ? 'yes' : 'NO';
    if (met === 'NO') beyond++;
    console.log(
      `| ${budget} | ${limit === null ? '-' : `${limit} ${unit}`} | ${digits(middle)} ${unit} | ${digits(Math.min(...values))} to ${digits(Math.max(...values))} ${unit} | ${met} |`,
    );
  }
}
process.exitCode = beyond ? 1 : 0;
