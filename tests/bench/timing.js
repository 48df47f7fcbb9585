// How the benchmarks of training steps measure, and how they say what they found.
import { speedProbe } from './peers/speed_probe.js';

const now = () => performance.now() / 1000;

/** Milliseconds of one call over a while, of three calls at least: that which `share` of them do not exceed, else the median. */
export async function time(act, seconds, share = 0.5) {
  const times = [];
  for (const end = now() + seconds; now() < end || times.length < 3;) {
    const from = now();
    await act();
    times.push(1000 * (now() - from));
  }
  return sorted(times)[Math.floor(share * times.length)];
}

const sorted = (/** @type {number[]} */ values) => [...values].sort((a, b) => a - b);
export const median = (/** @type {number[]} */ values) => sorted(values)[Math.floor(values.length / 2)];

export const digits = (/** @type {number} */ value) => Number(value.toPrecision(3)).toString();

/** Median, smallest and largest, for a cell of a table. */
export const cell = (/** @type {number[]} */ values) =>
  values.length ? `${digits(median(values))} (${digits(sorted(values)[0])}-${digits(sorted(values).at(-1))})` : '-';

/** Of two series measured in turn: the ratio in each round. */
export const ratios = (/** @type {number[]} */ a, /** @type {number[]} */ b) =>
  a.length && b.length ? a.map((value, i) => value / b[i]) : [];

const kQuiet = 0.9; // of the best speed seen in the run
const kMost = 4; // times the rounds that were asked for

/**
 * The machine, which other guests slow down for seconds or minutes: what is measured then says nothing of what is measured at another time.
 * So a probe tells its speed between any two measurements, and a round counts if that was never far below the best of the run.
 */
export class Machine {
  #probe = speedProbe();
  #best = 0;

  #speed() {
    const speed = this.#probe();
    this.#best = Math.max(this.#best, speed);
    return speed;
  }

  /**
   * Measures one thing after another, round after round, until `wanted` of the rounds count, at most four times as many.
   * @param {number} wanted
   * @param {(round: number) => [string, () => Promise<number>][]} turns  what a round measures, by name
   * @param {(round: number) => void} tell
   * @returns {Promise<{ speeds: number[], times: Record<string, number>[] }>} of each round the slowest speed, and what was measured
   */
  async measure(wanted, turns, tell) {
    const rounds = { speeds: [], times: [] };
    for (let round = 0; round < kMost * wanted && this.#quiet(rounds).length < wanted; ++round) {
      tell(round);
      const times = {};
      let slowest = this.#speed();
      for (const [name, act] of turns(round)) {
        times[name] = await act();
        slowest = Math.min(slowest, this.#speed());
      }
      rounds.speeds.push(slowest);
      rounds.times.push(times);
    }
    return rounds;
  }

  #quiet({ speeds, times }) {
    return times.filter((_, round) => speeds[round] >= kQuiet * this.#best);
  }

  /** What was measured under a name in the rounds that count; in all of them, where none does. */
  times(rounds, name) {
    const quiet = this.#quiet(rounds);
    return (quiet.length ? quiet : rounds.times).map((times) => times[name]);
  }

  /** The speed in those rounds, in billions of operations a second: what arithmetic alone could reach. */
  speed({ speeds }) {
    const quiet = speeds.filter((speed) => speed >= kQuiet * this.#best);
    return median(quiet.length ? quiet : speeds);
  }

  /** For a cell of a table: the speed, and how many of the rounds count. */
  cell(rounds) {
    return `${cell(rounds.speeds)}, ${this.#quiet(rounds).length} of ${rounds.speeds.length}`;
  }
}
