import { useSignal } from '@preact/signals';
import { useContext, useId } from 'preact/hooks';
import type { ManifestProposal } from '../../protocol/build-report.ts';
import type { GameId } from '../../protocol/ids.ts';
import type { StudioMembership } from '../../protocol/studio-messages.ts';
import { StudioContext } from './studio-context.ts';
import { Choice, Field, Problem } from './studio-parts.tsx';
import { useTask } from './use-task.ts';

const CONFIDENCE: Readonly<Record<ManifestProposal['confidence'], string>> = {
  certain: 'This is',
  likely: 'This is probably',
  guess: 'This may be',
};

const RUNTIMES = [
  { value: 'web', words: 'A web page' },
  { value: 'linux', words: 'A Linux program' },
] as const;
type Runtime = (typeof RUNTIMES)[number]['value'];

const PICTURES = ['1280 × 720', '1920 × 1080', '2560 × 1440', '3840 × 2160'].map((words) => ({
  value: words,
  words,
}));
const RATES = ['30', '60', '120'].map((value) => ({ value, words: `${value} frames a second` }));

const INPUTS = [
  { value: 'keyboard', words: 'Keyboard' },
  { value: 'mouse', words: 'Mouse' },
  { value: 'gamepad', words: 'Gamepad' },
  { value: 'touch', words: 'Touch' },
] as const;
type Input = (typeof INPUTS)[number]['value'];

export interface StudioConfirmProps {
  readonly studio: StudioMembership;
  readonly gameId: GameId;
  readonly number: number;
  readonly proposal: ManifestProposal;
  readonly mayConfirm: boolean;
  readonly onConfirmed: () => void;
}

/** What a build without a `rockpool.json` is taken for, to be put right by who knows it. */
export function StudioConfirm(props: StudioConfirmProps) {
  const { studio, gameId, number, proposal, mayConfirm, onConfirmed } = props;
  const { requests } = useContext(StudioContext);
  const { manifest, kind, confidence, reasons, alternatives, questions } = proposal;
  const title = useSignal(manifest.title);
  const summary = useSignal('');
  const runtime = useSignal<Runtime>(manifest.runtime);
  const entry = useSignal(manifest.entry);
  const words = useSignal((manifest.arguments ?? []).join('\n'));
  const saves = useSignal((manifest.saves ?? []).join('\n'));
  const picture = useSignal(PICTURES[0]?.value ?? '');
  const rate = useSignal('60');
  const inputs = useSignal<readonly Input[]>(['keyboard', 'mouse']);
  const pointerLock = useSignal(false);
  const task = useTask();
  const confirm = async () => {
    const [width = 1280, height = 720] = picture.peek().split(' × ').map(Number);
    const { packages, cover } = manifest;
    await requests.confirmBuild(studio.slug, gameId, number, {
      manifest: {
        title: title.peek().trim(),
        summary: summary.peek().trim(),
        runtime: runtime.peek(),
        entry: entry.peek().trim(),
        arguments: linesOf(words.peek()),
        saves: linesOf(saves.peek()),
        resolution: { width, height },
        frameRate: Number(rate.peek()),
        inputs: [...inputs.peek()],
        pointerLock: pointerLock.peek(),
        ...(packages && { packages }),
        ...(cover !== undefined && { cover }),
      },
    });
    onConfirmed();
  };
  return (
    <form
      class="studio-form build-confirm"
      onSubmit={(event) => {
        event.preventDefault();
        void task.run(confirm);
      }}
    >
      <p>
        {CONFIDENCE[confidence]} <b>{kind}</b>. It has no <code>rockpool.json</code>: look through
        what it would say.
      </p>
      <ul class="build-notes">
        {reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
        {questions.map(({ question }) => (
          <li key={question}>{question}</li>
        ))}
      </ul>
      <div class="confirm-fields">
        <Field label="Title" maxLength={80} value={title.value} onInput={set(title)} />
        <Choice label="It is" options={RUNTIMES} value={runtime.value} onChange={set(runtime)} />
        <Field label="Entry" maxLength={1024} value={entry.value} onInput={set(entry)} />
        <Choice label="Picture" options={PICTURES} value={picture.value} onChange={set(picture)} />
        <Choice label="At most" options={RATES} value={rate.value} onChange={set(rate)} />
        <Lines label="Arguments, one a line" value={words.value} onInput={set(words)} />
        <Lines
          label="Saves: files and folders of its home folder, one a line"
          value={saves.value}
          onInput={set(saves)}
        />
        <Lines
          label="Summary, a sentence or two"
          maxLength={280}
          value={summary.value}
          onInput={set(summary)}
        />
      </div>
      {alternatives.length > 0 && (
        <div class="confirm-alternatives">
          <span class="studio-note">It might also be</span>
          {alternatives.map((other) => (
            <button
              key={other.entry}
              type="button"
              class="button studio-small"
              title={other.reason}
              onClick={() => {
                runtime.value = other.runtime;
                entry.value = other.entry;
              }}
            >
              {other.entry}
            </button>
          ))}
        </div>
      )}
      <fieldset class="studio-field confirm-inputs">
        <legend>Played with</legend>
        {INPUTS.map(({ value, words: label }) => (
          <label key={value} class="studio-check">
            <input
              type="checkbox"
              checked={inputs.value.includes(value)}
              onChange={({ currentTarget }) => {
                const others = inputs.peek().filter((one) => one !== value);
                inputs.value = currentTarget.checked ? [...others, value] : others;
              }}
            />
            <span>{label}</span>
          </label>
        ))}
        <label class="studio-check">
          <input
            type="checkbox"
            checked={pointerLock.value}
            onChange={({ currentTarget }) => {
              pointerLock.value = currentTarget.checked;
            }}
          />
          <span>It takes the pointer, as first-person games do</span>
        </label>
      </fieldset>
      <Problem task={task} />
      {mayConfirm ? (
        <button type="submit" class="button primary" aria-disabled={task.busy.value}>
          Confirm, and try it out
        </button>
      ) : (
        <p class="studio-note">An owner or developer of the studio confirms it.</p>
      )}
    </form>
  );
}

interface LinesProps {
  readonly label: string;
  readonly value: string;
  readonly maxLength?: number;
  readonly onInput: (value: string) => void;
}

function Lines({ label, value, maxLength = 4096, onInput }: LinesProps) {
  const id = useId();
  return (
    <div class="studio-field">
      <label for={id}>{label}</label>
      <textarea
        id={id}
        rows={2}
        spellcheck={false}
        maxLength={maxLength}
        value={value}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
    </div>
  );
}

function set<T>(target: { value: T }): (value: T) => void {
  return (value) => {
    target.value = value;
  };
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
