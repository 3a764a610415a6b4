import type { GameInput } from '../../game-runtime.ts';

/** What pads say; see {@link GameInput}. */
export type PadInput = Extract<
  GameInput,
  { readonly type: 'pad-connected' | 'pad-disconnected' | 'pad-button' | 'pad-state' }
>;

export function isPadInput(input: GameInput): input is PadInput {
  return input.type.startsWith('pad-');
}

/** Where the pads of the players go: gamepads of this machine, or keys and pointer. */
export interface PadOutput {
  /** Pads beyond those the game has are ignored. */
  handle(input: PadInput): void;
  /** Every button up, every stick and trigger at rest. */
  releaseAll(): void;
  close(): Promise<void>;
}
