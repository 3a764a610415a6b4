import { SOUND_BLOCK_FRAMES, SOUND_SAMPLE_RATE } from '../game-runtime.ts';
import { MusicBed, noteHz } from './sound-music.ts';
import { read, SINE, TABLE_SIZE, TURBINE } from './sound-tables.ts';

const STEP = TABLE_SIZE / SOUND_SAMPLE_RATE;
const VOICES = 20;
/** An eighth-note-and-a-half of the music: echoes fall between its beats. */
const ECHO_FRAMES = Math.round(0.36 * SOUND_SAMPLE_RATE);
const ECHO_FEEDBACK = 0.38;
/** Pearls climb this scale (steps of a minor pentatonic, in semitones). */
const SCALE = [0, 3, 5, 7, 10, 12, 15, 17, 19, 22, 24];
/** Levels glide this fast, which no ear hears as a click: the share of the way in one block. */
const GLIDE = 0.07;

/** One struck, blown or thrown sound. */
interface Voice {
  kind: 'bell' | 'noise' | 'thump';
  level: number;
  pan: number;
  /** Hertz: pitch of a bell or thump, cut-off of a noise. */
  hz: number;
  /** Seconds to fall to a third. */
  fallS: number;
  attackS: number;
  ageS: number;
  phase: number;
  modPhase: number;
  filter: number;
  filter2: number;
}

/** What the engine should sound like; read once a block. */
export interface SoundScene {
  /** Metres a second. */
  readonly speed: number;
  readonly boosting: boolean;
  /** −1 to 1. */
  readonly steer: number;
  /** 0 to 1: engine and water. */
  readonly worldLevel: number;
  /** 0 to 1. */
  readonly musicLevel: number;
}

/** Everything heard: engine, water, bells, crashes and the music bed. Pure: state in, samples out. */
export class SkimmerSound {
  scene: SoundScene = { speed: 0, boosting: false, steer: 0, worldLevel: 0, musicLevel: 0 };
  readonly #voices: Voice[] = Array.from({ length: VOICES }, () => ({
    kind: 'bell',
    level: 0,
    pan: 0,
    hz: 440,
    fallS: 1,
    attackS: 0.002,
    ageS: Number.POSITIVE_INFINITY,
    phase: 0,
    modPhase: 0,
    filter: 0,
    filter2: 0,
  }));
  readonly #music = new MusicBed((hz, level, pan) => this.#strike('bell', hz, level, pan, 0.5));
  readonly #echo = new Float32Array(2 * ECHO_FRAMES);
  #echoAt = 0;
  #noise = 0x2545f491;
  #enginePhase = 0;
  #engineHz = 60;
  #engineLevel = 0;
  #waterLevel = 0;
  #waterLeft = 0;
  #waterRight = 0;
  #bright = 0;
  #musicLevel = 0;

  /** @param chain pearls in a row: each rings a step higher. */
  handlePearl(chain: number, golden: boolean, pan: number): void {
    const degree = SCALE[Math.min((chain - 1) % 14, SCALE.length - 1)] ?? 0;
    this.#strike('bell', noteHz(74 + degree), 0.17, pan, 0.28);
    if (golden) this.#strike('bell', noteHz(81 + degree), 0.2, -pan, 0.8);
  }

  handleLine(): void {
    for (const [i, note] of [74, 81, 86].entries()) {
      this.#strike('bell', noteHz(note), 0.12, i * 0.5 - 0.5, 0.6, 0.004 + i * 0.05);
    }
  }

  handleMend(): void {
    for (const [i, note] of [62, 69, 74, 77].entries()) {
      this.#strike('bell', noteHz(note), 0.14, i * 0.4 - 0.6, 0.9, 0.004 + i * 0.06);
    }
  }

  handleNearMiss(pan: number): void {
    this.#strike('noise', 2600, 0.5, pan, 0.14, 0.05);
  }

  handleCrash(): void {
    this.#strike('noise', 1500, 1.1, 0, 0.3, 0.003);
    this.#strike('noise', 420, 1.2, 0.2, 0.55, 0.01);
    this.#strike('thump', 92, 0.75, 0, 0.26, 0.004);
  }

  handleStart(): void {
    for (const [i, note] of [57, 62, 69].entries()) {
      this.#strike('bell', noteHz(note + 12), 0.15, i * 0.5 - 0.5, 0.7, 0.004 + i * 0.06);
    }
    this.#strike('noise', 900, 0.4, 0, 0.4, 0.12);
  }

  /** Writes one block: interleaved stereo, −1 to 1. */
  fill(out: Float32Array): void {
    out.fill(0);
    const { scene } = this;
    const music = this.#musicLevel;
    this.#musicLevel += (scene.musicLevel - music) * GLIDE;
    this.#music.add(out, music, this.#musicLevel);
    for (const voice of this.#voices) if (voice.ageS < voice.fallS * 7) this.#addVoice(out, voice);
    this.#addEcho(out);
    this.#addEngine(out);
    for (let i = 0; i < out.length; i++) out[i] = soften(out[i] ?? 0);
  }

  #strike(
    kind: Voice['kind'],
    hz: number,
    level: number,
    pan: number,
    fallS: number,
    attackS = 0.003,
  ): void {
    // The voice that is furthest gone gives way.
    let chosen = this.#voices[0];
    for (const voice of this.#voices) {
      if (chosen && voice.ageS / voice.fallS > chosen.ageS / chosen.fallS) chosen = voice;
    }
    if (!chosen) return;
    chosen.kind = kind;
    chosen.hz = hz;
    chosen.level = level;
    chosen.pan = Math.min(Math.max(pan, -1), 1);
    chosen.fallS = fallS;
    chosen.attackS = attackS;
    chosen.ageS = 0;
    chosen.phase = 0;
    chosen.modPhase = 0;
    chosen.filter = 0;
    chosen.filter2 = 0;
  }

  #addVoice(out: Float32Array, voice: Voice): void {
    const left = Math.sqrt((1 - voice.pan) / 2) * voice.level;
    const right = Math.sqrt((1 + voice.pan) / 2) * voice.level;
    const fall = Math.exp(-1 / (voice.fallS * SOUND_SAMPLE_RATE));
    const softness = 1 - Math.exp((-2 * Math.PI * voice.hz) / SOUND_SAMPLE_RATE);
    const tick = 1 / SOUND_SAMPLE_RATE;
    let envelope = Math.exp(-voice.ageS / voice.fallS);
    for (let i = 0; i < out.length; i += 2) {
      const attack = voice.ageS < voice.attackS ? voice.ageS / voice.attackS : 1;
      // The last seventh fades to nothing, so that a voice never ends with a step.
      const strength = (envelope - 0.001) * attack;
      const value = strength > 0 ? this.#sample(voice, softness, envelope) * strength : 0;
      out[i] = (out[i] ?? 0) + value * left;
      out[i + 1] = (out[i + 1] ?? 0) + value * right;
      envelope *= fall;
      voice.ageS += tick;
    }
  }

  #sample(voice: Voice, softness: number, envelope: number): number {
    if (voice.kind === 'noise') {
      voice.filter += (this.#white() - voice.filter) * softness;
      voice.filter2 += (voice.filter - voice.filter2) * softness;
      return voice.filter2 * 1.6;
    }
    if (voice.kind === 'thump') {
      voice.phase += voice.hz * (0.4 + 0.6 * envelope) * STEP;
      return read(SINE, voice.phase);
    }
    // Frequency modulation at an uneven ratio: a glassy strike that mellows as it fades.
    voice.modPhase += voice.hz * 3.01 * STEP;
    voice.phase += voice.hz * STEP;
    const bend = read(SINE, voice.modPhase) * envelope * 190;
    return read(SINE, voice.phase + bend + TABLE_SIZE);
  }

  #addEcho(out: Float32Array): void {
    const echo = this.#echo;
    for (let i = 0; i < out.length; i += 2) {
      const at = 2 * this.#echoAt;
      const wetLeft = echo[at] ?? 0;
      const wetRight = echo[at + 1] ?? 0;
      // Crossed over: each echo answers from the other side.
      echo[at] = (out[i] ?? 0) * 0.35 + wetRight * ECHO_FEEDBACK;
      echo[at + 1] = (out[i + 1] ?? 0) * 0.35 + wetLeft * ECHO_FEEDBACK;
      out[i] = (out[i] ?? 0) + wetLeft * 0.55;
      out[i + 1] = (out[i + 1] ?? 0) + wetRight * 0.55;
      this.#echoAt = (this.#echoAt + 1) % ECHO_FRAMES;
    }
  }

  #addEngine(out: Float32Array): void {
    const { scene } = this;
    const pace = Math.min(scene.speed / 60, 1);
    const levelTo = scene.worldLevel * (0.045 + 0.075 * pace);
    const waterTo = scene.worldLevel * (0.03 + 0.16 * pace * pace + (scene.boosting ? 0.05 : 0));
    const hzTo = 46 + scene.speed * 2.15 + (scene.boosting ? 22 : 0) + Math.abs(scene.steer) * 5;
    const brightTo = scene.boosting ? 1 : 0.35;
    const frames = out.length / 2;
    // Blocks of other lengths glide at the same pace.
    const share = 1 - (1 - GLIDE) ** (frames / SOUND_BLOCK_FRAMES);
    const levelStep = ((levelTo - this.#engineLevel) * share) / frames;
    const waterStep = ((waterTo - this.#waterLevel) * share) / frames;
    const hzStep = ((hzTo - this.#engineHz) * share) / frames;
    const brightStep = ((brightTo - this.#bright) * share) / frames;
    for (let i = 0; i < out.length; i += 2) {
      this.#engineLevel += levelStep;
      this.#waterLevel += waterStep;
      this.#engineHz += hzStep;
      this.#bright += brightStep;
      this.#enginePhase += this.#engineHz * STEP;
      if (this.#enginePhase >= TABLE_SIZE * 64) this.#enginePhase -= TABLE_SIZE * 64;
      const phase = this.#enginePhase;
      const body = read(TURBINE, phase) + 0.55 * read(SINE, phase * 0.5);
      const whine = read(SINE, phase * 3.015625) * 0.4 * this.#bright;
      const wide = read(TURBINE, phase * 1.015625) * 0.5;
      this.#waterLeft += (this.#white() - this.#waterLeft) * 0.16;
      this.#waterRight += (this.#white() - this.#waterRight) * 0.16;
      const engine = (body + whine) * this.#engineLevel;
      out[i] =
        (out[i] ?? 0) + engine + wide * this.#engineLevel + this.#waterLeft * this.#waterLevel;
      out[i + 1] =
        (out[i + 1] ?? 0) + engine - wide * this.#engineLevel + this.#waterRight * this.#waterLevel;
    }
  }

  #white(): number {
    // Marsaglia's xorshift32: cheap enough for every sample.
    let x = this.#noise;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#noise = x;
    return x / 2_147_483_648;
  }
}

/** A rational tanh: linear where it is quiet, never past ±1 (Padé 3/2, exactly 1 at 3). */
function soften(value: number): number {
  const x = Math.min(Math.max(value, -3), 3);
  return ((x * (27 + x * x)) / (27 + 9 * x * x)) * 0.98;
}
