// Every sound is made here: a slow chord, a thread that hums, bells for motes, a thud for stones.

/** A minor pentatonic over three octaves, hertz. */
const SCALE = [0, 3, 5, 7, 10, 12, 15, 17, 19, 22, 24, 27, 29, 31, 34, 36].map(
  (step) => 220 * 2 ** (step / 12),
);
const CHORD = [55, 82.41, 110, 164.81];

export class Sound {
  #context = new AudioContext({ latencyHint: 'interactive' });
  #out;
  #echo;
  #hum;
  #humLevel;
  #chord;

  constructor() {
    const context = this.#context;
    const limit = new DynamicsCompressorNode(context, { threshold: -14, ratio: 8 });
    limit.connect(context.destination);
    this.#out = new GainNode(context, { gain: 0.8 });
    this.#out.connect(limit);
    this.#echo = this.#makeEcho();
    this.#chord = this.#makeChord();
    this.#humLevel = new GainNode(context, { gain: 0 });
    this.#hum = new OscillatorNode(context, { type: 'triangle', frequency: 110 });
    this.#hum.connect(this.#humLevel).connect(this.#out);
    this.#humLevel.connect(this.#echo);
    this.#hum.start();
    // Browsers that want a gesture first get one sooner or later.
    for (const type of ['keydown', 'pointerdown']) {
      addEventListener(type, () => context.resume());
    }
  }

  /** @param playing whether a run is on; the chord steps back otherwise. */
  setScene(playing) {
    this.#glide(this.#chord.gain, playing ? 0.055 : 0.03, 1.2);
  }

  /** @param level 0 to 1. @param pace what the hum rises with, 0 to 1. */
  setHum(level, pace) {
    this.#glide(this.#humLevel.gain, level * 0.16, level > 0 ? 0.02 : 0.09);
    this.#glide(this.#hum.frequency, 110 + 165 * pace, 0.06);
  }

  /** A bell. @param step of the scale; higher in a longer chain. */
  mote(step) {
    const pitch = SCALE[Math.min(step, SCALE.length - 1)];
    this.#bell(pitch, 0.2, 1.1);
    this.#bell(pitch * 2.76, 0.05, 0.4);
  }

  ember() {
    for (const [i, step] of [2, 5, 7, 10].entries()) this.#bell(SCALE[step], 0.16, 1.6, i * 0.09);
  }

  press() {
    this.#bell(SCALE[5], 0.16, 0.7);
    this.#bell(SCALE[8], 0.12, 0.9, 0.07);
  }

  stone() {
    const context = this.#context;
    const now = context.currentTime;
    const thud = new OscillatorNode(context, { type: 'sine', frequency: 150 });
    thud.frequency.exponentialRampToValueAtTime(36, now + 0.35);
    const level = this.#fade(0.75, 0.5, now);
    thud.connect(level);
    thud.start(now);
    thud.stop(now + 0.6);
  }

  end() {
    for (const [i, step] of [7, 5, 3, 0].entries()) this.#bell(SCALE[step] / 2, 0.2, 2.4, i * 0.22);
  }

  #bell(frequency, peak, lengthS, delayS = 0) {
    const at = this.#context.currentTime + delayS;
    const tone = new OscillatorNode(this.#context, { type: 'sine', frequency });
    const level = this.#fade(peak, lengthS, at);
    tone.connect(level);
    level.connect(this.#echo);
    tone.start(at);
    tone.stop(at + lengthS + 0.1);
  }

  /** A level that starts at once and dies away. */
  #fade(peak, lengthS, at) {
    const level = new GainNode(this.#context, { gain: 0 });
    level.gain.setValueAtTime(0, at);
    level.gain.linearRampToValueAtTime(peak, at + 0.006);
    level.gain.exponentialRampToValueAtTime(0.0006, at + lengthS);
    level.connect(this.#out);
    return level;
  }

  #glide(parameter, value, overS) {
    parameter.setTargetAtTime(value, this.#context.currentTime, overS);
  }

  #makeEcho() {
    const context = this.#context;
    const delay = new DelayNode(context, { delayTime: 0.33 });
    const back = new GainNode(context, { gain: 0.38 });
    const dark = new BiquadFilterNode(context, { type: 'lowpass', frequency: 1800 });
    const send = new GainNode(context, { gain: 0.32 });
    send.connect(delay).connect(dark).connect(back).connect(delay);
    dark.connect(this.#out);
    return send;
  }

  #makeChord() {
    const context = this.#context;
    const level = new GainNode(context, { gain: 0 });
    const dark = new BiquadFilterNode(context, { type: 'lowpass', frequency: 420 });
    for (const [i, frequency] of CHORD.entries()) {
      for (const detune of [-5, 6]) {
        const tone = new OscillatorNode(context, { type: 'sawtooth', frequency, detune });
        const breath = new GainNode(context, { gain: 0.22 });
        const slow = new OscillatorNode(context, { frequency: 0.05 + i * 0.017 });
        slow.connect(new GainNode(context, { gain: 0.12 })).connect(breath.gain);
        tone.connect(breath).connect(dark);
        tone.start();
        slow.start();
      }
    }
    dark.connect(level).connect(this.#out);
    return level;
  }
}
