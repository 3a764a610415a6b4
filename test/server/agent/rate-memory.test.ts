import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PlayerId, playerIdSchema } from '../../../protocol/ids.ts';
import { RateMemory } from '../../../server/agent/rate-memory.ts';

const ANNA = playerIdSchema.parse('7f8de6a3-3c6d-4a52-9d3c-0d6f2f6f5a11');

function player(index: number): PlayerId {
  return playerIdSchema.parse(`00000000-0000-4000-8000-${String(index).padStart(12, '0')}`);
}

describe('RateMemory', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rockpool-rates-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('remembers a rate for each network of a player, over restarts', async () => {
    const memory = await RateMemory.open(folder);
    memory.note(ANNA, { network: '192.0.2.0/24', bitrateBps: 5e6 });
    memory.note(ANNA, { network: '203.0.113.0/24', bitrateBps: 9e6 });
    memory.note(ANNA, { network: '192.0.2.0/24', bitrateBps: 6e6 });
    await memory.keep();
    expect((await RateMemory.open(folder)).ratesOf(ANNA)).toEqual([
      { network: '192.0.2.0/24', bitrateBps: 6e6 },
      { network: '203.0.113.0/24', bitrateBps: 9e6 },
    ]);
    expect((await RateMemory.open(folder)).ratesOf(player(1))).toEqual([]);
  });

  it('forgets the networks and the players longest not seen', async () => {
    const memory = await RateMemory.open(folder);
    for (let i = 0; i < 20; i++) {
      memory.note(ANNA, { network: `192.0.${i}.0/24`, bitrateBps: 5e6 });
    }
    expect(memory.ratesOf(ANNA)).toHaveLength(8);
    expect(memory.ratesOf(ANNA)[0]?.network).toBe('192.0.19.0/24');
    for (let i = 0; i < 1000; i++) {
      memory.note(player(i), { network: '192.0.2.0/24', bitrateBps: 5e6 });
    }
    expect(memory.ratesOf(ANNA)).toEqual([]);
    expect(memory.ratesOf(player(999))).toHaveLength(1);
  });

  it('begins anew where its file is not its own', async () => {
    await writeFile(join(folder, 'network-rates.json'), '[{"playerId":1}]');
    const memory = await RateMemory.open(folder);
    memory.note(ANNA, { network: '192.0.2.0/24', bitrateBps: 5e6 });
    await memory.keep();
    expect((await RateMemory.open(folder)).ratesOf(ANNA)).toHaveLength(1);
  });

  it('writes one after another what is to be kept at the same time', async () => {
    const memory = await RateMemory.open(folder);
    const kept = Array.from({ length: 20 }, (_, i) => {
      memory.note(player(i), { network: '192.0.2.0/24', bitrateBps: 5e6 });
      return memory.keep();
    });
    await Promise.all(kept);
    expect((await RateMemory.open(folder)).ratesOf(player(19))).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['network-rates.json']);
  });

  it('writes nothing while there is nothing new', async () => {
    await (await RateMemory.open(folder)).keep();
    expect(await readdir(folder)).toEqual([]);
  });
});
