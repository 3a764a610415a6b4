// What Rockpool needs from the operating system: how to see that it is there, and the Debian
// package that brings it. Missing packages are installed where that needs no password.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

const LIBRARY_FOLDERS = [
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/lib/x86_64-linux-gnu',
  '/lib/aarch64-linux-gnu',
  '/usr/lib64',
  '/usr/lib',
];

function hasLibrary(name) {
  return LIBRARY_FOLDERS.some((folder) => existsSync(`${folder}/${name}`));
}

function onPath(...commands) {
  return commands.some((command) =>
    (process.env.PATH ?? '').split(':').some((folder) => existsSync(`${folder}/${command}`)),
  );
}

/** A Vulkan driver: a GPU's own, Mesa's, or the software one that Chromium ships. */
function hasVulkanDriver() {
  const folders = [
    '/usr/share/vulkan/icd.d',
    '/etc/vulkan/icd.d',
    '/usr/local/nvidia/share/vulkan/icd.d',
  ];
  return (
    existsSync('/usr/lib/chromium/vk_swiftshader_icd.json') ||
    folders.some(
      (folder) => existsSync(folder) && readdirSync(folder).some((f) => f.endsWith('.json')),
    )
  );
}

const VULKAN_LOADER = {
  what: 'the Vulkan loader',
  present: () => hasLibrary('libvulkan.so.1'),
  packages: ['libvulkan1'],
};
const VULKAN_DRIVER = {
  what: 'a Vulkan driver (Chromium brings one in software)',
  present: hasVulkanDriver,
  packages: ['chromium'],
};
const CHROMIUM = {
  what: 'Chromium, the browser of the end-to-end tests',
  present: () => onPath('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'),
  packages: ['chromium'],
};
const FIREFOX = {
  what: 'Firefox, the second browser of the end-to-end tests',
  present: () => onPath('firefox-esr', 'firefox'),
  packages: ['firefox-esr'],
};
const FFPROBE = {
  what: 'ffprobe, which checks the bitstreams of the encoders',
  present: () => onPath('ffprobe'),
  packages: ['ffmpeg'],
};
const WEBRTCBIN = {
  what: "GStreamer's webrtcbin, one of the receivers that streams are tried on",
  present: () =>
    [
      'gstreamer-1.0/libgstlibav.so',
      'gstreamer-1.0/libgstnice.so',
      'gstreamer-1.0/libgstrtp.so',
      'gstreamer-1.0/libgstwebrtc.so',
      'girepository-1.0/GstWebRTC-1.0.typelib',
      'girepository-1.0/Nice-0.1.typelib',
    ].every(hasLibrary) && existsSync('/usr/lib/python3/dist-packages/gi'),
  packages: [
    'gir1.2-gst-plugins-bad-1.0',
    'gir1.2-nice-0.1',
    'gstreamer1.0-libav',
    'gstreamer1.0-nice',
    'gstreamer1.0-plugins-bad',
    'gstreamer1.0-plugins-good',
    'python3-gi',
  ],
};
const AIORTC = {
  what: 'aiortc, one of the receivers that streams are tried on',
  present: () => existsSync('/usr/lib/python3/dist-packages/aiortc'),
  packages: ['python3-aiortc'],
};

const COTURN = {
  what: 'coturn, the relay that streams are tried over',
  present: () => onPath('turnserver'),
  packages: ['coturn'],
};

const XVFB = {
  what: 'Xvfb, the display of native games',
  present: () => onPath('Xvfb'),
  packages: ['xvfb'],
};
const BUBBLEWRAP = {
  what: 'bubblewrap, which keeps games apart from everything else',
  present: () => onPath('bwrap'),
  packages: ['bubblewrap'],
};
function hasPipewire() {
  return onPath('pipewire') && onPath('wireplumber');
}

/** The sound of desktops is PipeWire's today, and Debian installs only one of the two there. */
const SOUND_SERVER = {
  what: 'PulseAudio, the sound of native games',
  present: () => onPath('pulseaudio') || hasPipewire(),
  packages: ['pulseaudio'],
};
const PIPEWIRE = {
  what: 'PipeWire, the sound of native games where there is no PulseAudio',
  present: hasPipewire,
  packages: ['pipewire', 'wireplumber'],
};
const PULSEAUDIO_CLIENTS = {
  what: 'pacat, which plays what the sound tests listen to',
  present: () => onPath('pacat'),
  packages: ['pulseaudio-utils'],
};
const SLIRP = {
  what: 'slirp4netns, which lets games into the internet and nowhere else',
  present: () => onPath('slirp4netns'),
  packages: ['slirp4netns'],
};
const FREEDOOM = {
  what: 'Freedoom and its engine, the native game of the end-to-end tests',
  present: () =>
    existsSync('/usr/games/chocolate-doom') && existsSync('/usr/share/games/doom/freedoom1.wad'),
  packages: ['chocolate-doom', 'freedoom'],
};
const POSTGRES_RELEASES = '/usr/lib/postgresql';
const POSTGRES = {
  what: 'Postgres, where several signaling nodes keep what they know',
  present: () =>
    existsSync(POSTGRES_RELEASES) &&
    readdirSync(POSTGRES_RELEASES).some((release) =>
      existsSync(`${POSTGRES_RELEASES}/${release}/bin/initdb`),
    ),
  packages: ['postgresql'],
};
const REDIS = {
  what: 'Redis, where several signaling nodes meet',
  present: () => onPath('redis-server'),
  packages: ['redis-server'],
};

const ZSTD = {
  what: 'zstd, which unpacks builds that come as .tar.zst',
  present: () => onPath('zstd'),
  packages: ['zstd'],
};
const REGISTRY = {
  what: 'a container registry, one of the places where builds are kept',
  present: () => onPath('docker-registry'),
  packages: ['docker-registry'],
  // Debian starts one for the whole network; tests start their own.
  services: ['docker-registry'],
};

const FFMPEG = {
  what: 'ffmpeg, which makes clips of builds that studios upload (all else works without it)',
  present: () => Boolean(process.env.FFMPEG_BIN) || onPath('ffmpeg'),
  packages: ['ffmpeg'],
};

/** What is missed by nobody who plays: asked for by itself, so that it keeps nothing else away. */
export const TO_SHOW = [FFMPEG];
export const TO_PLAY = [VULKAN_LOADER, VULKAN_DRIVER, XVFB, BUBBLEWRAP, SOUND_SERVER, ZSTD];
export const TO_TEST = [
  ...TO_PLAY,
  CHROMIUM,
  FIREFOX,
  FFPROBE,
  WEBRTCBIN,
  AIORTC,
  COTURN,
  PULSEAUDIO_CLIENTS,
  PIPEWIRE,
  SLIRP,
  FREEDOOM,
  POSTGRES,
  REGISTRY,
  REDIS,
];

const X264ENC = {
  what: "GStreamer's x264enc, a peer that native games are measured beside",
  present: () => hasLibrary('gstreamer-1.0/libgstx264.so') && hasLibrary('libXtst.so.6'),
  packages: ['gstreamer1.0-plugins-ugly', 'libxtst6'],
};
const VNC = {
  what: 'TigerVNC and noVNC, another one',
  present: () =>
    onPath('Xtigervnc') && onPath('websockify') && existsSync('/usr/share/novnc/core/rfb.js'),
  packages: ['tigervnc-standalone-server', 'novnc', 'websockify'],
};
export const TO_MEASURE = [...TO_TEST, X264ENC, VNC];
export const TO_GATE = [...TO_PLAY, CHROMIUM];
export const TO_GATE_IN_FIREFOX = [...TO_GATE, FIREFOX];

/** The prefix that makes apt-get work without a password, or undefined. */
function privilege() {
  if (!onPath('apt-get')) return undefined;
  if (process.getuid?.() === 0) return [];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0
    ? ['sudo', '-n']
    : undefined;
}

const INSTALL = ['apt-get', 'install', '-y', '--no-remove', '--no-install-recommends'];

const namesOf = (needs) => needs.map((need) => need.what).join('; ');
const packagesOf = (needs) => [...new Set(needs.flatMap((need) => need.packages))];
const byHand = (needs) =>
  `sudo apt-get update && sudo ${[...INSTALL, ...packagesOf(needs)].join(' ')}`;

/** Installs what is missing where it may; otherwise prints the exact line to run. */
export function ensureSystemPackages(needs) {
  const missing = needs.filter((need) => !need.present());
  if (missing.length === 0) return;
  const prefix = privilege();
  if (!prefix) {
    console.log(`Missing: ${namesOf(missing)}. To install it, run:\n  ${byHand(missing)}`);
    return;
  }
  const run = (words) => {
    const [command, ...args] = [...prefix, ...words];
    execFileSync(command, args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  };
  const attempt = (task) => {
    try {
      task();
      return true;
    } catch (error) {
      console.log(`That did not work (${error.message}).`);
      return false;
    }
  };
  const install = (wanted) => {
    console.log(`Installing ${packagesOf(wanted).join(', ')} (${namesOf(wanted)})…`);
    return attempt(() => {
      run([...INSTALL, '-q', ...packagesOf(wanted)]);
      const unwanted = wanted.flatMap((need) => need.services ?? []);
      if (unwanted.length > 0 && existsSync('/run/systemd/system')) {
        run(['systemctl', 'disable', '--now', ...unwanted]);
      }
    });
  };
  attempt(() => run(['apt-get', 'update', '-q']));
  if (install(missing)) return;
  // One that this machine cannot have must not keep the others away.
  const still = missing.filter((need) => !need.present());
  const left = still.length > 1 ? still.filter((need) => !install([need])) : still;
  if (left.length > 0) {
    console.log(`Still missing: ${namesOf(left)}. To try by hand, run:\n  ${byHand(left)}`);
  }
}
