import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { RockpoolError } from '../../../protocol/errors.ts';
import type { Rumble } from '../../../renderer/game-runtime.ts';
import { WebPage } from '../../../renderer/web/web-page.ts';

function page() {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const heard: (string | Rumble | RockpoolError)[] = [];
  const web = new WebPage(
    { stdin, stdout },
    {
      handleReady: () => heard.push('ready'),
      handleRumble: (rumble) => heard.push(rumble),
      handleFailure: (error) => heard.push(error),
    },
  );
  const say = async (text: string) => {
    stdout.write(text);
    await new Promise((resolve) => setImmediate(resolve));
  };
  const told = () => {
    const text = String(stdin.read() ?? '');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  };
  return { web, stdin, stdout, heard, say, told };
}

const RUMBLE = { pad: 1, strong: 0.5, weak: 0, durationMs: 200 };

describe('web page', () => {
  it('tells the launcher what pads do, without the sequence numbers', () => {
    const { web, told } = page();
    web.handle({ type: 'pad-connected', seq: 1, pad: 0 });
    web.handle({ type: 'pad-button', seq: 2, pad: 0, button: 16, down: true });
    web.handle({ type: 'pad-state', pad: 0, axes: [0, 1, -1, 0.5], triggers: [1, 0] });
    web.releaseAll();
    web.handle({ type: 'pad-disconnected', seq: 3, pad: 0 });
    web.quit();
    expect(told()).toEqual([
      { type: 'pad-connected', pad: 0 },
      { type: 'pad-button', pad: 0, button: 16, down: true },
      { type: 'pad-state', pad: 0, axes: [0, 1, -1, 0.5], triggers: [1, 0] },
      { type: 'release-all' },
      { type: 'pad-disconnected', pad: 0 },
      { type: 'quit' },
    ]);
  });

  it('hears the launcher, however its lines are cut', async () => {
    const { heard, say } = page();
    await say('{"type":"rea');
    await say(`dy"}\n${JSON.stringify({ type: 'rumble', ...RUMBLE })}\n{"type":"failed",`);
    expect(heard).toEqual(['ready', RUMBLE]);
    await say('"message":"The page crashed."}\n');
    expect(heard[2]).toMatchObject({ code: 'game-failed', message: 'The page crashed.' });
  });

  it.each([
    ['no JSON', 'hello\n'],
    ['an unknown type', '{"type":"open-door"}\n'],
    ['an unknown field', '{"type":"ready","now":1}\n'],
    ['a rumble beyond measure', `${JSON.stringify({ type: 'rumble', ...RUMBLE, strong: 2 })}\n`],
    ['a line without end', 'x'.repeat(10_000)],
    ['more than a launcher says', '{"type":"ready"}\n'.repeat(1000)],
  ])('hears nothing more from a launcher that says %s', async (_, text) => {
    const { heard, say, stdout, told } = page();
    await say(text);
    const failures = heard.filter((one) => typeof one === 'object');
    expect(failures).toEqual([expect.objectContaining({ code: 'game-failed' })]);
    expect(stdout.destroyed).toBe(true);
    expect(told()).toEqual([]);
  });

  it('ends the launcher by closing, and says nothing afterwards', async () => {
    const { web, stdin, heard, say, told } = page();
    await web.close();
    await web.close();
    web.releaseAll();
    await say('{"type":"ready"}\n');
    expect([told(), stdin.writableEnded, heard]).toEqual([[], true, []]);
  });
});
