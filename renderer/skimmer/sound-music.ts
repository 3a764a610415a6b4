import { SOUND_SAMPLE_RATE } from '../game-runtime.ts';
import { hashFraction } from './random.ts';
import { REED, read, SINE, TABLE_SIZE } from './sound-tables.ts';

/** MIDI notes of the four chords that go round, low to high; the upper ones are picked apart by the bells. */
const CHORDS: readonly (readonly [number, number, number, number])[] = [
  [38, 57, 64, 65],
  [34, 57, 62, 65],
  [41, 55, 60, 69],
  [36, 55, 62, 64],
];
const BEAT_S = 0.48;
const BEATS_PER_CHORD = 16;
const CHORD_S = BEAT_S * BEATS_PER_CHORD;
/** Chords melt into one another over this long. */
const MELT_S = 2.4;
const VOICES = 4;

const STEP = TABLE_SIZE / SOUND_SAMPLE_RATE;

/** Frequency of a MIDI note, hertz. */
export function noteHz(note: number): number {
  return 440 * 2 ** ((note - 69) / 12);
}

/** The music bed: slow chords, and now and then a bell that is asked for through `pluck`. */
export class MusicBed {
  /** Phases of the chord that fades in and of the one that fades out. */
  readonly #phases = new Float64Array(4 * VOICES);
  readonly #steps = new Float64Array(2 * VOICES);
  readonly #pluck: (hz: number, level: number, pan: number) => void;
  #samples = 0;
  #beat = -1;

  constructor(pluck: (hz: number, level: number, pan: number) => void) {
    this.#pluck = pluck;
  }

  /** Adds the next sounds to interleaved stereo. The level glides from one to the other. */
  add(out: Float32Array, fromLevel: number, toLevel: number): void {
    const frames = out.length / 2;
    const timeS = this.#samples / SOUND_SAMPLE_RATE;
    const beat = Math.floor(timeS / BEAT_S);
    if (beat !== this.#beat) this.#turn(beat, toLevel);
    const intoS = timeS % CHORD_S;
    const start = Math.min(intoS / MELT_S, 1);
    const end = Math.min((intoS + frames / SOUND_SAMPLE_RATE) / MELT_S, 1);
    for (let i = 0; i < frames; i++) {
      const t = i / frames;
      const fresh = start + (end - start) * t;
      const level = (fromLevel + (toLevel - fromLevel) * t) * 0.055;
      let left = 0;
      let right = 0;
      for (let v = 0; v < VOICES; v++) {
        const table = v === 0 ? SINE : REED;
        const weight = v === 0 ? 1.5 : 0.8;
        const a = this.#advance(v, v);
        const b = this.#advance(v + VOICES, v);
        left += weight * fresh * read(table, a);
        right += weight * fresh * read(table, b);
        if (fresh < 1) {
          const c = this.#advance(v + 2 * VOICES, v + VOICES);
          const d = this.#advance(v + 3 * VOICES, v + VOICES);
          left += weight * (1 - fresh) * read(table, c);
          right += weight * (1 - fresh) * read(table, d);
        }
      }
      out[2 * i] = (out[2 * i] ?? 0) + left * level;
      out[2 * i + 1] = (out[2 * i + 1] ?? 0) + right * level;
    }
    this.#samples += frames;
  }

  /** Left and right run a hair apart, which makes the bed wide and alive. */
  #advance(phase: number, voice: number): number {
    const apart = phase % (2 * VOICES) < VOICES ? 0.9992 : 1.0011;
    let at = (this.#phases[phase] ?? 0) + (this.#steps[voice] ?? 0) * apart;
    if (at >= TABLE_SIZE) at -= TABLE_SIZE;
    this.#phases[phase] = at;
    return at;
  }

  #turn(beat: number, level: number): void {
    const chord = Math.floor(beat / BEATS_PER_CHORD) % CHORDS.length;
    if (beat % BEATS_PER_CHORD === 0) {
      this.#steps.copyWithin(VOICES, 0, VOICES);
      this.#phases.copyWithin(2 * VOICES, 0, 2 * VOICES);
      for (let v = 0; v < VOICES; v++) this.#steps[v] = noteHz(CHORDS[chord]?.[v] ?? 57) * STEP;
    }
    this.#beat = beat;
    // Bells: sparse, never on the chord change, from the upper notes and their octaves.
    const chance = hashFraction(beat, 5);
    if (beat % BEATS_PER_CHORD === 0 || chance > 0.5 || level < 0.02) return;
    const voice = 1 + Math.floor(hashFraction(beat, 6) * 3);
    const octave = hashFraction(beat, 7) < 0.3 ? 24 : 12;
    const note = (CHORDS[chord]?.[voice] ?? 57) + octave;
    this.#pluck(noteHz(note), 0.075 * level, hashFraction(beat, 8) * 1.2 - 0.6);
  }
}
