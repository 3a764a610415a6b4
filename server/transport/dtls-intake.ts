import { type DtlsSocket, isDtls, type RTCDtlsTransport } from 'werift';
import { toRockpoolError } from '../../protocol/errors.ts';
import { DtlsAuthentication } from './dtls-authentication.ts';
import { DtlsFlights } from './dtls-flights.ts';
import { DtlsOrder } from './dtls-order.ts';

/** A ClientHello with a post-quantum key share takes two datagrams, and is repeated once. */
const MAX_EARLY = 4;

/**
 * Stands between ICE and werift's DTLS, which survives neither reordering nor data that comes before
 * its reader (see {@link DtlsOrder}), sends each record by itself (see {@link DtlsFlights}), and
 * believes whoever shows the right certificate (see {@link DtlsAuthentication}). As a rule the worker
 * is the DTLS server, since it offers `actpass` and browsers answer `active`; as a client it is served
 * alike.
 *
 * The browser's first flight comes as soon as its side of ICE is done; werift listens only once its
 * own is, up to 20 ms later, and the browser repeats itself after 50. So what comes early is kept.
 */
export function orderDtls(transport: RTCDtlsTransport): void {
  const early: Buffer[] = [];
  let order: DtlsOrder | undefined;
  transport.iceTransport.connection.onData.subscribe((datagram) => {
    const isEarly = transport.state === 'new' && isDtls(datagram);
    if (isEarly && early.length < MAX_EARLY) early.push(datagram);
  });
  transport.onStateChange.subscribe((state) => {
    if (state === 'connecting') {
      // werift makes its DTLS after it has told the state, in the same turn.
      queueMicrotask(() => {
        order = transport.dtls && orderBefore(transport.dtls);
        for (const datagram of early.splice(0)) order?.receive(datagram);
      });
    }
    // Its SCTP starts some promises later, in the same turn; what it reads before makes it throw.
    if (state === 'connected') setImmediate(() => order?.handleConnected());
  });
}

function orderBefore(dtls: DtlsSocket): DtlsOrder {
  const { socket } = dtls.transport;
  // werift calls it without an address, too.
  const read = socket.onData as (record: Buffer) => void;
  const authentication = new DtlsAuthentication(dtls);
  let isRefused = false;
  const isAdmitted = (record: Buffer): boolean => {
    if (isRefused) return false;
    try {
      return authentication.admits(record);
    } catch (error) {
      isRefused = true;
      // werift's transport fails by this, and the peer with it.
      dtls.onError.execute(toRockpoolError(error, 'unauthorised'));
      return false;
    }
  };
  const send = socket.send.bind(socket);
  const flights = new DtlsFlights((datagram) => send(datagram));
  socket.send = (record) => flights.send(record);
  const order = new DtlsOrder((record) => {
    if (isAdmitted(record)) read(record);
  });
  socket.onData = (datagram) => order.receive(datagram);
  return order;
}
