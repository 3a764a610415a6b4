import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ENVIRONMENT_VARIABLES, parseEnvironment } from '../../protocol/environment.ts';
import { RockpoolError } from '../../protocol/errors.ts';

const schema = z.object({
  ROCKPOOL_PORT: z.string().regex(/^\d+$/, 'a number').default('8080'),
  ROCKPOOL_NAME: z.string().min(3, 'three characters').optional(),
  ROCKPOOL_JOIN_TOKEN: z.string().min(16, 'sixteen characters').optional(),
});

function problemsOf(environment: Record<string, string | undefined>): string {
  try {
    parseEnvironment(schema, environment);
  } catch (error) {
    if (error instanceof RockpoolError && error.code === 'bad-configuration') return error.message;
    throw error;
  }
  throw new Error('the environment was accepted');
}

describe('the environment', () => {
  it('counts an empty variable as unset, and leaves alone what is not ours', () => {
    expect(
      parseEnvironment(schema, {
        ROCKPOOL_PORT: '',
        ROCKPOOL_NAME: undefined,
        ROCKPOOL_SLOTS: 'of another process',
        PATH: '/bin',
      }),
    ).toEqual({ ROCKPOOL_PORT: '8080' });
  });

  it('is refused with every problem at once, one a line', () => {
    const lines = problemsOf({
      ROCKPOOL_PORT: 'http',
      ROCKPOOL_NAME: 'ab',
      ROCKPOOL_PROT: '1',
      ROCKPOOL_: 'x',
    }).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        '  ROCKPOOL_PORT=http: a number',
        '  ROCKPOOL_NAME=ab: three characters',
        '  ROCKPOOL_PROT is not a variable of Rockpool',
        '  ROCKPOOL_ is not a variable of Rockpool',
      ]),
    );
    expect(lines.at(-1)).toContain('docs/configuration.md');
  });

  it('names an unknown variable even where all others are right', () => {
    expect(problemsOf({ ROCKPOOL_PORT: '1', ROCKPOOL_Port: '1' })).toContain(
      'ROCKPOOL_Port is not',
    );
  });

  it('repeats no secret', () => {
    const message = problemsOf({ ROCKPOOL_JOIN_TOKEN: 'hunter2' });
    expect(message).toContain('ROCKPOOL_JOIN_TOKEN=…: sixteen characters');
    expect(message).not.toContain('hunter2');
  });
});

describe('docs/configuration.md', () => {
  it('explains every variable there is, and no other', () => {
    const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
    const explained = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map((row) => row[1]);
    expect(explained.sort()).toEqual([...ENVIRONMENT_VARIABLES].sort());
  });
});
