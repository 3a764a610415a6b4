import type { Resolution } from '../../protocol/stream-settings.ts';
import type { GameHost, GameSetup, Tick } from '../built-in-game.ts';
import type { GpuContext, GpuGame, GpuGameFactory } from '../webgpu/gpu-game.ts';
import { decodeBestScore, encodeBestScore } from './best-score.ts';
import { Camera } from './camera.ts';
import type { Pearl, Rock } from './course.ts';
import { buildFontAtlas } from './font-atlas.ts';
import { FRAME_FLOATS, writeFrame } from './frame-data.ts';
import { choiceAt, Hud } from './hud.ts';
import { HudMarks } from './hud-marks.ts';
import { PilotInput } from './pilot-input.ts';
import { hash, Random } from './random.ts';
import { Scene } from './scene.ts';
import { SceneRenderer } from './scene-renderer.ts';
import { SkimmerSound } from './sound.ts';
import { Voyage } from './voyage.ts';
import type { WorldListener } from './world.ts';

/** How loud the world is in each screen, then the music. */
const LEVELS = {
  title: [0.3, 1],
  playing: [1, 0.8],
  paused: [0, 0.05],
  over: [0.25, 0.9],
} as const;
/** The picture behind a menu, dimmed. */
const LIGHT = { title: 1, playing: 1, paused: 0.5, over: 0.72 } as const;
const CRASH_RUMBLE_MS = 420;

/** Input to voyage to picture and sound; what happens at sea is told to all who show it. */
class Skimmer implements GpuGame, WorldListener {
  readonly #renderer: SceneRenderer;
  readonly #pilot = new PilotInput();
  readonly #voyage: Voyage;
  readonly #camera = new Camera();
  readonly #scene: Scene;
  readonly #marks: HudMarks;
  readonly #hud = new Hud();
  readonly #sound = new SkimmerSound();
  readonly #frame = new Float32Array(FRAME_FLOATS);
  #size: Resolution = { width: 1280, height: 720 };
  #seaS = 0;
  #light = 1;
  #crashed = false;

  constructor(renderer: SceneRenderer, marks: HudMarks, { seed, save }: GameSetup) {
    this.#renderer = renderer;
    this.#marks = marks;
    this.#scene = new Scene(new Random(hash(seed, 1)));
    this.#voyage = new Voyage(seed, decodeBestScore(save), this);
  }

  update(tick: Tick, host: GameHost): void {
    const pilot = this.#pilot;
    const voyage = this.#voyage;
    pilot.read(tick.input, tick.dtS);
    const before = voyage.world;
    const from = before.boat.z;
    this.#crashed = false;
    const screenBefore = voyage.screen;
    voyage.step(
      {
        steer: pilot.steer,
        boost: pilot.boost,
        confirm: pilot.confirm,
        pause: pilot.pause,
        navigate: pilot.navigate,
        pointed: pilot.pointerY < 0 ? undefined : choiceAt(pilot.pointerY),
        lostFocus: tick.input.lostFocus,
      },
      tick.dtS,
    );
    const steered = pilot.device === 'pad' ? pilot.pad : undefined;
    if (this.#crashed && steered !== undefined && tick.input.pads.has(steered)) {
      host.rumble({ pad: steered, strong: 1, weak: 0.6, durationMs: CRASH_RUMBLE_MS });
    }
    if (voyage.screen !== screenBefore) {
      host.setCursor(voyage.screen === 'playing' ? 'crosshair' : 'default');
    }
    if (voyage.running) {
      const { world } = voyage;
      const ahead = world === before ? world.boat.z - from : 0;
      this.#seaS += tick.dtS;
      this.#scene.step(world, tick.dtS, ahead, this.#seaS);
      this.#hud.step(tick.dtS);
      const aspect = this.#size.width / this.#size.height;
      this.#camera.follow(world, tick.dtS, aspect, voyage.screen === 'title');
    }
    this.#light += (LIGHT[voyage.screen] - this.#light) * (1 - Math.exp(-8 * tick.dtS));
    this.#tune();
  }

  fillSound(samples: Float32Array): void {
    this.#sound.fill(samples);
  }

  save(): Uint8Array | undefined {
    const { best } = this.#voyage;
    return best > 0 ? encodeBestScore(best) : undefined;
  }

  resize(resolution: Resolution): void {
    this.#size = resolution;
    this.#renderer.resize(resolution);
  }

  draw(encoder: GPUCommandEncoder, target: GPUTextureView): void {
    const voyage = this.#voyage;
    const { width, height } = this.#size;
    this.#marks.begin(width, height);
    this.#hud.draw(this.#marks, voyage);
    this.#scene.draw(voyage.world, this.#seaS);
    const night = writeFrame(this.#frame, {
      world: voyage.world,
      camera: this.#camera,
      seaS: this.#seaS,
      light: this.#light,
    });
    this.#renderer.draw(encoder, target, this.#frame, night, this.#scene, this.#marks.list);
  }

  close(): void {
    this.#renderer.close();
  }

  handlePearl(pearl: Pearl, _points: number, chain: number): void {
    this.#scene.handlePearl(this.#voyage.world, pearl.x, pearl.z, pearl.golden);
    this.#hud.handlePearl();
    if (this.#heard) this.#sound.handlePearl(chain, pearl.golden, this.#pan(pearl.x));
  }

  handleLine(points: number): void {
    this.#hud.handleLine(points);
    if (this.#heard) this.#sound.handleLine();
  }

  handleNearMiss(rock: Rock, points: number): void {
    this.#scene.handleNearMiss(this.#voyage.world, rock.x, rock.z);
    this.#hud.handleNearMiss(points);
    if (this.#heard) this.#sound.handleNearMiss(this.#pan(rock.x));
  }

  handleCrash(): void {
    this.#crashed = true;
    this.#scene.handleCrash(this.#voyage.world);
    this.#camera.shake(1);
    this.#hud.handleCrash();
    this.#sound.handleCrash();
  }

  handleMend(): void {
    this.#hud.handleMend();
    this.#sound.handleMend();
  }

  handleNewRun(): void {
    this.#scene.reset();
    this.#hud.reset();
    this.#camera.snapTo(this.#voyage.world);
    this.#sound.handleStart();
  }

  /** The attract screen plays itself without the bells. */
  get #heard(): boolean {
    return this.#voyage.screen !== 'title';
  }

  #pan(x: number): number {
    return (x - this.#voyage.world.boat.x) / 6;
  }

  #tune(): void {
    const { screen, world } = this.#voyage;
    const [worldLevel, musicLevel] = LEVELS[screen];
    const { speed, heading } = world.boat;
    const boosting = world.boosting;
    this.#sound.scene = { speed, boosting, steer: heading, worldLevel, musicLevel };
  }
}

/** Skimmer, drawn with WebGPU. */
export const createSkimmer: GpuGameFactory = async (gpu: GpuContext, setup: GameSetup) => {
  const font = buildFontAtlas();
  const renderer = await SceneRenderer.create(gpu, font);
  return new Skimmer(renderer, new HudMarks(font), setup);
};
