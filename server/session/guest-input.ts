import type { GuestRights, GuestSeat } from '../../protocol/guest-messages.ts';
import type { GameInput } from '../../renderer/game-runtime.ts';

/**
 * What of a guest's input reaches the game: their pads, however many, are that of their player, and
 * keyboard and mouse are the game's only with the right to them.
 * @returns undefined where it is beyond their rights.
 */
export function permittedInput(
  input: GameInput,
  player: GuestSeat,
  rights: GuestRights,
): GameInput | undefined {
  if (player === null || rights === 'none') return undefined;
  if ('pad' in input) return { ...input, pad: player - 1 };
  if (rights === 'all' || input.type === 'release-all') return input;
  return undefined;
}
