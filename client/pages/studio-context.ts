import { createContext } from 'preact';
import { StudioRequests } from './studio-requests.ts';
import { StudioSession } from './studio-session.ts';

/** The session of the studio's pages, for all their parts. */
export const StudioContext = createContext(
  new StudioSession(new StudioRequests((address, init) => fetch(address, init))),
);
