/** What the page's address says; it leads to {@link ChromiumSurroundings.port} of 127.0.0.1. */
export const GAME_HOST = 'game.localhost';

/** Shown until the page is: nothing, and that in black. */
const BLANK_PAGE = 'data:text/html,<body style="background:black">';

export interface ChromiumSurroundings {
  /** Where the build is served. */
  readonly port: number;
  /** Absolute. */
  readonly profile: string;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  readonly network: boolean;
  /** Whether the sandbox shows a GPU. */
  readonly gpu: boolean;
  /** Whether /dev/shm is there and large. */
  readonly sharedMemory: boolean;
}

/** A browser's own affairs: none of them is a game's, and most want the internet. */
const QUIET = [
  '--no-first-run',
  '--no-default-browser-check',
  '--no-pings',
  '--noerrdialogs',
  '--disable-background-networking',
  '--disable-breakpad',
  '--disable-client-side-phishing-detection',
  '--disable-component-extensions-with-background-pages',
  '--disable-component-update',
  '--disable-crash-reporter',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-extensions',
  '--disable-notifications',
  '--disable-search-engine-choice-screen',
  '--disable-session-crashed-bubble',
  '--disable-sync',
  '--hide-crash-restore-bubble',
  '--deny-permission-prompts',
  '--metrics-recording-only',
  '--no-service-autorun',
  // Else it asks for a keyring of the desktop.
  '--password-store=basic',
];

/** What would show beside the page, get between a player and the game, or slow the game down. */
const PAGE_ONLY = [
  '--kiosk',
  // Turns off most of the browser's own keys, new windows and tabs among them, even of a hung page.
  '--force-app-mode',
  // No bar that warns of flags.
  '--test-type',
  '--force-device-scale-factor=1',
  '--disable-pinch',
  '--overscroll-history-navigation=0',
  // The picture is streamed: it is being looked at, whatever the window system thinks.
  '--disable-backgrounding-occluded-windows',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-hang-monitor',
  '--autoplay-policy=no-user-gesture-required',
];

const FEATURES_OFF = [
  'AutofillServerCommunication',
  'CalculateNativeWinOcclusion',
  'CertificateTransparencyComponentUpdater',
  'DialMediaRouteProvider',
  'GlobalMediaControls',
  'HardwareMediaKeyHandling',
  'MediaRouter',
  'OptimizationHints',
  // A process for the browser's own menus, which are never seen.
  'PreloadTopChromeWebUI',
  // Plain http here is a pipe in the same sandbox.
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'SpareRendererForSitePerProcess',
  'Translate',
];

/**
 * With a GPU: Vulkan without a surface, as Xvfb has no way to show one; frames are copied out.
 * WebGL falls back to SwiftShader, hence the last.
 */
const GPU = [
  '--use-gl=angle',
  '--use-angle=vulkan',
  '--enable-features=Vulkan',
  '--disable-vulkan-surface',
  '--ignore-gpu-blocklist',
  '--enable-unsafe-webgpu',
  '--enable-unsafe-swiftshader',
];

/**
 * Without a GPU, OpenGL of the display: Mesa's llvmpipe, which Chromium takes once its list of bad
 * drivers is set aside. Of the processor, a frame of a light game at 720p costs 22 ms this way and
 * 50 ms over SwiftShader, which remains for displays without OpenGL (hence `unsafe`) and for WebGPU.
 */
const SOFTWARE = [
  '--use-gl=angle',
  '--use-angle=gl',
  '--ignore-gpu-blocklist',
  '--enable-unsafe-swiftshader',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
];

/** The command line of a Chromium that shows one page, all over its display. */
export function chromiumArguments(surroundings: ChromiumSurroundings): string[] {
  const { port, profile, width, height, network, gpu, sharedMemory } = surroundings;
  const game = `MAP ${GAME_HOST}:80 127.0.0.1:${port}`;
  return [
    `--user-data-dir=${profile}`,
    '--remote-debugging-pipe',
    /*
     * The whole program is in a sandbox made for hostile native code, stricter than the browser's
     * own, which refuses to start as root and where namespaces cannot be made, as in there.
     */
    '--no-sandbox',
    '--no-zygote',
    // One origin whatever the port: what a page stores belongs to its origin.
    `--host-resolver-rules=${network ? game : `${game}, MAP * ~NOTFOUND`}`,
    '--no-proxy-server',
    '--disk-cache-dir=/dev/null',
    '--window-position=0,0',
    `--window-size=${width},${height}`,
    ...QUIET,
    ...PAGE_ONLY,
    `--disable-features=${FEATURES_OFF.join(',')}`,
    ...(gpu ? GPU : SOFTWARE),
    ...(sharedMemory ? [] : ['--disable-dev-shm-usage']),
    `--app=${BLANK_PAGE}`,
  ];
}
