import sharp, { type Sharp } from 'sharp';
import { SCREENSHOT_WIDTHS, type Screenshot } from '../../protocol/try-out-report.ts';
import { rgbaOf } from '../../renderer/cover.ts';
import type { MediaFolder } from './media-folder.ts';
import type { TakenPicture } from './screenshot-moments.ts';

/** AVIF at this quality looks as WebP does at the other, and is about half as large. */
const AVIF_QUALITY = 55;
const WEBP_QUALITY = 80;

/** Of 9: more costs seconds of a machine on which others play, and saves little. */
const AVIF_EFFORT = 2;

/** One thread: players' games have the others. */
sharp.concurrency(1);

/**
 * Each picture in every width it has and both formats, that which shows most first.
 * @throws the signal's reason: seconds of work are left where nobody wants it any more.
 */
export async function writeScreenshots(
  pictures: readonly TakenPicture[],
  folder: MediaFolder,
  signal: AbortSignal,
): Promise<Screenshot[]> {
  const ranked: { readonly entropy: number; readonly files: Screenshot[] }[] = [];
  for (const picture of pictures) {
    signal.throwIfAborted();
    const { width, height } = picture;
    const source = sharp(rgbaOf(picture), { raw: { width, height, channels: 4 } }).removeAlpha();
    const { entropy } = await source.clone().stats();
    ranked.push({ entropy, files: await writeSizes(source, picture, folder) });
  }
  return ranked.sort((a, b) => b.entropy - a.entropy).flatMap(({ files }) => files);
}

/** A picture file as one more of a report's pictures. */
export async function writePicture(
  source: Uint8Array,
  atMs: number,
  folder: MediaFolder,
): Promise<Screenshot> {
  const { data, info } = await sharp(source)
    .webp({ quality: WEBP_QUALITY })
    .toBuffer({ resolveWithObject: true });
  return {
    ...(await folder.keep(data)),
    format: 'webp',
    width: info.width,
    height: info.height,
    atMs,
  };
}

async function writeSizes(
  source: Sharp,
  { width, height, atMs }: TakenPicture,
  folder: MediaFolder,
): Promise<Screenshot[]> {
  const largest = Math.min(width, Math.floor((height * 16) / 9));
  // What is smaller than the smallest is kept as it is.
  const widths = SCREENSHOT_WIDTHS.filter((one) => one <= largest);
  const files: Screenshot[] = [];
  for (const wide of widths.length > 0 ? widths : [largest]) {
    const size = { width: wide, height: Math.round((wide * 9) / 16) };
    const picture = source.clone().resize(size.width, size.height, { fit: 'cover' });
    const avif = picture.clone().avif({ quality: AVIF_QUALITY, effort: AVIF_EFFORT });
    const webp = picture.clone().webp({ quality: WEBP_QUALITY });
    files.push(
      { ...(await folder.keep(await avif.toBuffer())), format: 'avif', ...size, atMs },
      { ...(await folder.keep(await webp.toBuffer())), format: 'webp', ...size, atMs },
    );
  }
  return files;
}
