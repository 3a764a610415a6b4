import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RockpoolError } from '../../../../protocol/errors.ts';
import { systemClock, systemScheduler } from '../../../../renderer/clock.ts';
import { SoundServer, soundEnvironment } from '../../../../renderer/desktop/sound/sound-server.ts';
import type { SoundBlock } from '../../../../renderer/game-runtime.ts';
import {
  describeWithPulseAudio,
  PlayedTone,
  processesNaming,
  toneIn,
} from '../../../support/pulse-audio.ts';

/** Lets a test wait for blocks and failures. */
class Ear {
  blocks = 0;
  /** Blocks in which anything sounds. */
  loudBlocks = 0;
  readonly failures: RockpoolError[] = [];
  #watch: (block: SoundBlock) => void = () => undefined;
  #watchFailure: (error: RockpoolError) => void = () => undefined;

  handleBlock(block: SoundBlock): void {
    this.blocks++;
    if (block.samples.some((sample) => sample !== 0)) this.loudBlocks++;
    this.#watch(block);
  }

  handleFailure(error: RockpoolError): void {
    this.failures.push(error);
    this.#watchFailure(error);
  }

  /** Resolves when `count` blocks have come that are as they should be. */
  hear(count: number, right: (block: SoundBlock) => boolean = () => true): Promise<void> {
    return new Promise((resolve) => {
      let heard = 0;
      this.#watch = (block) => {
        if (right(block) && ++heard === count) resolve();
      };
    });
  }

  failure(): Promise<RockpoolError> {
    return new Promise((resolve) => {
      this.#watchFailure = resolve;
    });
  }
}

let top = '';
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'rockpool-sound-'));
});
afterEach(() => rmSync(top, { recursive: true }));

function openServer(ear: Ear, name = 'a'): Promise<SoundServer> {
  const folder = join(top, name);
  return SoundServer.open({ folder, clock: systemClock, scheduler: systemScheduler }, ear);
}

describe('sound server', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('says what to install where there is no PulseAudio, and leaves no folder', async () => {
    vi.stubEnv('PATH', top);
    const opening = openServer(new Ear());
    await expect(opening).rejects.toMatchObject({
      code: 'missing-package',
      message: expect.stringContaining('apt-get install pulseaudio'),
    });
    expect(existsSync(join(top, 'a'))).toBe(false);
  });

  it('refuses a folder whose path is too long for a socket', async () => {
    const opening = openServer(new Ear(), 'x'.repeat(100));
    await expect(opening).rejects.toMatchObject({ code: 'bad-configuration' });
  });
});

describeWithPulseAudio('sound server with PulseAudio', () => {
  const servers: SoundServer[] = [];
  const tones: PlayedTone[] = [];
  afterEach(async () => {
    await Promise.all(tones.splice(0).map((tone) => tone.stop()));
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  async function opened(ear: Ear, name?: string): Promise<SoundServer> {
    const server = await openServer(ear, name);
    servers.push(server);
    return server;
  }

  function play(server: SoundServer): void {
    const environment = soundEnvironment(server.socketPath);
    const left = { hertz: 400, amplitude: 0.5 };
    tones.push(new PlayedTone(environment, left, { hertz: 1000, amplitude: 0.25 }));
  }

  /** Nothing but the two tones, at their levels, each in its channel. */
  function isPlayedTone({ samples }: SoundBlock): boolean {
    const left = toneIn(samples, 0, 400);
    const right = toneIn(samples, 1, 1000);
    return (
      Math.abs(left.amplitude - 0.5) < 0.005 &&
      Math.abs(right.amplitude - 0.25) < 0.005 &&
      left.rest < 0.005 &&
      right.rest < 0.005
    );
  }

  it('delivers silence while nothing plays', async () => {
    const ear = new Ear();
    await opened(ear);
    await ear.hear(20);
    expect(ear.loudBlocks).toBe(0);
  });

  it('delivers what a program plays, and to no other session', async () => {
    const [ear, other] = [new Ear(), new Ear()];
    const server = await opened(ear, 'a');
    await opened(other, 'b');
    play(server);
    await Promise.all([ear.hear(50, isPlayedTone), other.hear(50)]);
    expect(other.loudBlocks).toBe(0);
  });

  it('delivers nothing while suspended, and goes on after', async () => {
    const [ear, other] = [new Ear(), new Ear()];
    const server = await opened(ear, 'a');
    await opened(other, 'b');
    play(server);
    await ear.hear(5, isPlayedTone);
    server.setSuspended(true);
    const before = ear.blocks;
    await other.hear(20);
    expect(ear.blocks).toBe(before);
    server.setSuspended(false);
    await ear.hear(5, isPlayedTone);
  });

  it('lets no client load a module', async () => {
    const server = await opened(new Ear());
    const { status } = spawnSync('pactl', ['load-module', 'module-null-sink'], {
      env: { ...process.env, ...soundEnvironment(server.socketPath) },
      stdio: 'ignore',
    });
    expect(status).toBe(1);
  });

  it('leaves no process, socket or folder after close', async () => {
    const ear = new Ear();
    const server = await opened(ear);
    expect(processesNaming(top)).toHaveLength(1);
    await Promise.all([server.close(), server.close()]);
    const { blocks } = ear;
    expect(processesNaming(top)).toEqual([]);
    expect(existsSync(join(top, 'a'))).toBe(false);
    expect([ear.blocks, ear.failures]).toEqual([blocks, []]);
  });

  it('reports once that the daemon died, and still closes', async () => {
    const ear = new Ear();
    const server = await opened(ear);
    const failure = ear.failure();
    for (const pid of processesNaming(top)) process.kill(pid, 'SIGKILL');
    expect((await failure).message).toContain('SIGKILL');
    await server.close();
    expect(ear.failures).toHaveLength(1);
    expect(existsSync(join(top, 'a'))).toBe(false);
  });

  it('leaves no daemon behind when its own process is killed', async () => {
    const script = `
      import { SoundServer } from './renderer/desktop/sound/sound-server.ts';
      import { systemClock as clock, systemScheduler as scheduler } from './renderer/clock.ts';
      const listener = { handleBlock: () => undefined, handleFailure: () => undefined };
      await SoundServer.open({ folder: process.env.FOLDER, clock, scheduler }, listener);
      console.log('open');`;
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', script],
      { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, FOLDER: join(top, 'a') } },
    );
    await new Promise((resolve) => child.stdout.once('data', resolve));
    expect(processesNaming(top)).toHaveLength(1);
    child.kill('SIGKILL');
    await vi.waitFor(() => expect(processesNaming(top)).toEqual([]), { timeout: 30_000 });
  });
});
