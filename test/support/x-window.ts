import type { KeyboardMapping } from '../../renderer/desktop/input/x-input-port.ts';
import { XtestPort } from '../../renderer/desktop/input/xtest-port.ts';
import type { TestXServer, X11Event, X11TestClient } from './x-server.ts';

/** Core event mask bits (X protocol, SETofEVENT). */
const KEY_PRESS = 1;
const KEY_RELEASE = 2;
const BUTTON_PRESS = 4;
const BUTTON_RELEASE = 8;
const POINTER_MOTION = 64;
const SHIFT = 1;
const LOCK = 2;

/** A program's window over the whole display, which notes what reaches it. */
export class XWindow {
  readonly client: X11TestClient;
  readonly #events: X11Event[] = [];

  private constructor(client: X11TestClient) {
    this.client = client;
    client.on('event', (event) => this.#events.push(event));
  }

  static async open(server: TestXServer): Promise<XWindow> {
    const client = await server.connect();
    const window = client.AllocID();
    const eventMask = KEY_PRESS | KEY_RELEASE | BUTTON_PRESS | BUTTON_RELEASE | POINTER_MOTION;
    const root = client.display.screen[0]?.root ?? 0;
    client.CreateWindow(window, root, 0, 0, 1280, 720, 0, 0, 0, 0, { eventMask });
    client.MapWindow(window);
    await client.sync();
    client.SetInputFocus(window, 0);
    // A machine that is busy must not add presses to what tests count.
    client.ChangeKeyboardControl({ autoRepeatMode: 0 });
    await client.sync();
    return new XWindow(client);
  }

  /** What came since the last call, key and pointer events alone. */
  async take(): Promise<X11Event[]> {
    await this.client.sync();
    return this.#events.splice(0).filter(({ name }) => name !== 'MappingNotify');
  }

  /**
   * Keysyms of the presses that came since the last call, read as a slow program does: with what the
   * keys mean after all of them.
   */
  async takeKeysyms(): Promise<number[]> {
    const presses = (await this.take()).filter(({ name }) => name === 'KeyPress');
    const mapping = await (await XtestPort.open(this.client)).readKeyboard();
    return presses
      .map(({ keycode, buttons }) => keysym(mapping, keycode, buttons))
      .filter((symbol) => symbol < 0xffe1 || symbol > 0xffee);
  }

  /** Resolves as soon as an event like this has come. */
  until(matches: (event: X11Event) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.client.on('event', (event) => {
        if (matches(event)) resolve();
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.client.close(resolve));
  }
}

/** As programs choose among the first two (X protocol §5), Caps Lock being on or off. */
function keysym({ firstKeycode, rows }: KeyboardMapping, keycode: number, state: number): number {
  const [plain = 0, shifted = 0] = rows[keycode - firstKeycode] ?? [];
  const chosen = state & SHIFT && shifted !== 0 ? shifted : plain;
  const isSmall = chosen >= 0x61 && chosen <= 0x7a;
  return state & LOCK && isSmall ? chosen - 0x20 : chosen;
}
