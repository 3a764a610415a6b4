import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { OwnRockpool } from '../../gate/target/own-rockpool.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rockpool-program-'));
});
afterEach(() => rm(folder, { recursive: true }));

it("has games and encoders as they are set here, and is no node of this machine's own Rockpool", async () => {
  const path = join(folder, 'program.js');
  await writeFile(path, 'console.log(JSON.stringify(process.env));');
  const environment = {
    PATH: process.env.PATH,
    REDIS_URL: 'redis://localhost:6379',
    ROCKPOOL_ADMIN_TOKEN: 'secret',
    ROCKPOOL_GAMES: '/games',
  };
  const start = OwnRockpool.start(
    { execArgv: [], path },
    environment,
    new AbortController().signal,
  );
  const said = await start.then(
    () => 'started',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  expect(said).toMatch(/^Rockpool did not start:/);
  const given: unknown = JSON.parse(said.slice(said.indexOf('{')));
  expect(given).toMatchObject({ ROCKPOOL_GAMES: '/games', DATABASE_URL: 'memory:' });
  expect(given).not.toHaveProperty('REDIS_URL');
  expect(given).not.toHaveProperty('ROCKPOOL_ADMIN_TOKEN');
});
