import type { GameInfo } from '../../protocol/game-info.ts';

/** W3C standard gamepad indices that Skimmer listens to. */
export const PAD = { confirm: 0, pause: 9, up: 12, down: 13, left: 14, right: 15 } as const;

export const skimmerInfo: GameInfo = {
  id: 'skimmer',
  title: 'Skimmer',
  summary:
    'Fly a hydrofoil into the sunset. String pearls together, shave past the rocks and spend it all on boost before the sea takes your third hull.',
  inputs: ['keyboard', 'mouse', 'gamepad', 'touch'],
  players: 1,
  diagnostic: false,
  // The boat heads for where the pointer is, so the cursor itself is the steering wheel.
  pointerLock: false,
  controls: [
    { action: 'Steer', keyboard: '← → or A D', mouse: 'Point', gamepad: 'Left stick' },
    { action: 'Boost', keyboard: 'Space or Shift', mouse: 'Left button', gamepad: 'A' },
    { action: 'Pause', keyboard: 'P or Escape', mouse: 'Right button', gamepad: 'Start' },
    { action: 'Start, choose', keyboard: 'Enter', mouse: 'Left button', gamepad: 'A' },
  ],
  touchButtons: [
    { button: PAD.confirm, label: 'Boost' },
    { button: PAD.pause, label: 'Pause' },
  ],
};
