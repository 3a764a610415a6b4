import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../server/agent/system-program.ts';

describe('runProgram', () => {
  it('gives the exit code and what was printed, on both streams, line by line', async () => {
    const lines: string[] = [];
    const script = 'echo one; echo two >&2; exit 3';
    const { code, output } = await runProgram(['sh', '-c', script], (line) => lines.push(line))
      .ended;
    expect(code).toBe(3);
    expect(lines.sort()).toEqual(['one', 'two']);
    expect(output).toContain('one\n');
  });

  it('says that there is no such program as a shell does', async () => {
    expect((await runProgram(['no-such-program-here']).ended).code).toBe(127);
  });

  it('can be asked to end', async () => {
    const program = runProgram(['sh', '-c', 'echo ready; exec sleep 600'], () => program.stop());
    expect((await program.ended).code).toBeNull();
  });

  it('keeps the end of a long output', async () => {
    const { output } = await runProgram(['seq', '1', '100000']).ended;
    expect(output.length).toBeLessThanOrEqual(65_536);
    expect(output).toMatch(/\n100000\n$/);
  });
});
