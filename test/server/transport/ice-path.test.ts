import { expect, it } from 'vitest';
import { Candidate, Connection } from 'werift';
import { systemClock } from '../../../renderer/clock.ts';
import { IcePath } from '../../../server/transport/ice-path.ts';

/** What werift declares private, and does once a TURN server has given it an address. */
interface Gathering {
  readonly protocols: { readonly type: string; readonly localCandidate: Candidate }[];
  appendLocalCandidate(candidate: Candidate): void;
}

it('pairs an address at a relay with candidates that were there before it', async () => {
  const connection = new Connection(true, {});
  new IcePath(connection, systemClock);
  const remote = Candidate.fromSdp('1 1 udp 41885695 198.51.100.7 50000 typ relay');
  await connection.addRemoteCandidate(remote);
  expect(connection.checkList).toEqual([]);

  const localCandidate = Candidate.fromSdp('2 1 udp 41885695 192.0.2.1 50001 typ relay');
  const gathering = connection as unknown as Gathering;
  gathering.protocols.push({ type: 'turn', localCandidate });
  gathering.appendLocalCandidate(localCandidate);
  expect(connection.checkList).toMatchObject([{ remoteCandidate: remote, localCandidate }]);
  // What is paired already is not paired again.
  gathering.appendLocalCandidate(localCandidate);
  expect(connection.checkList).toHaveLength(1);
});
