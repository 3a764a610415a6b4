import type { PlayerPage } from './player-page.ts';

/**
 * Pushes a button of the plugged gamepad for one frame, so that a page reads it once: held for longer,
 * on a machine that draws slowly, it would repeat.
 * @param button index in the W3C standard layout.
 */
export async function pushButton({ page }: PlayerPage, button: number): Promise<void> {
  await page.evaluate(async (one) => {
    // The page asked for this frame before, and so has read the gamepad when this goes on.
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    window.probe.gamepad.setButton(one, true);
    await frame();
    window.probe.gamepad.setButton(one, false);
    await frame();
  }, button);
}
