import { describe, expect, it } from 'vitest';
import { StudioRequests, wasGivenUp } from '../../../client/pages/studio-requests.ts';
import { StudioSession } from '../../../client/pages/studio-session.ts';
import { RockpoolError } from '../../../protocol/errors.ts';
import { personRecord } from '../../support/studio-records.ts';

const ADA = {
  signedIn: true,
  personId: personRecord().personId,
  name: 'Ada',
  mayFound: true,
  studios: [],
} as const;

/** A session whose server answers with what the test says next. */
function sessionWith(first: unknown) {
  const server = { answer: first, status: 200, asked: [] as string[] };
  const session = new StudioSession(
    new StudioRequests(async (address, init) => {
      server.asked.push(`${init.method} ${address}`);
      if (server.answer === undefined) throw new TypeError('away');
      return Response.json(server.answer, { status: server.status });
    }),
  );
  return { session, server };
}

describe('the session of the studio’s pages', () => {
  it('says who is signed in, or nobody', async () => {
    const { session, server } = sessionWith(ADA);
    expect(session.state.value).toEqual({ name: 'loading' });
    await session.refresh();
    expect(session.state.value).toEqual({ name: 'signed-in', who: ADA });
    server.answer = { signedIn: false };
    await session.refresh();
    expect(session.state.value).toEqual({ name: 'signed-out' });
  });

  it('says what is wrong where nothing is known yet, and keeps what is', async () => {
    const { session, server } = sessionWith(undefined);
    await session.refresh();
    expect(session.state.value).toEqual({
      name: 'failed',
      message: 'The server could not be reached.',
    });
    server.answer = ADA;
    await session.refresh();
    server.answer = undefined;
    await session.refresh();
    expect(session.state.value).toEqual({ name: 'signed-in', who: ADA });
  });

  it('asks who is signed in where a request is refused for that alone', async () => {
    const { session, server } = sessionWith(ADA);
    await session.refresh();
    server.answer = { signedIn: false };
    await session.handleFailure(new RockpoolError('forbidden', 'As viewer you may not.'));
    expect(session.state.value.name).toBe('signed-in');
    await session.handleFailure(new RockpoolError('unauthorised', 'Sign in first.'));
    expect(session.state.value).toEqual({ name: 'signed-out' });
  });

  it('gives up what is being looked up when somebody signs out', async () => {
    const given: string[] = [];
    const answers: ((answer: Response) => void)[] = [];
    const requests = new StudioRequests((address, { method, signal }) => {
      if (method === 'POST') return Promise.resolve(Response.json({}));
      return new Promise((resolve, reject) => {
        answers.push(resolve);
        signal?.addEventListener('abort', () => {
          given.push(address);
          reject(signal.reason);
        });
      });
    });
    const session = new StudioSession(requests);
    session.arrive({ ...ADA, studios: [] });
    const looking = session.refresh();
    const passkeys = expect(requests.passkeys()).rejects.toSatisfy(wasGivenUp);
    await session.signOut(false);
    expect(given).toEqual(['/api/studio/session', '/api/studio/passkeys']);
    await Promise.all([looking, passkeys]);
    expect(session.state.value).toEqual({ name: 'signed-out' });

    const again = session.refresh();
    answers.at(-1)?.(Response.json(ADA));
    await again;
    expect(session.state.value).toEqual({ name: 'signed-in', who: ADA });
  });

  it('passes on the sentence of the server', async () => {
    const { session, server } = sessionWith({ code: 'conflict', message: 'Not the last owner.' });
    server.status = 409;
    await expect(session.signOut(false)).rejects.toMatchObject({
      code: 'conflict',
      message: 'Not the last owner.',
    });
  });
});
