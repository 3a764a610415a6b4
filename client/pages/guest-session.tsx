import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useCallback, useRef } from 'preact/hooks';
import type { GameListing } from '../../protocol/game-info.ts';
import type { GameId } from '../../protocol/ids.ts';
import type { PlayerSnapshot } from '../player/player-snapshot.ts';
import {
  guestEndMessage,
  guestProblemMessage,
  guestTrouble,
  ownStandingWords,
} from './guest-words.ts';
import { HowToPlay } from './how-to-play.tsx';
import { Illustration } from './illustration.tsx';
import { useInputMode } from './input-mode.ts';
import { LatencyOverlay } from './latency-overlay.tsx';
import { goToLibrary } from './navigation.ts';
import { usePageTitle } from './page-title.ts';
import { type Shortcut, usePlayShortcuts } from './play-shortcuts.ts';
import type { SettingsStore } from './settings-store.ts';
import { SoundPill, Stage } from './stage.tsx';
import { StageControls } from './stage-controls.tsx';
import { Outcome, Scrim } from './state-panel.tsx';
import { TouchPad } from './touch-pad.tsx';
import { usePassing } from './use-passing.ts';
import { usePlayer } from './use-player.ts';

export interface GuestSessionProps {
  /** Of the link. */
  readonly invite: string;
  readonly gameId: GameId;
  readonly listing: GameListing | undefined;
  readonly settings: SettingsStore;
  readonly onRestart: () => void;
}

/** The stage of somebody's game, as a guest sees it. */
export function GuestSession({ invite, gameId, listing, settings, onRestart }: GuestSessionProps) {
  const root = useRef<HTMLElement>(null);
  const toolbar = useRef<HTMLDivElement>(null);
  const helpOpen = useSignal(false);
  const latencyOpen = useSignal(false);
  const controlsFocused = useSignal(false);
  const mode = useInputMode();
  const handleShortcut = useCallback(
    (shortcut: Shortcut) => {
      if (shortcut === 'latency') latencyOpen.value = !latencyOpen.value;
      else if (shortcut === 'how-to-play') helpOpen.value = !helpOpen.value;
      else toolbar.current?.querySelector('button')?.focus();
    },
    [latencyOpen, helpOpen],
  );
  usePlayShortcuts(handleShortcut);
  const { stage, video, player, snapshot } = usePlayer(gameId, settings, { invite });
  const streaming = useComputed(() => snapshot.value.state.name === 'streaming');
  const { state, game = listing, guest, soundBlocked, pointerLocked } = snapshot.value;
  const title = game?.title ?? gameId;
  const standing = usePassing(guest && streaming.value ? ownStandingWords(guest) : undefined);
  const trouble = guest && streaming.value ? guestTrouble(guest) : undefined;
  const plays = guest !== undefined && guest.player !== null && guest.rights !== 'none';
  const onTouch = mode.value === 'touch';
  usePageTitle(title);

  useSignalEffect(() => {
    player.value?.setInputEnabled(!controlsFocused.value);
  });
  useSignalEffect(() => {
    if (streaming.value) stage.current?.focus({ preventScroll: true });
  });

  const capture = () => {
    const wanted = game?.pointerLock && guest?.rights === 'all' && streaming.value && !onTouch;
    if (!wanted || pointerLocked) return;
    player.value?.requestPointerLock().catch((cause: unknown) => {
      // Browsers refuse for a second after Esc; the next click asks again.
      console.error('The browser did not give the mouse.', cause);
    });
  };
  const returnToGame = () => stage.current?.focus({ preventScroll: true });
  return (
    <main class={onTouch ? 'play on-touch' : 'play'} ref={root}>
      <h1 class="visually-hidden">{title}</h1>
      <Stage stage={stage} video={video} title={title} onClick={capture} />
      {streaming.value && plays && player.value !== undefined && onTouch && game !== undefined && (
        <TouchPad pad={player.value.virtualPad} game={game} />
      )}
      <GuestPanel
        state={state}
        title={title}
        coverUrl={listing?.coverUrl ?? undefined}
        onRestart={onRestart}
      />
      <div class="hints">
        <div role="status" class="guest-notice">
          {(trouble ?? standing.value) !== undefined && (
            <p class="pill">{trouble ?? standing.value}</p>
          )}
        </div>
        {streaming.value && soundBlocked && (
          <SoundPill
            onTouch={onTouch}
            onEnable={() => {
              void player.value?.enableSound();
              returnToGame();
            }}
          />
        )}
      </div>
      {latencyOpen.value && <LatencyOverlay snapshot={snapshot.value} />}
      {helpOpen.value && game !== undefined && (
        <HowToPlay
          game={game}
          onTouch={onTouch}
          onClose={() => {
            helpOpen.value = false;
            returnToGame();
          }}
        />
      )}
      {state.name !== 'ended' && state.name !== 'failed' && (
        <StageControls
          root={root}
          toolbar={toolbar}
          settings={settings}
          focused={controlsFocused}
          latencyOpen={latencyOpen}
          helpOpen={plays ? helpOpen : undefined}
          containerName={undefined}
          onTouch={onTouch}
          pointerLocked={pointerLocked}
          onReturn={returnToGame}
          onLeave={goToLibrary}
        />
      )}
    </main>
  );
}

interface GuestPanelProps extends Pick<PlayerSnapshot, 'state'> {
  readonly title: string;
  readonly coverUrl: string | undefined;
  readonly onRestart: () => void;
}

/** What lies over the picture whenever it is not simply being seen. */
function GuestPanel({ state, title, coverUrl, onRestart }: GuestPanelProps) {
  switch (state.name) {
    case 'streaming':
      return null;
    case 'ended':
      return (
        <Scrim coverUrl={coverUrl}>
          <Outcome
            message={guestEndMessage(state.reason)}
            detail={state.detail}
            onRestart={onRestart}
          />
        </Scrim>
      );
    case 'failed':
      return (
        <Scrim coverUrl={coverUrl}>
          <Outcome
            message={guestProblemMessage(state.problem)}
            detail={state.message}
            onRestart={onRestart}
          />
        </Scrim>
      );
    case 'interrupted':
      return (
        <Scrim overPicture>
          <section class="panel glass" role="status">
            <h2>Your connection broke</h2>
            <p>The game goes on. Rockpool tries to bring you back by itself.</p>
          </section>
        </Scrim>
      );
    default:
      return (
        <Scrim coverUrl={coverUrl} late>
          <section class="panel" role="status">
            <Illustration icon="waves" moving />
            <h2>Joining {title}</h2>
          </section>
        </Scrim>
      );
  }
}
