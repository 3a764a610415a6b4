import type { GameInfo } from '../../protocol/game-info.ts';
import { Icon } from './icon.tsx';

const DEVICES = ['keyboard', 'mouse', 'gamepad'] as const;
const DEVICE_NAMES = { keyboard: 'Keyboard', mouse: 'Mouse', gamepad: 'Gamepad' } as const;

export interface HowToPlayProps {
  readonly game: GameInfo;
  readonly onTouch: boolean;
  readonly onClose: () => void;
}

/** What to press, in a corner of the picture; the game goes on under it. */
export function HowToPlay({ game, onTouch, onClose }: HowToPlayProps) {
  return (
    <aside class="how-to-play" aria-label="How to play">
      <header>
        <h2>How to play</h2>
        <button type="button" class="control" aria-label="Close how to play" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {onTouch ? <TouchHelp game={game} /> : <ControlsTable game={game} />}
      {!onTouch && (
        <p class="key-legend">
          <kbd>F1</kbd> this help <kbd>F2</kbd> controls <kbd>F3</kbd> latency
        </p>
      )}
    </aside>
  );
}

export function ControlsTable({ game }: { readonly game: GameInfo }) {
  const devices = DEVICES.filter((device) => game.controls.some((control) => control[device]));
  if (devices.length === 0) return <p>The game itself says what to press.</p>;
  return (
    <table>
      <thead>
        <tr>
          <td />
          {devices.map((device) => (
            <th key={device} scope="col">
              <Icon name={device} />
              <span class="visually-hidden">{DEVICE_NAMES[device]}</span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {game.controls.map((control) => (
          <tr key={control.action}>
            <th scope="row">{control.action}</th>
            {devices.map((device) => (
              <td key={device}>{control[device]}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function TouchHelp({ game }: { readonly game: GameInfo }) {
  return (
    <ul class="touch-help">
      <li>
        <Icon name="touch" />
        Put your left thumb anywhere and push: that is the stick.
      </li>
      {game.touchButtons.length > 0 && (
        <li>
          <Icon name="gamepad" />
          Right thumb: {game.touchButtons.map((button) => button.label).join(', ')}.
        </li>
      )}
    </ul>
  );
}
