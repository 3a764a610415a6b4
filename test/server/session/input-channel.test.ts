import { describe, expect, it } from 'vitest';
import { encodeInput } from '../../../protocol/input-messages.ts';
import { encodeMotion } from '../../../protocol/motion-messages.ts';
import type { GameInput } from '../../../renderer/game-runtime.ts';
import { InputChannel } from '../../../server/session/input-channel.ts';

function open() {
  const inputs: GameInput[] = [];
  const pings: [number, number][] = [];
  const channel = new InputChannel({
    handleInput: (input) => inputs.push(input),
    handlePing: (clientUs, receivedUs) => pings.push([clientUs, receivedUs]),
  });
  const pointer = (seq: number, sumX: number, sumY = 0) =>
    channel.handleMotionBytes(encodeMotion({ type: 'pointer', seq, x: 1, y: 2, sumX, sumY }), 0);
  return { channel, inputs, pings, pointer };
}

describe('InputChannel', () => {
  it('hands edges on as they came', () => {
    const { channel, inputs } = open();
    channel.handleInputBytes(encodeInput({ type: 'key', seq: 7, down: true, code: 'KeyW' }), 0);
    expect(inputs).toEqual([{ type: 'key', seq: 7, down: true, code: 'KeyW' }]);
  });

  it('turns sums of movement into movement, so that a lost message loses none', () => {
    const { inputs, pointer } = open();
    pointer(1, 10);
    pointer(3, 35);
    expect(inputs.map((input) => input.type === 'pointer-move' && input.dx)).toEqual([10, 25]);
  });

  it('keeps movement right where a sum wraps at 32 bits', () => {
    const { inputs, pointer } = open();
    pointer(1, 2 ** 31 - 1);
    pointer(2, -(2 ** 31) + 4);
    expect(inputs[1]).toMatchObject({ dx: 5 });
  });

  it('ignores motion that is older than what was applied of the same kind', () => {
    const { channel, inputs, pointer } = open();
    const pad = (seq: number, x: number) =>
      channel.handleMotionBytes(
        encodeMotion({ type: 'pad', seq, pad: 1, axes: [x, 0, 0, 0], triggers: [0, 0] }),
        0,
      );
    pad(5, 1);
    pad(4, -1);
    pad(5, -1);
    pointer(3, 1);
    expect(inputs.map((input) => input.type)).toEqual(['pad-state', 'pointer-move']);
    expect(inputs[0]).toMatchObject({ axes: [1, 0, 0, 0] });
  });

  it('answers pings with the time they arrived', () => {
    const { channel, pings } = open();
    channel.handleMotionBytes(encodeMotion({ type: 'ping', seq: 1, clientUs: 12.5 }), 99);
    expect(pings).toEqual([[12.5, 99]]);
  });

  describe('with copies of edges on the other channel', () => {
    const key = (seq: number) => ({ type: 'key', seq, down: true, code: 'KeyW' }) as const;
    function setup() {
      const { channel, inputs } = open();
      const edge = (seq: number) => channel.handleInputBytes(encodeInput(key(seq)), 0);
      const copies = (...seqs: number[]) =>
        channel.handleMotionBytes(
          encodeMotion({ type: 'copies', seq: 1, inputs: seqs.map(key) }),
          0,
        );
      return { edge, copies, seqs: () => inputs.map((input) => 'seq' in input && input.seq) };
    }

    it('applies each once, whichever comes first', () => {
      const { edge, copies, seqs } = setup();
      edge(1);
      copies(1, 2);
      copies(2, 3);
      edge(2);
      edge(3);
      edge(4);
      expect(seqs()).toEqual([1, 2, 3, 4]);
    });

    it('takes none out of turn', () => {
      const { edge, copies, seqs } = setup();
      edge(1);
      copies(3, 4);
      expect(seqs()).toEqual([1]);
      edge(2);
      copies(3, 4);
      expect(seqs()).toEqual([1, 2, 3, 4]);
    });

    it('begins with the oldest where nothing has come yet', () => {
      const { copies, edge, seqs } = setup();
      copies(7, 8);
      edge(7);
      expect(seqs()).toEqual([7, 8]);
    });
  });

  it('refuses garbage without applying anything', () => {
    const { channel, inputs } = open();
    expect(() => channel.handleInputBytes(Uint8Array.of(1, 2, 3), 0)).toThrow(/bad|few/);
    expect(() => channel.handleMotionBytes(Uint8Array.of(99), 0)).toThrow(/unknown/);
    expect(inputs).toEqual([]);
  });
});
