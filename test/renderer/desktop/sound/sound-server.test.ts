import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RockpoolError } from '../../../../protocol/errors.ts';
import { systemClock, systemScheduler } from '../../../../renderer/clock.ts';
import { SoundServer, soundEnvironment } from '../../../../renderer/desktop/sound/sound-server.ts';
import type { SoundBlock } from '../../../../renderer/game-runtime.ts';
import { PlayedTone, toneIn } from '../../../support/played-tone.ts';
import {
  describeWithDaemon,
  living,
  processesOf,
  testedDaemons,
} from '../../../support/sound-daemons.ts';

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

function optionsFor(name: string) {
  return { folder: join(top, name), clock: systemClock, scheduler: systemScheduler };
}

describe('sound server', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('says what to install where there is no daemon, and leaves no folder', async () => {
    vi.stubEnv('PATH', top);
    const opening = SoundServer.open(optionsFor('a'), new Ear());
    await expect(opening).rejects.toMatchObject({
      code: 'missing-package',
      message: expect.stringContaining('apt-get install pulseaudio'),
    });
    expect(existsSync(join(top, 'a'))).toBe(false);
  });

  it('says what PipeWire lacks where there is nothing else', async () => {
    writeFileSync(join(top, 'pipewire'), '', { mode: 0o755 });
    vi.stubEnv('PATH', top);
    await expect(SoundServer.open(optionsFor('a'), new Ear())).rejects.toMatchObject({
      code: 'missing-package',
      message: expect.stringContaining('apt-get install wireplumber'),
    });
  });
});

for (const daemon of await testedDaemons())
  describeWithDaemon(daemon, () => {
    const servers: SoundServer[] = [];
    const tones: PlayedTone[] = [];
    afterEach(async () => {
      await Promise.all(tones.splice(0).map((tone) => tone.stop()));
      await Promise.all(servers.splice(0).map((server) => server.close()));
    });

    async function opened(ear: Ear, name = 'a'): Promise<SoundServer> {
      const options = { ...optionsFor(name), startDaemon: daemon.start };
      const server = await SoundServer.open(options, ear);
      servers.push(server);
      return server;
    }

    function play(server: SoundServer): void {
      const environment = soundEnvironment(server.socketPath);
      const left = { hertz: 400, amplitude: 0.5 };
      tones.push(new PlayedTone(environment, left, { hertz: 1000, amplitude: 0.25 }));
    }

    /** Its processes, once all are there: some are started by others. */
    async function allProcesses(root: number): Promise<number[]> {
      let found: number[] = [];
      await vi.waitFor(async () => {
        found = await processesOf(daemon, root);
        expect(found).toHaveLength(daemon.processes.length);
      });
      return found;
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

    it('is heard again after the daemon has rested', async () => {
      const [ear, other] = [new Ear(), new Ear()];
      const server = await opened(ear, 'a');
      play(await opened(other, 'b'));
      // The other one's sound tells the time: four seconds, one more than a daemon waits.
      await other.hear(400);
      const before = ear.blocks;
      await other.hear(20);
      expect(ear.blocks === before).toBe(daemon.rests);
      play(server);
      await ear.hear(50, isPlayedTone);
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

    it('refuses a folder whose path is too long for a socket', async () => {
      await expect(opened(new Ear(), 'x'.repeat(100))).rejects.toMatchObject({
        code: 'bad-configuration',
      });
    });

    it(`lets ${daemon.loadsModules ? 'no module of a client write a file' : 'no client load a module'}`, async () => {
      const server = await opened(new Ear());
      const load = (...module: readonly string[]) =>
        spawnSync('pactl', ['load-module', ...module], {
          env: { ...process.env, ...soundEnvironment(server.socketPath) },
          stdio: 'ignore',
        }).status;
      expect(load('module-null-sink')).toBe(daemon.loadsModules ? 0 : 1);
      const file = join(top, 'written');
      load('module-pipe-sink', `file=${file}`);
      expect(existsSync(file)).toBe(false);
    });

    it('leaves no process, socket or folder after close', async () => {
      const ear = new Ear();
      const server = await opened(ear);
      const processes = await allProcesses(process.pid);
      await Promise.all([server.close(), server.close()]);
      const { blocks } = ear;
      expect(living(processes)).toEqual([]);
      expect(existsSync(join(top, 'a'))).toBe(false);
      expect([ear.blocks, ear.failures]).toEqual([blocks, []]);
    });

    it('reports once that the daemon died, and still closes', async () => {
      const ear = new Ear();
      const server = await opened(ear);
      const failure = ear.failure();
      for (const pid of await processesOf(daemon, process.pid)) process.kill(pid, 'SIGKILL');
      expect((await failure).message).toContain('SIGKILL');
      await server.close();
      expect(ear.failures).toHaveLength(1);
      expect(existsSync(join(top, 'a'))).toBe(false);
    });

    it('leaves no daemon behind when its own process is killed', async () => {
      const script = `
      import { SoundServer } from './renderer/desktop/sound/sound-server.ts';
      import { systemClock as clock, systemScheduler as scheduler } from './renderer/clock.ts';
      import { testedDaemons } from './test/support/sound-daemons.ts';
      const { FOLDER: folder, DAEMON } = process.env;
      const { start: startDaemon } = (await testedDaemons()).find(({ name }) => name === DAEMON);
      const listener = { handleBlock: () => undefined, handleFailure: () => undefined };
      await SoundServer.open({ folder, clock, scheduler, startDaemon }, listener);
      console.log('open');`;
      const child = spawn(
        process.execPath,
        ['--import', 'tsx', '--input-type=module', '--eval', script],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
          env: { ...process.env, FOLDER: join(top, 'a'), DAEMON: daemon.name },
        },
      );
      await new Promise((resolve) => child.stdout.once('data', resolve));
      const processes = await allProcesses(child.pid ?? 0);
      child.kill('SIGKILL');
      await vi.waitFor(() => expect(living(processes)).toEqual([]), { timeout: 30_000 });
    });
  });
