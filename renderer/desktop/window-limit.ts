/** A program that shows nothing for so long has hung or waits for something it cannot have, milliseconds. */
export const WINDOW_LIMIT_MS = 20_000;
