import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { PROFILES, type Profile } from '../../../gate/network/profiles.ts';
import { RelayClient } from '../../../gate/network/relay-client.ts';

function lan(): Profile {
  const profile = PROFILES.get('lan');
  if (!profile) throw new Error('no profile lan');
  return profile;
}

it('relays in a process of its own, answers for it and ends with it', async () => {
  const relay = await RelayClient.start(lan(), 1);
  const echo = createSocket('udp4', (datagram, { port, address }) => {
    echo.send(datagram, port, address);
  });
  const peer = createSocket('udp4');
  try {
    echo.bind(0, '127.0.0.1');
    peer.bind(0, '127.0.0.1');
    await Promise.all([once(echo, 'listening'), once(peer, 'listening')]);
    const path = await relay.open({ host: '127.0.0.1', port: echo.address().port });
    peer.send('there and back', path.port, path.host);
    const [datagram] = await once(peer, 'message');
    expect(String(datagram)).toBe('there and back');
    const statistics = await relay.statistics();
    expect(statistics).toMatchObject({
      down: { packetsDelivered: 1 },
      up: { packetsIn: 1, bytesIn: 42 },
      strangers: 0,
      failures: 0,
    });
    await relay.markStart();
    expect((await relay.statistics()).up.packetsIn).toBe(0);
    await expect(relay.open({ host: 'localhost', port: 1 })).rejects.toThrow('IPv4');
    expect((await relay.statistics()).down.packetsIn).toBe(0);
  } finally {
    echo.close();
    peer.close();
    await relay.close();
  }
  await expect(relay.statistics()).rejects.toThrow();
}, 20_000);
