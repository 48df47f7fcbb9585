import { Trainer, configure, decodeImages } from 'trainground';
import digits from './digits.json' with { type: 'json' };
const trainer = await Trainer.open(digits);
const blob = new Blob([await trainer.saveWeights()]);
const t2 = await Trainer.open({ dataset: 'digits', layers: [{ type: 'flatten' }, { type: 'dense', units: 10 }] });
// @ts-expect-error typo
await Trainer.open({ dataset: 'digits', layers: [{ type: 'flaten' }] });
configure({ assets: '/x/' });
for await (const e of t2.train()) if (e.event === 'end') console.log(e.weightsSha256, blob);
