import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useId } from 'preact/hooks';
import { FRAME_RATES, RESOLUTIONS, VIDEO_CODECS } from '../../protocol/stream-settings.ts';
import { BITRATE_STEPS, bitrateAtStep, stepOfBitrate } from './bitrate-scale.ts';
import { codecName, formatBitrate } from './display-units.ts';
import { Modal } from './modal.tsx';
import { DEFAULT_SETTINGS, type Settings, type SettingsStore } from './settings-store.ts';

/** How long a reset can be taken back. */
const UNDO_MS = 8000;

export interface SettingsDialogProps {
  readonly open: Signal<boolean>;
  readonly store: SettingsStore;
  readonly onClosed?: () => void;
}

/** Stream and sound; every change applies at once and is kept on this device. */
export function SettingsDialog({ open, store, onClosed }: SettingsDialogProps) {
  return (
    <Modal open={open} title="Settings" closeLabel="Close settings" onClosed={onClosed}>
      {(close) => <SettingsForm store={store} onDone={close} />}
    </Modal>
  );
}

interface SettingsFormProps {
  readonly store: SettingsStore;
  readonly onDone: () => void;
}

function SettingsForm({ store, onDone }: SettingsFormProps) {
  const { stream } = store.current.value;
  const change = (patch: Partial<Settings['stream']>) =>
    store.update({ stream: { ...store.current.peek().stream, ...patch } });
  const resolutionId = useId();
  const chosen =
    stream.resolution === 'auto'
      ? 'auto'
      : nameOf(stream.resolution.width, stream.resolution.height);
  return (
    <>
      <div class="field">
        <label for={resolutionId}>Resolution</label>
        <div class="select">
          <select
            id={resolutionId}
            autofocus
            value={chosen}
            onChange={(event) => {
              const name = event.currentTarget.value;
              const size = RESOLUTIONS.find(({ width, height }) => nameOf(width, height) === name);
              change({ resolution: size ?? 'auto' });
            }}
          >
            <option value="auto">Automatic</option>
            {RESOLUTIONS.map(({ width, height }) => (
              <option key={width} value={nameOf(width, height)}>
                {nameOf(width, height)}
              </option>
            ))}
          </select>
        </div>
        <p class="field-note">Automatic is what the machine keeps up with.</p>
      </div>
      <fieldset class="field">
        <legend>Frames a second</legend>
        <div class="segments">
          {FRAME_RATES.map((rate) => (
            <label key={rate}>
              <input
                type="radio"
                name="frame-rate"
                checked={stream.frameRate === rate}
                onChange={() => change({ frameRate: rate })}
              />
              <span>{rate}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <BitrateField
        bitrateBps={stream.maxBitrateBps}
        onChange={(maxBitrateBps) => change({ maxBitrateBps })}
      />
      <CodecField codec={stream.codec} onChange={(codec) => change({ codec })} />
      <VolumeField store={store} />
      <Reset store={store} onDone={onDone} />
    </>
  );
}

function nameOf(width: number, height: number): string {
  return `${width} × ${height}`;
}

interface BitrateFieldProps {
  readonly bitrateBps: number;
  readonly onChange: (bitrateBps: number) => void;
}

function BitrateField({ bitrateBps, onChange }: BitrateFieldProps) {
  const id = useId();
  // While it is dragged only the label follows: each new ceiling reconfigures the encoder.
  const dragged = useSignal<number | undefined>(undefined);
  const shownBps = dragged.value ?? bitrateBps;
  return (
    <div class="field">
      <label for={id}>Bitrate ceiling</label>
      <output for={id}>{formatBitrate(shownBps)}</output>
      <input
        id={id}
        class="slider"
        type="range"
        min="0"
        max={BITRATE_STEPS}
        value={stepOfBitrate(shownBps)}
        aria-valuetext={formatBitrate(shownBps)}
        onInput={(event) => {
          dragged.value = bitrateAtStep(event.currentTarget.valueAsNumber);
        }}
        onChange={(event) => {
          dragged.value = undefined;
          onChange(bitrateAtStep(event.currentTarget.valueAsNumber));
        }}
      />
      <p class="field-note">The most the picture may use of your connection.</p>
    </div>
  );
}

interface CodecFieldProps {
  readonly codec: Settings['stream']['codec'];
  readonly onChange: (codec: Settings['stream']['codec']) => void;
}

function CodecField({ codec, onChange }: CodecFieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>Video codec</label>
      <div class="select">
        <select
          id={id}
          value={codec}
          onChange={(event) => {
            const chosen = event.currentTarget.value;
            onChange(VIDEO_CODECS.find((one) => one === chosen) ?? 'auto');
          }}
        >
          <option value="auto">Automatic</option>
          {VIDEO_CODECS.map((one) => (
            <option key={one} value={one}>
              {codecName(one)}
            </option>
          ))}
        </select>
      </div>
      <p class="field-note">
        Another one is a wish: it is used where machine and browser both have it.
      </p>
    </div>
  );
}

function VolumeField({ store }: { readonly store: SettingsStore }) {
  const id = useId();
  const { volume, muted } = store.current.value;
  const heard = muted ? 0 : volume;
  const percent = `${Math.round(heard * 100)} %`;
  return (
    <div class="field">
      <label for={id}>Volume</label>
      <output for={id}>{percent}</output>
      <input
        id={id}
        class="slider"
        type="range"
        min="0"
        max="1"
        step="0.05"
        value={heard}
        aria-valuetext={percent}
        onInput={(event) =>
          store.update({ muted: false, volume: event.currentTarget.valueAsNumber })
        }
      />
    </div>
  );
}

function Reset({ store, onDone }: SettingsFormProps) {
  const undo = useSignal<Settings | undefined>(undefined);
  const before = undo.value;
  useEffect(() => {
    if (before === undefined) return;
    const timer = setTimeout(() => {
      undo.value = undefined;
    }, UNDO_MS);
    return () => clearTimeout(timer);
  }, [before, undo]);
  return (
    <footer>
      <div role="status" class="toast-place">
        {before !== undefined && (
          <p class="toast">
            Back to the defaults.
            <button
              type="button"
              class="link"
              onClick={() => {
                store.update(before);
                undo.value = undefined;
              }}
            >
              Undo
            </button>
          </p>
        )}
      </div>
      {before === undefined && (
        <button
          type="button"
          class="button quiet"
          onClick={() => {
            undo.value = store.current.peek();
            store.update(DEFAULT_SETTINGS);
          }}
        >
          Reset to defaults
        </button>
      )}
      <button type="button" class="button primary" onClick={onDone}>
        Done
      </button>
    </footer>
  );
}
