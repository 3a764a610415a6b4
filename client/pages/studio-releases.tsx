import '../styles/studio-releases.css';
import { type Signal, useSignal } from '@preact/signals';
import { useContext } from 'preact/hooks';
import { ROLE_ACTIONS } from '../../protocol/studio-access.ts';
import type { Channel, ReleaseId } from '../../protocol/studio-builds.ts';
import type { Channels, MakeRelease, ReleaseListing } from '../../protocol/studio-releases.ts';
import { givenSentence } from './release-words.ts';
import { StudioChannel } from './studio-channel.tsx';
import { StudioContext } from './studio-context.ts';
import type { GameTabProps } from './studio-game.tsx';
import { Card, Problem } from './studio-parts.tsx';
import { ReleaseForm } from './studio-release-form.tsx';
import { useLoaded } from './use-loaded.ts';
import { useTask } from './use-task.ts';

/** What was changed here a moment ago, and how it is taken back. */
interface Undo {
  readonly words: string;
  readonly channel: Channel;
  /** What was there before; undefined for the first release of a channel. */
  readonly to: ReleaseId | undefined;
}

/** Changes to what players get. */
export interface ReleaseActions {
  readonly release: (channel: Channel, wish: MakeRelease) => Promise<boolean>;
  /** @param to undefined: what was before the last one. */
  readonly rollBack: (channel: Channel, to: ReleaseId | undefined) => Promise<boolean>;
}

/** What players of a game get, channel by channel, and what they got before. */
export function StudioReleases({ studio, gameId }: GameTabProps) {
  const { requests } = useContext(StudioContext);
  const { slug } = studio;
  const key = `${slug}/${gameId}`;
  const loaded = useLoaded(key, () => requests.channels(slug, gameId));
  const changed = useSignal<Channels | undefined>(undefined);
  const undo = useSignal<Undo | undefined>(undefined);
  const task = useTask();
  const shown = changed.value ?? loaded.value.value;
  const mayRelease = ROLE_ACTIONS[studio.role].has('releases:write');

  const lastOf = (channel: Channel) => releasesOf(shown, channel)[0]?.releaseId;
  const change = (channel: Channel, work: () => Promise<Channels>) => {
    const to = lastOf(channel);
    return task.run(async () => {
      const after = await work();
      changed.value = after;
      const [now] = releasesOf(after, channel);
      undo.value = now && { words: `${channel}: ${givenSentence(now)}`, channel, to };
    });
  };
  const actions: ReleaseActions = {
    release: (channel, wish) =>
      change(channel, () => requests.release(slug, gameId, channel, wish)),
    rollBack: (channel, to) => change(channel, () => requests.rollBack(slug, gameId, channel, to)),
  };

  return (
    <div class="studio-cards release-cards">
      <div class="studio-column">
        {loaded.failure.value !== undefined && <p class="studio-problem">{loaded.failure.value}</p>}
        <Undone undo={undo} actions={actions} busy={task.busy.value} />
        <Problem task={task} />
        {shown === undefined ? (
          <div class="skeleton rows" role="status">
            <span class="visually-hidden">Reading what is released</span>
            <div class="bone" />
          </div>
        ) : (
          mayRelease && <ReleaseForm channels={shown} actions={actions} busy={task.busy.value} />
        )}
      </div>
      {shown !== undefined && (
        <div class="studio-column">
          {shown.channels.map((channel) => (
            <StudioChannel
              key={channel.channel}
              gameId={gameId}
              channel={channel}
              nowMs={shown.nowMs}
              actions={mayRelease ? actions : undefined}
              busy={task.busy.value}
            />
          ))}
          {shown.channels.length === 0 && (
            <Card title="Nothing is released yet">
              <p class="studio-note">
                {shown.ready.length > 0
                  ? 'Release a build, and whoever opens the game plays it.'
                  : 'Upload a build first. Once it has been checked and tried out, it can be released here.'}
              </p>
            </Card>
          )}
        </div>
      )}
    </div>
  );
}

function releasesOf(channels: Channels | undefined, channel: Channel): readonly ReleaseListing[] {
  return channels?.channels.find((one) => one.channel === channel)?.releases ?? [];
}

interface UndoneProps {
  readonly undo: Signal<Undo | undefined>;
  readonly actions: ReleaseActions;
  readonly busy: boolean;
}

/** What has just been done, with a way back. */
function Undone({ undo, actions, busy }: UndoneProps) {
  const done = undo.value;
  return (
    <div class="studio-undo" role="status">
      {done !== undefined && (
        <p class="notice">
          <span>{done.words}</span>
          {done.to !== undefined && (
            <button
              type="button"
              class="button studio-small"
              aria-disabled={busy}
              onClick={() => void actions.rollBack(done.channel, done.to)}
            >
              Undo
            </button>
          )}
        </p>
      )}
    </div>
  );
}
