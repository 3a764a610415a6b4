import { describe, expect, it } from 'vitest';
import {
  isSoftware,
  rendererIn,
  softwareEnvironment,
} from '../../../../renderer/desktop/display/gl-probe.ts';

const GLXINFO = `name of display: :7
direct rendering: Yes
OpenGL vendor string: Mesa
OpenGL renderer string: llvmpipe (LLVM 15.0.6, 256 bits)
OpenGL core profile version string: 4.5 (Core Profile) Mesa 22.3.6
`;

describe('GL probe', () => {
  it('finds the renderer in what glxinfo says', () => {
    expect(rendererIn(GLXINFO)).toBe('llvmpipe (LLVM 15.0.6, 256 bits)');
    expect(rendererIn('Error: unable to open display')).toBeUndefined();
  });

  it.each([
    ['llvmpipe (LLVM 15.0.6, 256 bits)', true],
    ['softpipe', true],
    ['NVIDIA GeForce RTX 4070/PCIe/SSE2', false],
    ['AMD Radeon RX 6600 (navi23, LLVM 15.0.6)', false],
  ])('knows whether %s is software', (renderer, software) => {
    expect(isSoftware(renderer)).toBe(software);
  });

  it('leaves a core to the encoder', () => {
    expect(softwareEnvironment(8).LP_NUM_THREADS).toBe('7');
    expect(softwareEnvironment(2).LP_NUM_THREADS).toBe('1');
    expect(softwareEnvironment(1).LP_NUM_THREADS).toBe('1');
  });
});
