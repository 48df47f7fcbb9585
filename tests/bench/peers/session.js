// One library with one workload, in a process or a page of its own. It is asked in JSON and answers in JSON:
//   { ask: 'open', library, task, workload, threads, warm, weights }: starts; from the weights given (ours gives its own, in base64) it does
//     the first steps and answers their losses, or predicts a batch and answers its probabilities; then it goes on until `warm` seconds of
//     work are over
//   { ask: 'measure', seconds }: the milliseconds of a step or a prediction, the last loss, and where it can be known (in a process) the
//     most memory that was held so far, in MB
import { architectureOf } from '../../../wasm/architecture.js';
import { readWeights } from '../../../wasm/safetensors.js';
import { time } from '../timing.js';
import { experimentOf, odd, real, samplesOf, workloads } from '../workloads.js';

const kCompared = 6; // steps whose losses are compared
const kShare = 0.25; // of the calls are as fast as this: what another program takes from the machine lengthens the others
const kLeast = 3; // steps of a library that is slow
const kSlow = 5; // seconds after which no more steps than these are compared, and nothing is warmed up

const folder = new URL('../../../build/peers/node_modules/', import.meta.url);

/** What a step or a prediction is; set by `open`. */
let act = null;
let loss = null;

export function answer(question) {
  return question.ask === 'open' ? open(question) : measure(question);
}

async function open({ library, task, workload: name, threads, warm, weights }) {
  const workload = { ...workloads, ...odd, ...real }[name];
  const samples = samplesOf(workload);
  const experiment = experimentOf(workload);
  const file = weights && bytesOf(weights);
  const network = file && networkOf(experiment, workload.shape, file);
  const batches = batchesOf(samples, workload.batch);
  const peer = await (
    await import(`./${library}.js`)
  ).open({ task, experiment, samples, weights: file, network, batches, threads, folder });

  const begin = performance.now();
  const seconds = () => (performance.now() - begin) / 1000;
  const found = {};
  if (task === 'train') {
    let steps = 0;
    act = async () => {
      loss = await peer.step(steps++);
    };
    found.losses = [];
    while (found.losses.length < (seconds() < kSlow ? kCompared : kLeast)) {
      await act();
      found.losses.push(loss);
    }
  } else {
    act = peer.predict ?? peer.logits;
    const outputs = await act();
    found.probabilities = [...(peer.predict ? outputs : softmax(outputs, 10))];
  }
  if (seconds() < kSlow) while (seconds() < warm) await act();
  const last = performance.now();
  await act();
  return { ...found, ms: performance.now() - last, loss, weights: peer.weights && base64(peer.weights) };
}

async function measure({ seconds }) {
  const ms = await time(act, seconds, kShare);
  return { ms, loss, megabytes: globalThis.process?.resourceUsage().maxRSS / 1024 };
}

function networkOf(experiment, shape, file) {
  const { operations, tensors } = architectureOf(experiment, shape);
  const trained = [...tensors.keys()].filter((name) => !/running_(mean|var)$/.test(name));
  return { operations, tensors: readWeights(file, tensors), trained };
}

/** The two batches, each with its inputs in (N,H,W,C) and in (N,C,H,W) order. */
function batchesOf({ inputs, labels, shape: [height, width, channels] }, batch) {
  const size = height * width * channels;
  return [0, 1].map((which) => {
    const part = inputs.slice(which * batch * size, (which + 1) * batch * size);
    const channelsFirst = new Float32Array(part.length);
    for (let i = 0; i < part.length; ++i) {
      const [sample, pixel, channel] = [Math.floor(i / size), Math.floor((i % size) / channels), i % channels];
      channelsFirst[sample * size + channel * height * width + pixel] = part[i];
    }
    return { inputs: part, channelsFirst, labels: labels.slice(which * batch, (which + 1) * batch) };
  });
}

function softmax(logits, classes) {
  return Float32Array.from(logits, (logit, i) => {
    const from = i - (i % classes);
    const row = [...logits.subarray(from, from + classes)];
    const largest = Math.max(...row);
    return Math.exp(logit - largest) / row.reduce((sum, one) => sum + Math.exp(one - largest), 0);
  });
}

const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

function base64(bytes) {
  let text = '';
  for (let i = 0; i < bytes.length; i += 1 << 13) text += String.fromCharCode(...bytes.subarray(i, i + (1 << 13)));
  return btoa(text);
}
