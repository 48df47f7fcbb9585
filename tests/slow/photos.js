// What the scripts say of photos in every form, by Keras's three back ends and PyTorch 2 with today's Pillow: the class and the probability
// that the trainer says. The other doors: tests/wasm/doors.test.js.
import { before, test } from 'node:test';
import { temporaryFolder } from '../wasm/command.js';
import { answersIn, expectSame, photoNetworks } from '../wasm/photo_networks.js';
import { noVenv } from './readers/environment.js';
import { predict, ways } from './readers/scripts.js';

const folder = temporaryFolder();
/** @type {Awaited<ReturnType<typeof photoNetworks>>} */
let told;
before(async () => {
  told = await photoNetworks(folder);
});

for (const [name, way] of Object.entries(ways)) {
  test(`${name} says what the trainer says`, { skip: noVenv }, (context) => {
    for (const network of told.networks)
      context.diagnostic(expectSame(answersIn(predict(way, network.stem, told.photos)), network, told.photos));
  });
}
