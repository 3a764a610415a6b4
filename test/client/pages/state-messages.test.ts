import { describe, expect, it } from 'vitest';
import {
  accountOf,
  END_MESSAGES,
  PROBLEM_MESSAGES,
  type StateMessage,
} from '../../../client/pages/state-messages.ts';
import { endReasonSchema } from '../../../protocol/session-state.ts';

const messages: readonly (readonly [string, StateMessage])[] = [
  ...Object.entries(END_MESSAGES),
  ...Object.entries(PROBLEM_MESSAGES),
];

describe('messages of ended and failed sessions', () => {
  it('has one for every reason that the protocol knows', () => {
    expect(Object.keys(END_MESSAGES).sort()).toEqual([...endReasonSchema.options].sort());
  });

  it('says something different for each', () => {
    expect(new Set(messages.map(([, { title }]) => title)).size).toBe(messages.length);
    expect(new Set(messages.map(([, { body }]) => body)).size).toBe(messages.length);
  });

  it.each(messages)(
    'says in whole sentences what happened, and offers an action: %s',
    (_, message) => {
      expect(message.title).not.toMatch(/[.!]$/);
      expect(message.body).toMatch(/^[A-Z].*[.]$/);
      expect(message.actionLabel).not.toBe('');
    },
  );

  it('offers one click to restart what stopped by itself', () => {
    for (const reason of ['worker-crashed', 'game-failed', 'container-lost'] as const) {
      expect(END_MESSAGES[reason]).toMatchObject({ action: 'restart', actionLabel: 'Restart' });
    }
  });

  it('reloads a page that is older than the server', () => {
    expect(PROBLEM_MESSAGES['protocol-mismatch'].action).toBe('reload');
  });

  it('starts by itself only what was ended to be started anew', () => {
    const acting = Object.entries(END_MESSAGES).filter(([, { actsByItself }]) => actsByItself);
    expect(acting.map(([reason]) => reason)).toEqual(['build-changed']);
  });
});

describe('accountOf', () => {
  const failed = END_MESSAGES['game-failed'];

  it('lets a failed game speak for itself, and keeps what it printed apart', () => {
    const detail = 'Pond stopped with exit code 3.\nloading water…\nno water\n';
    expect(accountOf(failed, detail)).toEqual({
      body: 'Pond stopped with exit code 3.',
      note: undefined,
      lines: 'loading water…\nno water',
    });
  });

  it('falls back on its own words where nothing was said', () => {
    const silent = { body: failed.body, note: undefined, lines: undefined };
    expect(accountOf(failed, undefined)).toEqual(silent);
    expect(accountOf(failed, '')).toEqual(silent);
  });

  it('says what is special about an end beside what is always so', () => {
    const crashed = END_MESSAGES['worker-crashed'];
    expect(accountOf(crashed, 'The worker ended with signal SIGSEGV.')).toEqual({
      body: crashed.body,
      note: 'The worker ended with signal SIGSEGV.',
      lines: undefined,
    });
  });
});
