import { ConnectionWatch } from './connection-watch.ts';
import { InjectedGamepad } from './injected-gamepad.ts';
import { PictureWatch } from './picture-watch.ts';

/** What tests see of a page from the inside, as `window.probe`. */
export interface PageProbe {
  readonly picture: PictureWatch;
  readonly connection: ConnectionWatch;
  readonly gamepad: InjectedGamepad;
}

declare global {
  interface Window {
    readonly probe: PageProbe;
  }
}

Object.defineProperty(window, 'probe', {
  value: {
    picture: new PictureWatch(),
    connection: new ConnectionWatch(),
    gamepad: new InjectedGamepad(),
  } satisfies PageProbe,
});
