/**
 * Environment of a Rockpool whose players all play the one game that needs no GPU: no process of it
 * opens a software one, rehearses games on it or draws their covers.
 */
export const ONE_GAME = { ROCKPOOL_BUILT_IN_GAMES: 'calibration' } as const;
