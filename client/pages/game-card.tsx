import type { GameListing } from '../../protocol/game-info.ts';
import { GameCover } from './game-cover.tsx';
import { Icon } from './icon.tsx';
import type { WayOut } from './last-played.ts';
import { gamePath, playPath } from './route.ts';

export const INPUT_NAMES = {
  keyboard: 'Keyboard',
  mouse: 'Mouse',
  gamepad: 'Gamepad',
  touch: 'Touch',
} as const;

export type CardForm = 'feature' | 'tile' | 'row';

export interface GameCardProps {
  readonly game: GameListing;
  readonly form: CardForm;
  /** The link that takes the focus when it appears. */
  readonly takesFocus: WayOut['to'] | undefined;
}

/** One game: the whole card is the link that plays it. */
export function GameCard({ game, form, takesFocus }: GameCardProps) {
  const full = game.freeSlots === 0;
  return (
    <article class={`card ${form}${full ? ' full' : ''}`} data-focus-box>
      <GameCover title={game.title} coverUrl={game.coverUrl} />
      <div class="card-text">
        <h3>{game.title}</h3>
        <p class="summary">{game.summary}</p>
        <ul class="inputs" aria-label="Plays with">
          {game.inputs.map((input) => (
            <li key={input}>
              <Icon name={input} />
              <span>{INPUT_NAMES[input]}</span>
            </li>
          ))}
        </ul>
        <div class="card-foot">
          <a
            class="card-link"
            href={playPath(game.id)}
            ref={takesFocus === 'play' ? takeFocus : null}
          >
            <Icon name={full ? 'hourglass' : 'play'} />
            Play<span class="visually-hidden"> {game.title}</span>
          </a>
          <a
            class="card-more"
            href={gamePath(game.id)}
            ref={takesFocus === 'about' ? takeFocus : null}
            data-focus-box
            data-more
          >
            <Icon name="info" />
            About<span class="visually-hidden"> {game.title}</span>
          </a>
          <p class="places">{placesText(game.freeSlots)}</p>
        </div>
      </div>
    </article>
  );
}

export function placesText(freeSlots: number): string {
  if (freeSlots === 0) return 'All places taken. Open it to wait for one.';
  return freeSlots === 1 ? '1 place free' : `${freeSlots} places free`;
}

function takeFocus(link: HTMLAnchorElement | null): void {
  link?.focus();
}
