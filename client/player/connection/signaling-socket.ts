import { io } from 'socket.io-client';
import { PLAYER_NAMESPACE, type PlayerHello } from '../../../protocol/player-messages.ts';

/** The part of a socket.io client socket that is used; its reconnecting is socket.io's own. */
export interface SignalingSocket {
  readonly connected: boolean;
  /** True while it will reconnect by itself. */
  readonly active: boolean;
  on(event: string, listener: (payload: unknown) => void): unknown;
  timeout(ms: number): { emitWithAck(event: string, payload: unknown): Promise<unknown> };
  connect(): unknown;
  disconnect(): unknown;
}

/** @param hello asked anew for each connection. */
export type OpenSocket = (hello: () => PlayerHello) => SignalingSocket;

/** How often and how long socket.io tries again, jittered by half; milliseconds. */
const RECONNECT = { firstMs: 500, longestMs: 5000 };
/** A handshake is four round trips; one begun just as the network changed never ends by itself. */
const CONNECT_TIMEOUT_MS = 5000;

/** Connects to the server the page came from; not before `connect()`. */
export const openBrowserSocket: OpenSocket = (hello) =>
  io(PLAYER_NAMESPACE, {
    transports: ['websocket'],
    autoConnect: false,
    auth: (callback) => callback(hello()),
    reconnectionDelay: RECONNECT.firstMs,
    reconnectionDelayMax: RECONNECT.longestMs,
    randomizationFactor: 0.5,
    timeout: CONNECT_TIMEOUT_MS,
  });
