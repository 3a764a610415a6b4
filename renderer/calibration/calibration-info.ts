import type { GameInfo } from '../../protocol/game-info.ts';

const shared = {
  inputs: ['keyboard', 'mouse', 'gamepad', 'touch'],
  players: 4,
  diagnostic: true,
  pointerLock: false,
  controls: [
    { action: 'Flip the patch', keyboard: 'Any key', mouse: 'Any button', gamepad: 'Any button' },
    { action: 'Calmer or busier picture', keyboard: '− and +, or 0 to 9' },
  ],
  touchButtons: [{ button: 0, label: 'Flip' }],
} satisfies Partial<GameInfo>;

export const calibrationInfo: GameInfo = {
  ...shared,
  id: 'calibration',
  title: 'Calibration',
  summary:
    'A measuring scene: press anything and the patch in the corner flips. Drawn without a GPU, it shows what the stream alone costs.',
};

export const gpuCalibrationInfo: GameInfo = {
  ...shared,
  id: 'calibration-gpu',
  title: 'Calibration on the GPU',
  summary:
    'The same measuring scene drawn through the GPU and read back: what rendering adds to the stream.',
};
