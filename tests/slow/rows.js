// What the scripts say of a table's rows, by Keras's three back ends and PyTorch 2: the class and the probability, or the number, that the trainer
// says. The other doors: tests/wasm/row_doors.test.js.
import { before, test } from 'node:test';
import { temporaryFolder } from '../wasm/command.js';
import { answersIn, expectSameRows, rowNetworks } from '../wasm/row_networks.js';
import { noVenv } from './readers/environment.js';
import { predict, ways } from './readers/scripts.js';

const folder = temporaryFolder();
/** @type {Awaited<ReturnType<typeof rowNetworks>>} */
let told;
before(async () => {
  told = await rowNetworks(folder);
});

for (const [name, way] of Object.entries(ways)) {
  test(`${name} says what the trainer says`, { skip: noVenv }, (context) => {
    for (const network of told.networks)
      context.diagnostic(
        expectSameRows(answersIn(predict(way, network.stem, [told.rows]), network.classNames), network),
      );
  });
}
