import { Distribution } from '../../gate/distribution.ts';
import type { SeededRandom } from '../../gate/network/seeded-random.ts';

/** How unquiet a machine is. Times in milliseconds. */
export interface Noise {
  readonly name: string;
  /** Deviation from run to run of what all inputs of a run have in common. */
  readonly runMs: number;
  /** What drifts from run to run and stays: neighbours on the same host, heat. Deviation of a step. */
  readonly driftMs: number;
  /** Share of runs in which a neighbour takes the processor for a while. */
  readonly disturbedShare: number;
  /** Share of runs that are slower throughout, by {@link OUTLIER_MS}. */
  readonly outlierShare: number;
}

/** From a machine with nothing else to do to a rented core among many. */
export const NOISES: readonly Noise[] = [
  { name: 'quiet machine', runMs: 0.4, driftMs: 0.1, disturbedShare: 0.02, outlierShare: 0 },
  { name: 'shared machine', runMs: 1.2, driftMs: 0.4, disturbedShare: 0.1, outlierShare: 0.02 },
  { name: 'busy machine', runMs: 2.5, driftMs: 1, disturbedShare: 0.25, outlierShare: 0.05 },
];

/** Twenty seconds of four inputs a second. */
const INPUTS = 80;
const TICK_MS = 1000 / 60;
/** Of a game that ticks early on input: the wait that is left. */
const WAIT_SHARE = 0.3;
/** Where the display's rhythm lies relative to the game's is chance, and stays for a run. */
const PHASE_MS = 6;
/** Work that does not wait: uplink to decode. */
const WORK_MS = 14;
const WORK_SPREAD = 0.25;
const SPIKE_SHARE = 0.01;
const SPIKE_MS = 40;
/** A neighbour at work: for so long a part of the run, everything takes so much longer. */
const DISTURBED_PART = 0.3;
const DISTURBED_MS = 15;
const OUTLIER_MS = 20;
/** Of what has drifted, so much is left a run later. */
const DRIFT_STAYS = 0.9;

/** A machine in time: runs on it, one after another. */
export class NoisyMachine {
  readonly #noise: Noise;
  readonly #random: SeededRandom;
  #driftMs = 0;

  constructor(noise: Noise, random: SeededRandom) {
    this.#noise = noise;
    this.#random = random;
  }

  /**
   * Click-to-photon of one run.
   * @param slowerMs what a regression adds to every input.
   */
  run(slowerMs: number): Distribution {
    const random = this.#random;
    const { runMs, driftMs, disturbedShare, outlierShare } = this.#noise;
    this.#driftMs = this.#driftMs * DRIFT_STAYS + driftMs * random.normal();
    const phaseMs = PHASE_MS * random.next();
    const outlierMs = random.next() < outlierShare ? OUTLIER_MS * (0.5 + random.next()) : 0;
    const commonMs = phaseMs + runMs * random.normal() + this.#driftMs + outlierMs + slowerMs;
    const disturbedFrom = random.next() < disturbedShare ? INPUTS * random.next() : INPUTS;
    const readings: number[] = [];
    for (let input = 0; input < INPUTS; input++) {
      const work = WORK_MS * Math.exp(WORK_SPREAD * random.normal());
      const wait = TICK_MS * WAIT_SHARE * random.next();
      const spike = random.next() < SPIKE_SHARE ? -SPIKE_MS * Math.log(1 - random.next()) : 0;
      const disturbed =
        input >= disturbedFrom && input < disturbedFrom + INPUTS * DISTURBED_PART
          ? DISTURBED_MS * random.next()
          : 0;
      readings.push(Math.max(1, work + wait + spike + disturbed + commonMs));
    }
    return Distribution.of(readings);
  }
}
