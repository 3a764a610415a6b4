import { type ChildProcess, spawn } from 'node:child_process';

/** A tone played into a sound server without end, until it is stopped. */
export class PlayedTone {
  readonly #child: ChildProcess;

  /** Hertz and amplitude (0 to 1) of each channel; whole numbers of hertz. */
  constructor(environment: Record<string, string>, left: Tone, right: Tone) {
    const args = ['--playback', '--raw', '--rate=48000', '--format=float32le', '--channels=2'];
    this.#child = spawn('pacat', [...args, '--latency-msec=20'], {
      stdio: ['pipe', 'ignore', 'inherit'],
      env: { ...process.env, ...environment },
    });
    const { stdin } = this.#child;
    const second = secondOf(left, right);
    const write = () => {
      while (stdin?.writable && stdin.write(second));
    };
    stdin?.on('drain', write).on('error', () => undefined);
    write();
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await exited;
  }
}

export interface Tone {
  readonly hertz: number;
  readonly amplitude: number;
}

function secondOf(left: Tone, right: Tone): Buffer {
  const samples = new Float32Array(48_000 * 2);
  for (const [channel, { hertz, amplitude }] of [left, right].entries()) {
    for (let i = 0; i < 48_000; i++) {
      samples[2 * i + channel] = amplitude * Math.sin((2 * Math.PI * hertz * i) / 48_000);
    }
  }
  return Buffer.from(samples.buffer);
}

/**
 * Amplitude of one channel of a block at a multiple of 100 Hz, and of all else in it: a block of
 * 10 ms holds whole waves, so that the two do not mix, wherever the wave begins.
 */
export function toneIn(samples: Float32Array, channel: 0 | 1, hertz: number) {
  const frames = samples.length / 2;
  let sine = 0;
  let cosine = 0;
  let power = 0;
  for (let i = 0; i < frames; i++) {
    const sample = samples[2 * i + channel] ?? 0;
    const angle = (2 * Math.PI * hertz * i) / 48_000;
    sine += (2 / frames) * sample * Math.sin(angle);
    cosine += (2 / frames) * sample * Math.cos(angle);
    power += (2 / frames) * sample * sample;
  }
  const amplitude = Math.hypot(sine, cosine);
  return { amplitude, rest: Math.sqrt(Math.max(0, power - amplitude * amplitude)) };
}
