import { type Signal, useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useCallback, useEffect, useRef } from 'preact/hooks';
import type { GameListing } from '../../protocol/game-info.ts';
import type { GameId } from '../../protocol/ids.ts';
import type { Channel } from '../../protocol/studio-builds.ts';
import { GuestNotice } from './guest-notice.tsx';
import { HowToPlay } from './how-to-play.tsx';
import { Icon } from './icon.tsx';
import { useInputMode } from './input-mode.ts';
import { LatencyOverlay } from './latency-overlay.tsx';
import { MoveNotice } from './move-notice.tsx';
import { goToLibrary } from './navigation.ts';
import { usePageTitle } from './page-title.ts';
import { type Shortcut, usePlayShortcuts } from './play-shortcuts.ts';
import { SettingsDialog } from './settings-dialog.tsx';
import type { SettingsStore } from './settings-store.ts';
import { ShareDialog } from './share-dialog.tsx';
import { SoundPill, Stage } from './stage.tsx';
import { StageControls } from './stage-controls.tsx';
import { StatePanel } from './state-panel.tsx';
import { TouchPad } from './touch-pad.tsx';
import { usePlayer } from './use-player.ts';
import { WhyDialog } from './why-dialog.tsx';

/** Long enough to read six lines, short enough not to be in the way of the first wave. */
const FIRST_HELP_MS = 9000;

export interface PlaySessionProps {
  readonly gameId: GameId;
  /** Of a studio's game; undefined: the live one. */
  readonly channel: Channel | undefined;
  readonly listing: GameListing | undefined;
  readonly settings: SettingsStore;
  /** Whether the game starts by itself when it is the player's turn. */
  readonly automatic: Signal<boolean>;
  readonly latencyOpen: Signal<boolean>;
  readonly onRestart: () => void;
}

/** The stage of one session and everything that lies over it. */
export function PlaySession(props: PlaySessionProps) {
  const { gameId, channel, listing, settings, automatic, latencyOpen, onRestart } = props;
  const root = useRef<HTMLElement>(null);
  const toolbar = useRef<HTMLDivElement>(null);
  const helpOpen = useSignal(false);
  const settingsOpen = useSignal(false);
  const whyOpen = useSignal(false);
  const shareOpen = useSignal(false);
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
  const { stage, video, player, snapshot } = usePlayer(gameId, settings, { channel });

  const streaming = useComputed(() => snapshot.value.state.name === 'streaming');
  const game = snapshot.value.game ?? listing;
  const stateName = snapshot.value.state.name;
  const over = stateName === 'ended' || stateName === 'failed';
  const title = game?.title ?? gameId;
  usePageTitle(title);

  useSignalEffect(() => {
    const dialogOpen = settingsOpen.value || whyOpen.value || shareOpen.value;
    player.value?.setInputEnabled(!dialogOpen && !controlsFocused.value);
  });
  useSignalEffect(() => {
    if (!streaming.value) return;
    if (!settingsOpen.peek() && !whyOpen.peek() && !shareOpen.peek())
      stage.current?.focus({ preventScroll: true });
  });
  useEffect(() => {
    if (!streaming.value || !settings.isFirstStart(gameId)) return;
    helpOpen.value = true;
    const timer = setTimeout(() => {
      helpOpen.value = false;
    }, FIRST_HELP_MS);
    return () => clearTimeout(timer);
  }, [streaming.value, settings, gameId, helpOpen]);

  const onTouch = mode.value === 'touch';
  const capture = () => {
    if (!game?.pointerLock || !streaming.value || snapshot.value.pointerLocked || onTouch) return;
    player.value?.requestPointerLock().catch((cause: unknown) => {
      // Browsers refuse for a second after Esc. The hint is still there; the next click asks again.
      console.error('The browser did not give the mouse.', cause);
    });
  };
  const returnToGame = () => stage.current?.focus({ preventScroll: true });
  const { pointerLocked, soundBlocked, containerName, sharing } = snapshot.value;
  const started = player.value;

  return (
    <main class={onTouch ? 'play on-touch' : 'play'} ref={root}>
      <h1 class="visually-hidden">{title}</h1>
      <Stage stage={stage} video={video} title={title} onClick={capture} />
      {streaming.value && player.value !== undefined && onTouch && game !== undefined && (
        <TouchPad pad={player.value.virtualPad} game={game} />
      )}
      <StatePanel
        snapshot={snapshot.value}
        title={title}
        coverUrl={listing?.coverUrl ?? undefined}
        automatic={automatic}
        onAccept={async () => player.value?.acceptOffer()}
        onRestart={onRestart}
      />
      <div class="hints">
        <MoveNotice snapshot={snapshot.value} />
        {sharing !== undefined && <GuestNotice guests={sharing.guests} />}
        {streaming.value && soundBlocked && (
          <SoundPill
            onTouch={onTouch}
            onEnable={() => {
              void player.value?.enableSound();
              returnToGame();
            }}
          />
        )}
        {streaming.value && game?.pointerLock && !pointerLocked && !onTouch && (
          <button type="button" class="pill" onClick={capture}>
            <Icon name="mouse" />
            Click to steer with the mouse<span class="pill-note"> Esc frees it</span>
          </button>
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
      {!over && (
        <StageControls
          root={root}
          toolbar={toolbar}
          settings={settings}
          focused={controlsFocused}
          latencyOpen={latencyOpen}
          helpOpen={helpOpen}
          settingsOpen={settingsOpen}
          whyOpen={whyOpen}
          shareOpen={shareOpen}
          containerName={containerName}
          onTouch={onTouch}
          pointerLocked={pointerLocked}
          onReturn={returnToGame}
          onLeave={goToLibrary}
        />
      )}
      <SettingsDialog open={settingsOpen} store={settings} onClosed={returnToGame} />
      {started !== undefined && (
        <WhyDialog open={whyOpen} explain={() => started.explain()} onClosed={returnToGame} />
      )}
      {started !== undefined && (
        <ShareDialog
          open={shareOpen}
          title={title}
          sharing={sharing}
          share={(request) => started.share(request)}
          onClosed={returnToGame}
        />
      )}
    </main>
  );
}
