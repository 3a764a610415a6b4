import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Software Vulkan drivers where packages put them. Every Chromium brings SwiftShader along, under a
 * folder of its own that the Vulkan loader does not search. Mesa's lavapipe is where the loader looks
 * anyway; it is named here for machines whose loader was pointed elsewhere.
 */
const KNOWN_DRIVER_FILES = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/usr/lib/chromium-browser/vk_swiftshader_icd.json',
  '/usr/lib64/chromium-browser/vk_swiftshader_icd.json',
  '/snap/chromium/current/usr/lib/chromium-browser/vk_swiftshader_icd.json',
  '/opt/google/chrome/vk_swiftshader_icd.json',
  '/opt/google/chrome-beta/vk_swiftshader_icd.json',
  '/opt/google/chrome-unstable/vk_swiftshader_icd.json',
  '/opt/microsoft/msedge/vk_swiftshader_icd.json',
  '/opt/brave.com/brave/vk_swiftshader_icd.json',
  '/usr/share/vulkan/icd.d/lvp_icd.x86_64.json',
  '/usr/share/vulkan/icd.d/lvp_icd.aarch64.json',
  '/usr/share/vulkan/icd.d/lvp_icd.json',
];

/** Where browser downloaders keep one folder per version. */
const VERSIONED_FOLDERS = [
  { root: '.cache/puppeteer/chrome', inside: 'chrome-linux64' },
  { root: '.cache/ms-playwright', inside: 'chrome-linux' },
];

/** Names in a folder, newest version first. */
function entriesOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort().reverse() : [];
}

/**
 * Whether the Vulkan loader would find any driver by itself (its search paths on Linux). Asked in
 * vain it complains on standard error, so it is not asked first where there is nothing to find.
 */
export function loaderHasDrivers(): boolean {
  if (process.platform !== 'linux') return true;
  const { VK_DRIVER_FILES, VK_ICD_FILENAMES, VK_ADD_DRIVER_FILES, XDG_DATA_DIRS } = process.env;
  if (VK_DRIVER_FILES || VK_ICD_FILENAMES || VK_ADD_DRIVER_FILES) return true;
  const shared = (XDG_DATA_DIRS || '/usr/local/share:/usr/share').split(':');
  const personal = [join(homedir(), '.config'), join(homedir(), '.local/share')];
  return ['/etc', '/usr/local/etc', '/usr/share', ...shared, ...personal].some(
    (folder) => entriesOf(join(folder, 'vulkan/icd.d')).length > 0,
  );
}

/** Driver manifests of software Vulkan on this machine, best first. */
export function softwareDriverFiles(): string[] {
  const downloaded = VERSIONED_FOLDERS.flatMap(({ root, inside }) => {
    const folder = join(homedir(), root);
    return entriesOf(folder).map((version) =>
      join(folder, version, inside, 'vk_swiftshader_icd.json'),
    );
  });
  return [...KNOWN_DRIVER_FILES, ...downloaded].filter((file) => existsSync(file));
}
