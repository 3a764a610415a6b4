import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import type { buildManifestSchema } from '../../protocol/build-manifest.ts';

/** Where a small program lies on every Linux. */
const PROGRAM = '/usr/bin/true';

/** Of the header of an ELF file (elf(5)): the machine it is for, two bytes. */
const E_MACHINE = { at: 18, arm64: 183, x64: 62 };

/** A library that every program needs, and one of a name as long that there is not. */
const LIBRARY = 'libc.so.6';
export const MISSING_LIBRARY = 'libq.so.6';
export const MISSING_PACKAGE = 'rockpool-no-such-package';

const LIMITS = { memoryMib: 64, cpus: 1, processes: 32, diskMib: 1 };

interface BrokenBuild {
  /** What lies in the build as `game`. */
  readonly game: Uint8Array | string;
  readonly manifest?: Partial<z.input<typeof buildManifestSchema>>;
}

async function brokenBuilds(): Promise<Readonly<Record<string, BrokenBuild>>> {
  const foreign = await readFile(PROGRAM);
  const other = process.arch === 'x64' ? E_MACHINE.arm64 : E_MACHINE.x64;
  foreign.writeUInt16LE(other, E_MACHINE.at);
  const program = await readFile(PROGRAM, 'latin1');
  return {
    // Removed once the container has read it.
    vanished: { game: '#!/bin/sh\n' },
    foreign: { game: foreign },
    incomplete: { game: Buffer.from(program.replaceAll(LIBRARY, MISSING_LIBRARY), 'latin1') },
    unprepared: {
      game: '#!/bin/sh\n',
      manifest: { entry: '/usr/games/rockpool-no-such-game', packages: [MISSING_PACKAGE] },
    },
    windowless: { game: '#!/bin/sh\necho Waiting for a friend.\nexec sleep infinity\n' },
    brief: { game: '#!/bin/sh\necho Nothing to do.\n' },
    'fork-bomb': {
      game: '#!/usr/bin/perl\nwhile (1) { fork }\n',
      // With less, it now and then comes to the end of its memory before that of its processes.
      manifest: { limits: { ...LIMITS, memoryMib: 512 } },
    },
    // Remembers a line that never ends.
    'memory-eater': { game: '#!/bin/sh\nexec tail /dev/zero\n' },
  };
}

/** Writes builds that do not work, or work against the machine, each a folder of its own. */
export async function writeBrokenBuilds(folder: string): Promise<void> {
  for (const [id, { game, manifest }] of Object.entries(await brokenBuilds())) {
    const own = join(folder, id);
    await mkdir(own, { recursive: true, mode: 0o755 });
    await writeFile(join(own, 'game'), game, { mode: 0o755 });
    const whole: z.input<typeof buildManifestSchema> = {
      id,
      title: id,
      runtime: 'linux',
      entry: 'game',
      limits: LIMITS,
      ...manifest,
    };
    await writeFile(join(own, 'rockpool.json'), JSON.stringify(whole));
  }
}

/** Takes the program out of a build that a container has read already. */
export async function removeProgram(folder: string, id: string): Promise<void> {
  await rm(join(folder, id, 'game'));
}
