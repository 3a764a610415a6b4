import { describe, expect, it } from 'vitest';
import { DtlsFlights } from '../../../server/transport/dtls-flights.ts';

const CHANGE_CIPHER_SPEC = 20;
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;

function record(type: number, bytes: number): Buffer {
  return Buffer.alloc(bytes, type);
}

function flights() {
  const sent: Buffer[] = [];
  return {
    sent,
    flights: new DtlsFlights(async (datagram) => {
      sent.push(datagram);
    }),
  };
}

describe('DtlsFlights', () => {
  it('sends a flight in one datagram, its records in their order', async () => {
    const { flights: one, sent } = flights();
    const flight = [record(CHANGE_CIPHER_SPEC, 14), record(HANDSHAKE, 61)];
    await Promise.all(flight.map((part) => one.send(part)));
    expect(sent).toEqual([Buffer.concat(flight)]);
    await one.send(record(HANDSHAKE, 61));
    expect(sent).toHaveLength(2);
  });

  it('cuts a flight between records where a path would not carry it whole', async () => {
    const { flights: one, sent } = flights();
    const sizes = [700, 500, 1, 1500, 300];
    await Promise.all(sizes.map((bytes) => one.send(record(HANDSHAKE, bytes))));
    expect(sent.map(({ length }) => length)).toEqual([1200, 1, 1500, 300]);
  });

  it('holds no data back, and lets none overtake a flight', async () => {
    const { flights: one, sent } = flights();
    void one.send(record(APPLICATION_DATA, 100));
    expect(sent).toHaveLength(1);
    await Promise.all([one.send(record(HANDSHAKE, 61)), one.send(record(APPLICATION_DATA, 100))]);
    expect(sent.slice(1)).toEqual([
      Buffer.concat([record(HANDSHAKE, 61), record(APPLICATION_DATA, 100)]),
    ]);
  });

  it('tells who sends a flight that it could not be sent', async () => {
    const one = new DtlsFlights(() => Promise.reject(new Error('no way out')));
    await expect(one.send(record(HANDSHAKE, 61))).rejects.toThrow('no way out');
  });
});
