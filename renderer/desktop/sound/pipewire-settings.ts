import { SOUND_CHANNELS, SOUND_SAMPLE_RATE } from '../../game-runtime.ts';
import type { SandboxFile } from '../../sandbox/program-order.ts';

/** Where settings are, and where socket and FIFO are made; both as seen inside. */
export const SETTINGS_FOLDER = '/etc/sound';
export const SETTINGS_PATH = `${SETTINGS_FOLDER}/pipewire.conf`;
export const FOLDER_MOUNT = '/run/sound';
export const SOCKET_NAME = 'native';
export const FIFO_NAME = 'samples';
/** Samples of 10 ms: what is captured at a time. */
const QUANTUM = SOUND_SAMPLE_RATE / 100;

/**
 * One process for the graph and for PulseAudio's protocol; WirePlumber, which it starts, connects what
 * plays with the one sink there is. The sink asks for samples also while nothing plays.
 */
const settings = (sessionManager: string) => `\
context.properties = {
  core.daemon = true
  core.name = pipewire-0
  log.level = 1
  mem.allow-mlock = false
  support.dbus = false
  default.clock.rate = ${SOUND_SAMPLE_RATE}
  default.clock.allowed-rates = [ ${SOUND_SAMPLE_RATE} ]
  default.clock.quantum = ${QUANTUM}
  default.clock.min-quantum = ${QUANTUM}
  default.clock.max-quantum = ${QUANTUM}
}
context.spa-libs = {
  audio.convert.* = audioconvert/libspa-audioconvert
  support.* = support/libspa-support
}
context.modules = [
  { name = libpipewire-module-protocol-native }
  { name = libpipewire-module-metadata }
  { name = libpipewire-module-spa-node-factory }
  { name = libpipewire-module-client-node }
  { name = libpipewire-module-client-device }
  { name = libpipewire-module-adapter }
  { name = libpipewire-module-access }
  { name = libpipewire-module-link-factory }
  { name = libpipewire-module-session-manager }
  {
    name = libpipewire-module-protocol-pulse
    args = { server.address = [ "unix:${FOLDER_MOUNT}/${SOCKET_NAME}" ] }
  }
  {
    name = libpipewire-module-pipe-tunnel
    args = {
      tunnel.mode = sink
      pipe.filename = "${FOLDER_MOUNT}/${FIFO_NAME}"
      audio.format = F32LE
      audio.rate = ${SOUND_SAMPLE_RATE}
      audio.channels = ${SOUND_CHANNELS}
      audio.position = [ FL FR ]
      stream.props = {
        node.name = game
        node.description = Rockpool
        node.always-process = true
        node.pause-on-idle = false
        session.suspend-timeout-seconds = 0
      }
    }
  }
]
context.objects = [
  {
    factory = spa-node-factory
    args = {
      factory.name = support.node.driver
      node.name = clock
      node.group = pipewire.dummy
      priority.driver = 20000
    }
  }
]
context.exec = [ { path = "${sessionManager}" args = "" } ]
`;

/**
 * Of all that WirePlumber does, choosing the sink is left, and its policy, which connects what plays.
 * The rest looks for devices, and gives up as a whole where there is no message bus.
 */
const CONNECTING = `\
load_module("metadata")
load_module("default-nodes")
`;
const NOTHING = '-- There are no such devices.\n';
/** The same for WirePlumber from 0.5 on, which reads no Lua settings. */
const CONNECTING_0_5 = `\
wireplumber.profiles = {
  main = {
    hardware.audio = disabled
    hardware.bluetooth = disabled
    hardware.video-capture = disabled
  }
}
`;

/** @param sessionManager where WirePlumber is. */
export function settingsFiles(sessionManager: string): SandboxFile[] {
  const wireplumber = `${SETTINGS_FOLDER}/wireplumber`;
  return [
    { to: SETTINGS_PATH, content: settings(sessionManager) },
    // Each takes the place of the installed file of its name.
    { to: `${wireplumber}/main.lua.d/90-enable-all.lua`, content: CONNECTING },
    { to: `${wireplumber}/bluetooth.lua.d/90-enable-all.lua`, content: NOTHING },
    { to: `${wireplumber}/wireplumber.conf.d/rockpool.conf`, content: CONNECTING_0_5 },
  ];
}
