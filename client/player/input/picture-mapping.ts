import { POINTER_MAX } from '../../../protocol/input-messages.ts';

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Where `object-fit: contain` puts a picture of this size in its box: bars at the sides or above and below. */
export function pictureBox(box: Box, picture: Size): Box {
  if (picture.width <= 0 || picture.height <= 0) return box;
  const scale = Math.min(box.width / picture.width, box.height / picture.height);
  const width = picture.width * scale;
  const height = picture.height * scale;
  return {
    left: box.left + (box.width - width) / 2,
    top: box.top + (box.height - height) / 2,
    width,
    height,
  };
}

function fraction(position: number, start: number, length: number): number {
  if (length <= 0) return 0;
  const within = Math.min(Math.max((position - start) / length, 0), 1);
  return Math.round(within * POINTER_MAX);
}

/** A point in CSS pixels as fractions of the picture, 0 to 65535; points on the bars go to the edge. */
export function toPicture(
  box: Box,
  picture: Size,
  clientX: number,
  clientY: number,
): { x: number; y: number } {
  const shown = pictureBox(box, picture);
  return {
    x: fraction(clientX, shown.left, shown.width),
    y: fraction(clientY, shown.top, shown.height),
  };
}
