import type { Profile } from '../../../gate/network/profiles.ts';
import { RelayClient } from '../../../gate/network/relay-client.ts';
import { Progress } from '../../../gate/progress.ts';
import { systemClock } from '../../../renderer/clock.ts';
import { DISTURBED_SHARE } from '../../support/machine.ts';
import type { Belongings } from '../../support/run-bench.ts';
import type { Sender } from '../senders/sender.ts';
import { measureRun, SETTLE_MS } from './measure-run.ts';
import type { RunRecord } from './run-record.ts';

/** Until a picture is there, and until everything has ended. */
const AROUND_A_RUN_S = 10;

/** Of a run on a host that has others to serve. */
const MOST_ATTEMPTS = 3;

export interface ProfileRuns {
  readonly records: readonly RunRecord[];
  /** Measurements that were made again, as the host had taken too much of the processors. */
  readonly repeated: number;
  /** Runs that broke, each with its reason. */
  readonly failures: readonly string[];
}

export interface RunPlan {
  readonly profiles: readonly Profile[];
  readonly senders: readonly Sender[];
  readonly seconds: number;
  readonly seed: number;
  readonly frameRate: number;
}

/**
 * Measures each sender over each profile, one at a time and by turns. Each run has a relay of its own
 * with the same seed. A run that breaks is told of and left out: the others took their time too. One
 * of which the host of this machine took too much is made again, and the least disturbed one counts.
 */
export async function measureProfiles(plan: RunPlan, belongings: Belongings): Promise<ProfileRuns> {
  const { profiles, senders, seconds } = plan;
  const guessS = seconds + SETTLE_MS / 1000 + AROUND_A_RUN_S;
  const progress = new Progress(profiles.length * senders.length, guessS, systemClock);
  const records: RunRecord[] = [];
  const failures: string[] = [];
  let repeated = 0;
  for (const profile of profiles) {
    for (const sender of senders) {
      const what = `${profile.name}, ${sender.name}`;
      console.log(progress.next(what));
      try {
        const { record, attempts } = await measureUndisturbed(() =>
          measureOne(profile, sender, plan, belongings),
        );
        records.push(record);
        repeated += attempts - 1;
      } catch (error) {
        console.error(error);
        failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  return { records, repeated, failures };
}

/** Measures again, up to twice, where others on the host took processors from this machine. */
export async function measureUndisturbed<T extends Pick<RunRecord, 'stolenShare'>>(
  measure: () => Promise<T>,
): Promise<{ readonly record: T; readonly attempts: number }> {
  let record = await measure();
  let attempts = 1;
  for (; stolen(record) > DISTURBED_SHARE && attempts < MOST_ATTEMPTS; attempts++) {
    console.log('Others on the host took processors from this machine: once more');
    const another = await measure();
    if (stolen(another) < stolen(record)) record = another;
  }
  return { record, attempts };
}

function stolen({ stolenShare = 0 }: Pick<RunRecord, 'stolenShare'>): number {
  return stolenShare;
}

async function measureOne(
  profile: Profile,
  sender: Sender,
  { seconds, seed, frameRate }: RunPlan,
  belongings: Belongings,
): Promise<RunRecord> {
  const relay = await startRelay(profile, seed, belongings);
  try {
    const measured = await sender.run(relay, (page) => measureRun(page, relay, seconds));
    return { profile: profile.name, sender: sender.name, frameRate, ...measured };
  } finally {
    await relay.close();
  }
}

/** A relay that does not outlive the bench. */
export async function startRelay(
  profile: Profile,
  seed: number,
  belongings: Belongings,
): Promise<RelayClient> {
  const relay = await RelayClient.start(profile, seed);
  belongings.add({ close: () => relay.close(), kill: () => relay.kill() });
  return relay;
}
