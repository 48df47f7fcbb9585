/** Every technique, in the order of the tiles. A new one is a file with its card, and a line here. */
import { isPhotos } from '../app/sets.js';
import { augmentationCard } from './augmentation.js';
import { batchNormalizationCard } from './batch_normalization.js';
import { crossEntropyCard } from './cross_entropy.js';
import { dropoutCard } from './dropout.js';
import { earlyStoppingCard } from './early_stopping.js';
import { initializationCard } from './initialization.js';
import { learningRateCard } from './learning_rate.js';
import { miniBatchCard } from './mini_batch.js';
import { optimizerCard } from './optimizer.js';
import { penaltyCard } from './penalty.js';
import { slowStepCard } from './slow_step.js';
import { splittingCard } from './splitting.js';
import { transferCard } from './transfer.js';

export const cards = [
  learningRateCard,
  optimizerCard,
  miniBatchCard,
  initializationCard,
  batchNormalizationCard,
  crossEntropyCard,
  slowStepCard,
  augmentationCard,
  dropoutCard,
  penaltyCard,
  earlyStoppingCard,
  transferCard,
  splittingCard,
];

/** Their names. */
export const techniques = cards.map(({ name }) => name);

/** Those that stand on the page before anybody asks for all: photos begin with what others have learned. */
export const basicsOf = ({ dataset }) =>
  isPhotos(dataset)
    ? ['learning-rate', 'augmentation', 'early-stopping', 'transfer']
    : ['learning-rate', 'augmentation', 'dropout', 'early-stopping'];

/** The card that a lesson opens; the doctor and the test set have none. */
export const cardOf = (lesson) =>
  ({
    schedule: 'learning-rate',
    'flip-trap': 'augmentation',
    photos: 'transfer',
    bursts: 'splitting',
    seeds: 'mini-batch',
  })[lesson] ?? lesson;
