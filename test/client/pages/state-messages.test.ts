import { describe, expect, it } from 'vitest';
import {
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
});
