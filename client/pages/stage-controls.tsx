import { type Signal, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import { canGoFullScreen, toggleFullScreen, useFullScreen } from './full-screen.ts';
import { Icon, type IconName } from './icon.tsx';
import type { SettingsStore } from './settings-store.ts';

/** The controls stay for this long after the pointer rests. */
const SHOWN_MS = 2500;

export interface StageControlsProps {
  readonly root: RefObject<HTMLElement | null>;
  readonly toolbar: RefObject<HTMLDivElement | null>;
  readonly settings: SettingsStore;
  /** Told whether the keyboard is in here, where it must not play the game. */
  readonly focused: Signal<boolean>;
  readonly latencyOpen: Signal<boolean>;
  /** Undefined, as each of these, where there is nothing of the kind to open. */
  readonly helpOpen?: Signal<boolean> | undefined;
  readonly settingsOpen?: Signal<boolean>;
  readonly whyOpen?: Signal<boolean>;
  readonly shareOpen?: Signal<boolean>;
  /** Undefined before there is a session, which then has no machine to ask after. */
  readonly containerName: string | undefined;
  readonly onTouch: boolean;
  readonly pointerLocked: boolean;
  /** Gives the keyboard back to the game. */
  readonly onReturn: () => void;
  readonly onLeave: () => void;
}

/** The quiet cluster in the corner: comes with the pointer, with F2 or a tap, and goes by itself. */
export function StageControls(props: StageControlsProps) {
  const { root, toolbar, settings, focused, latencyOpen, helpOpen, settingsOpen, whyOpen } = props;
  const { shareOpen, containerName, onTouch, pointerLocked, onReturn, onLeave } = props;
  const shown = useReveal(root, pointerLocked);
  const fullScreen = useFullScreen();
  const { volume, muted } = settings.current.value;
  const silent = muted || volume === 0;
  const visible = shown.value || focused.value;

  const onFocusOut = (event: FocusEvent) => {
    const { relatedTarget } = event;
    focused.value =
      relatedTarget instanceof Node && toolbar.current?.contains(relatedTarget) === true;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.preventDefault();
      onReturn();
    } else if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      stepFocus(toolbar.current, event.key === 'ArrowRight' ? 1 : -1);
    }
  };
  /** A mouse click leaves the keyboard with the game; a key press leaves it in here. */
  const pressed = (event: MouseEvent, act: () => void) => {
    act();
    if (event.detail > 0) onReturn();
  };

  return (
    <div class={visible ? 'controls shown' : 'controls'}>
      {onTouch && !visible && (
        <button
          type="button"
          class="control handle"
          aria-label="Game controls"
          onClick={() => {
            shown.value = true;
          }}
        >
          <Icon name="menu" />
        </button>
      )}
      <div
        class="toolbar"
        role="toolbar"
        aria-label="Game controls"
        ref={toolbar}
        onFocusIn={() => {
          focused.value = true;
        }}
        onFocusOut={onFocusOut}
        onKeyDown={onKeyDown}
      >
        {helpOpen !== undefined && (
          <Control
            icon="help"
            label="How to play"
            keyHint="F1"
            pressed={helpOpen.value}
            onClick={(event) =>
              pressed(event, () => {
                helpOpen.value = !helpOpen.value;
              })
            }
          />
        )}
        <Control
          icon="latency"
          label="Latency"
          keyHint="F3"
          pressed={latencyOpen.value}
          onClick={(event) =>
            pressed(event, () => {
              latencyOpen.value = !latencyOpen.value;
            })
          }
        />
        {containerName !== undefined && shareOpen !== undefined && (
          <Control
            icon="share"
            label="Share this game"
            onClick={() => {
              shareOpen.value = true;
            }}
          />
        )}
        {containerName !== undefined && whyOpen !== undefined && (
          <Control
            icon="server"
            label="Why this machine?"
            note={containerName}
            onClick={() => {
              whyOpen.value = true;
            }}
          />
        )}
        <Control
          icon={silent ? 'muted' : 'sound'}
          label={silent ? 'Turn sound on' : 'Mute'}
          onClick={(event) =>
            pressed(event, () =>
              settings.update(silent ? { muted: false, volume: volume || 1 } : { muted: true }),
            )
          }
        />
        <input
          class="slider volume"
          type="range"
          min="0"
          max="1"
          step="0.05"
          aria-label="Volume"
          value={muted ? 0 : volume}
          onInput={(event) =>
            settings.update({ muted: false, volume: event.currentTarget.valueAsNumber })
          }
          onPointerUp={onReturn}
        />
        {settingsOpen !== undefined && (
          <Control
            icon="settings"
            label="Settings"
            onClick={() => {
              settingsOpen.value = true;
            }}
          />
        )}
        {canGoFullScreen() && (
          <Control
            icon={fullScreen.value ? 'exit-full-screen' : 'enter-full-screen'}
            label={fullScreen.value ? 'Leave full screen' : 'Full screen'}
            onClick={(event) =>
              pressed(event, () => {
                if (root.current !== null) void toggleFullScreen(root.current);
              })
            }
          />
        )}
        <Control icon="leave" label="Leave the game" onClick={onLeave} />
      </div>
    </div>
  );
}

interface ControlProps {
  readonly icon: IconName;
  readonly label: string;
  readonly keyHint?: string;
  /** Told with the label, where the pointer rests. */
  readonly note?: string;
  readonly pressed?: boolean;
  readonly onClick: (event: MouseEvent) => void;
}

function Control({ icon, label, keyHint, note = keyHint, pressed, onClick }: ControlProps) {
  return (
    <button
      type="button"
      class="control"
      aria-label={label}
      aria-pressed={pressed}
      aria-keyshortcuts={keyHint}
      data-tip={note === undefined ? label : `${label} · ${note}`}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}

function stepFocus(toolbar: HTMLElement | null, step: number): void {
  const buttons = [...(toolbar?.querySelectorAll('button') ?? [])];
  const index = buttons.findIndex((button) => button.matches(':focus'));
  if (index >= 0) buttons[(index + step + buttons.length) % buttons.length]?.focus();
}

/** True for a while after the pointer moved over the page, which a captured one never does. */
function useReveal(root: RefObject<HTMLElement | null>, pointerLocked: boolean): Signal<boolean> {
  const shown = useSignal(true);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const element = root.current;
    const reveal = () => {
      shown.value = true;
      clearTimeout(timer);
      timer = setTimeout(() => {
        shown.value = false;
      }, SHOWN_MS);
    };
    const onMove = (event: PointerEvent) => {
      if (event.pointerType === 'mouse' && !pointerLocked) reveal();
    };
    if (pointerLocked) shown.value = false;
    else reveal();
    // A tap on the handle shows the controls through the signal; this makes them go again.
    const stop = shown.subscribe((visible) => {
      if (visible) reveal();
    });
    element?.addEventListener('pointermove', onMove);
    return () => {
      stop();
      clearTimeout(timer);
      element?.removeEventListener('pointermove', onMove);
    };
  }, [root, shown, pointerLocked]);
  return shown;
}
