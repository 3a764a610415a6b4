import type { GameId } from '../../protocol/ids.ts';
import {
  type ChannelListing,
  channelPath,
  type ReleaseListing,
  ROLLOUT_STEPS,
} from '../../protocol/studio-releases.ts';
import { buildName, channelNote, givenSentence, givenWords } from './release-words.ts';
import { Card, ConfirmButton, CopyField, When } from './studio-parts.tsx';
import type { ReleaseActions } from './studio-releases.tsx';

export interface StudioChannelProps {
  readonly gameId: GameId;
  readonly channel: ChannelListing;
  readonly nowMs: number;
  /** Undefined for who may only look. */
  readonly actions: ReleaseActions | undefined;
  readonly busy: boolean;
}

/** What players of one channel get, how far it is rolled out, and what was before. */
export function StudioChannel({ gameId, channel, nowMs, actions, busy }: StudioChannelProps) {
  const { channel: name, releases, rollBackTo } = channel;
  const [now, ...before] = releases;
  if (now === undefined) return null;
  return (
    <Card
      title={name}
      note={channelNote(name)}
      action={
        actions !== undefined &&
        rollBackTo !== null && (
          <ConfirmButton
            label={`Roll back to ${buildName(rollBackTo.build)}`}
            question={`Give ${name} ${buildName(rollBackTo.build)} again?`}
            about={`on ${name}`}
            busy={busy}
            onConfirm={() => void actions.rollBack(name, undefined)}
          />
        )
      }
    >
      <p class="release-now">{givenSentence(now)}</p>
      <Rollout name={name} now={now} actions={actions} busy={busy} />
      <CopyField
        label={`Link to ${name}`}
        text={new URL(channelPath(gameId, name), location.href).href}
      />
      <details class="release-past">
        <summary>History</summary>
        <ul class="studio-rows">
          <PastRelease release={now} nowMs={nowMs} busy={busy} note="now" />
          {before.map((release) => (
            <PastRelease
              key={release.releaseId}
              release={release}
              nowMs={nowMs}
              busy={busy}
              note={release.isThere ? undefined : 'deleted'}
              onBack={
                actions && release.isThere && (() => void actions.rollBack(name, release.releaseId))
              }
            />
          ))}
        </ul>
      </details>
    </Card>
  );
}

interface RolloutProps {
  readonly name: string;
  readonly now: ReleaseListing;
  readonly actions: ReleaseActions | undefined;
  readonly busy: boolean;
}

/** How many of the players have the newer build, and the steps to more of them. */
function Rollout({ name, now, actions, busy }: RolloutProps) {
  const { build, percent, before } = now;
  if (percent >= 100 || before === null) return null;
  return (
    <div class="release-rollout">
      <meter
        min={0}
        max={100}
        value={percent}
        aria-label={`Players of ${name} that get ${buildName(build)}, in percent`}
      />
      {actions !== undefined && (
        <fieldset class="release-steps">
          <legend class="visually-hidden">Give {buildName(build)} to more</legend>
          {ROLLOUT_STEPS.filter((step) => step > percent).map((step) => (
            <button
              key={step}
              type="button"
              class="button studio-small"
              aria-disabled={busy}
              onClick={() =>
                void actions.release(name, { buildNumber: build.number, percent: step })
              }
            >
              {step < 100 ? `${step} %` : 'All'}
            </button>
          ))}
        </fieldset>
      )}
    </div>
  );
}

interface PastReleaseProps {
  readonly release: ReleaseListing;
  readonly nowMs: number;
  readonly busy: boolean;
  readonly note?: string | undefined;
  readonly onBack?: (() => void) | false | undefined;
}

function PastRelease({ release, nowMs, busy, note, onBack }: PastReleaseProps) {
  const { byName, atMs } = release;
  const words = givenWords(release);
  return (
    <li>
      <div>
        <b>{words}</b> {note !== undefined && <span class="tag">{note}</span>}
        <small>
          {byName}, <When atMs={atMs} nowMs={nowMs} />
        </small>
      </div>
      {onBack && (
        <ConfirmButton
          label="Back to this"
          question="Give players this again?"
          about={words}
          busy={busy}
          onConfirm={onBack}
        />
      )}
    </li>
  );
}
