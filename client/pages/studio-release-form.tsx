import { useSignal } from '@preact/signals';
import { channelSchema, LIVE_CHANNEL } from '../../protocol/studio-builds.ts';
import { type Channels, ROLLOUT_STEPS } from '../../protocol/studio-releases.ts';
import { buildTitle, givenSentence, playingSentence } from './release-words.ts';
import { Card, Choice, Field } from './studio-parts.tsx';
import type { ReleaseActions } from './studio-releases.tsx';

const OTHER = '';

export interface ReleaseFormProps {
  readonly channels: Channels;
  readonly actions: ReleaseActions;
  readonly busy: boolean;
}

/** Gives a build to players. What concerns all players of the live channel is asked about once more. */
export function ReleaseForm({ channels, actions, busy }: ReleaseFormProps) {
  const { ready, playing } = channels;
  const number = useSignal<string | undefined>(undefined);
  const channel = useSignal<string>(LIVE_CHANNEL);
  const otherChannel = useSignal('');
  const percent = useSignal('100');
  const sure = useSignal(false);
  const build = ready.find((one) => String(one.number) === number.value) ?? ready[0];
  if (build === undefined) return null;

  const name = channel.value === OTHER ? otherChannel.value : channel.value;
  const known = channels.channels.find((one) => one.channel === name);
  const [current] = known?.releases ?? [];
  const ground = current && current.percent < 100 ? current.before : current?.build;
  const canBeSome = ground !== undefined && ground !== null && ground.number !== build.number;
  const share = canBeSome ? Number(percent.value) : 100;
  const given = { build, percent: share, before: share < 100 ? (ground ?? null) : null };
  const isSame =
    current?.build.number === build.number &&
    current.percent === share &&
    (share === 100 || current.before?.number === ground?.number);
  const channelNames = new Set([LIVE_CHANNEL, ...channels.channels.map((one) => one.channel)]);
  const isNamed = channelSchema.safeParse(name).success;
  // Nobody is taken by surprise on a channel that has no players yet.
  const asksTwice = name === LIVE_CHANNEL && current !== undefined;
  const change = (set: () => void) => {
    sure.value = false;
    set();
  };

  return (
    <Card title="Release a build" note={playingSentence(playing)}>
      <form
        class="studio-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (busy || isSame || !isNamed) return;
          if (asksTwice && !sure.peek()) {
            sure.value = true;
            return;
          }
          sure.value = false;
          void actions.release(name, { buildNumber: build.number, percent: share });
        }}
      >
        <div class="release-choices">
          <Choice
            label="Build"
            options={ready.map((one) => ({
              value: String(one.number),
              words: `${one.number}${one.label === '' ? '' : ` · ${one.label}`}`,
            }))}
            value={String(build.number)}
            onChange={(chosen) =>
              change(() => {
                number.value = chosen;
              })
            }
          />
          <Choice
            label="Channel"
            options={[
              ...[...channelNames].map((one) => ({ value: one, words: one })),
              { value: OTHER, words: 'another …' },
            ]}
            value={channel.value}
            onChange={(chosen) =>
              change(() => {
                channel.value = chosen;
              })
            }
          />
          {canBeSome && (
            <Choice
              label="Players"
              options={ROLLOUT_STEPS.map((step) => ({
                value: String(step),
                words: step < 100 ? `${step} %` : 'all',
              }))}
              value={percent.value}
              onChange={(chosen) =>
                change(() => {
                  percent.value = chosen;
                })
              }
            />
          )}
        </div>
        {channel.value === OTHER && (
          <>
            <Field
              label="Name of the channel"
              placeholder="beta"
              maxLength={32}
              value={otherChannel.value}
              onInput={(text) =>
                change(() => {
                  otherChannel.value = text.trim().toLowerCase();
                })
              }
            />
            {name !== '' && !isNamed && (
              <p class="studio-note">Lower-case letters, digits and dashes, such as beta.</p>
            )}
          </>
        )}
        <p class="studio-note" role="status">
          {isSame
            ? `Players of ${name} get exactly this already.`
            : isNamed
              ? `From then on, on ${name}: ${givenSentence(given)}`
              : 'Name the channel.'}
        </p>
        <button
          type="submit"
          class={sure.value ? 'button studio-danger' : 'button primary'}
          aria-disabled={busy || isSame || !isNamed}
        >
          {sure.value
            ? `Really give ${share < 100 ? `${share} % of the` : 'all'} players ${buildTitle(build)}?`
            : 'Release'}
        </button>
      </form>
    </Card>
  );
}
