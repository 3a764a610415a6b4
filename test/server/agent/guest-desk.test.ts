import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { inviteIdSchema } from '../../../protocol/ids.ts';
import { GuestDesk } from '../../../server/agent/guest-desk.ts';
import type { ToWorker } from '../../../server/worker/worker-messages.ts';

const INVITE = { kind: 'invite', player: 2, rights: 'pad' } as const;

function open() {
  const sent: ToWorker[] = [];
  return { sent, desk: new GuestDesk((message) => sent.push(message)) };
}

describe('GuestDesk', () => {
  it('brings each answer to whoever asked, in whatever order they come', async () => {
    const { sent, desk } = open();
    const answers = [desk.ask(INVITE, false), desk.ask(INVITE, true)];
    expect(sent).toEqual([
      { type: 'guest-request', requestId: 0, request: INVITE, mayEncodeAnother: false },
      { type: 'guest-request', requestId: 1, request: INVITE, mayEncodeAnother: true },
    ]);
    const inviteId = inviteIdSchema.parse(randomUUID());
    desk.handleReply(1, { ok: true, value: { kind: 'invited', inviteId } });
    desk.handleReply(0, { ok: true, value: { kind: 'done' } });
    expect(await Promise.all(answers)).toEqual([{ kind: 'done' }, { kind: 'invited', inviteId }]);
  });

  it("throws the worker's own error", async () => {
    const { desk } = open();
    const answer = desk.ask(INVITE, false);
    desk.handleReply(0, { ok: false, error: { code: 'invite-full', message: 'Revoke one.' } });
    await expect(answer).rejects.toMatchObject({ code: 'invite-full', message: 'Revoke one.' });
  });

  it('leaves nobody waiting for a worker that is gone', async () => {
    const { sent, desk } = open();
    const answer = desk.ask(INVITE, false);
    desk.close();
    await expect(answer).rejects.toMatchObject({ code: 'unknown-session' });
    await expect(desk.ask(INVITE, false)).rejects.toMatchObject({ code: 'unknown-session' });
    expect(sent).toHaveLength(1);
    // What a worker says that was about to go finds nobody.
    desk.handleReply(0, { ok: true, value: { kind: 'done' } });
  });
});
