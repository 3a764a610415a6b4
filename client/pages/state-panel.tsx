import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { INTERRUPTED_GRACE_MS } from '../../protocol/session-state.ts';
import type { PlayerSnapshot, PlayerState } from '../player/player-snapshot.ts';
import { Countdown } from './countdown.tsx';
import { Icon } from './icon.tsx';
import { Illustration } from './illustration.tsx';
import { focusElement, useLeavingKeys } from './leaving-keys.ts';
import { goToLibrary } from './navigation.ts';
import { PreparingPanel } from './preparing-panel.tsx';
import { PrintedLines } from './printed-lines.tsx';
import {
  accountOf,
  END_MESSAGES,
  moveSentence,
  PROBLEM_MESSAGES,
  type StateMessage,
} from './state-messages.ts';
import { useNow } from './use-now.ts';
import { WaitingPanel } from './waiting-panel.tsx';

export interface StatePanelProps {
  readonly snapshot: PlayerSnapshot;
  readonly title: string;
  readonly coverUrl: string | undefined;
  /** Whether the game starts by itself when it is the player's turn. */
  readonly automatic: Signal<boolean>;
  readonly onAccept: () => Promise<void>;
  readonly onRestart: () => void;
}

/** What lies over the picture whenever it is not simply being played. */
export function StatePanel(props: StatePanelProps) {
  const { snapshot, title, coverUrl, automatic, onAccept, onRestart } = props;
  const { state, progress } = snapshot;
  switch (state.name) {
    case 'streaming':
      // A page that was hidden until now streams before it has a picture.
      return progress ? (
        <Scrim coverUrl={coverUrl} late>
          <PreparingPanel title={title} progress={progress} />
        </Scrim>
      ) : null;
    case 'idle':
    case 'connecting':
      return (
        <Scrim coverUrl={coverUrl} late>
          {progress ? (
            <PreparingPanel title={title} progress={progress} />
          ) : (
            <Connecting state={state} title={title} />
          )}
        </Scrim>
      );
    case 'waiting':
      return (
        <Scrim coverUrl={coverUrl}>
          <WaitingPanel title={title} waiting={state} automatic={automatic} onAccept={onAccept} />
        </Scrim>
      );
    case 'interrupted':
      return (
        <Scrim overPicture>
          <Interrupted untilMs={state.untilMs} />
        </Scrim>
      );
    case 'ended':
      return (
        <Scrim coverUrl={coverUrl}>
          <Outcome
            message={END_MESSAGES[state.reason]}
            detail={state.detail}
            onRestart={onRestart}
          />
        </Scrim>
      );
    case 'failed':
      return (
        <Scrim coverUrl={coverUrl}>
          <Outcome
            message={PROBLEM_MESSAGES[state.problem]}
            detail={state.message}
            onRestart={onRestart}
          />
        </Scrim>
      );
  }
}

interface ScrimProps {
  readonly coverUrl?: string | undefined;
  /** Dims the last picture instead of covering it. */
  readonly overPicture?: boolean;
  /** Comes in after a moment: most starts are over before it would be seen. */
  readonly late?: boolean;
  readonly children: ComponentChildren;
}

/** A ground over the picture for what is to be read. */
export function Scrim({ coverUrl, overPicture = false, late = false, children }: ScrimProps) {
  return (
    <div class={`scrim${overPicture ? ' over-picture' : ''}${late ? ' late' : ''}`}>
      {coverUrl !== undefined && <img class="scrim-cover" src={coverUrl} alt="" />}
      {children}
    </div>
  );
}

const STEPS = [
  { step: 'signaling', label: 'Reaching Rockpool' },
  { step: 'pairing', label: 'Finding a machine' },
  { step: 'media', label: 'Opening the picture' },
] as const;

function Connecting({ state, title }: { readonly state: PlayerState; readonly title: string }) {
  const step = state.name === 'connecting' ? state.step : 'signaling';
  const isMeasuring = step === 'measuring';
  const moved = state.name === 'connecting' ? state.moved : undefined;
  // It is a part of finding a machine, and not of every start.
  const now = STEPS.findIndex((entry) => entry.step === (isMeasuring ? 'pairing' : step));
  return (
    <section class="panel" role="status">
      <Illustration icon="waves" moving />
      <h2>{moved ? 'Moving to another machine' : `Starting ${title}`}</h2>
      {moved && <p>{moveSentence(moved)} You go on from what was saved last.</p>}
      <ol class="steps">
        {STEPS.map(({ label }, index) => (
          <li
            key={label}
            class={index < now ? 'done' : index === now ? 'now' : ''}
            aria-current={index === now ? 'step' : undefined}
          >
            <span class="step-mark">{index < now && <Icon name="check" />}</span>
            {index === now && isMeasuring ? 'Measuring which machine is nearest' : label}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Interrupted({ untilMs }: { readonly untilMs: number }) {
  const leftMs = Math.max(untilMs - useNow(250), 0);
  const fraction = Math.min(leftMs / INTERRUPTED_GRACE_MS, 1);
  return (
    <section class="panel glass">
      <Countdown fraction={fraction} seconds={Math.ceil(leftMs / 1000)} what="the game is kept" />
      <div role="status">
        <h2>The connection broke</h2>
        <p>Your game is kept for you while Rockpool tries to reach it again by itself.</p>
      </div>
      <div class="panel-actions">
        <button type="button" class="button" onClick={goToLibrary}>
          <Icon name="leave" />
          Leave the game
        </button>
      </div>
    </section>
  );
}

/** The session before leaves its place meanwhile, and the eye sees that something happens. */
const RESTART_AFTER_MS = 1000;

interface OutcomeProps {
  readonly message: StateMessage;
  readonly detail: string | undefined;
  readonly onRestart: () => void;
}

/** How it ended, or why it could not begin, and what to do about it. */
export function Outcome({ message, detail, onRestart }: OutcomeProps) {
  useLeavingKeys();
  const { action, actsByItself = false } = message;
  useEffect(() => {
    if (!actsByItself) return;
    const timer = setTimeout(onRestart, RESTART_AFTER_MS);
    return () => clearTimeout(timer);
  }, [actsByItself, onRestart]);
  const { body, note, lines } = accountOf(message, detail);
  return (
    <section class="panel" role="alert">
      <Illustration icon={message.icon} />
      <h2>{message.title}</h2>
      <p>{body}</p>
      <div class="panel-actions" data-focus-first>
        {action !== 'library' && (
          <button
            type="button"
            class="button primary"
            ref={focusElement}
            onClick={action === 'reload' ? () => location.reload() : onRestart}
          >
            <Icon name="retry" />
            {message.actionLabel}
          </button>
        )}
        <button
          type="button"
          class={action === 'library' ? 'button primary' : 'button'}
          ref={action === 'library' ? focusElement : null}
          onClick={goToLibrary}
        >
          {action === 'library' ? message.actionLabel : 'Back to the library'}
        </button>
      </div>
      {note !== undefined && <p class="detail">{note}</p>}
      {lines !== undefined && <PrintedLines lines={lines} title={message.linesTitle} />}
    </section>
  );
}
