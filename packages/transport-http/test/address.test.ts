import type { LookupAddress } from 'node:dns';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { bareHost, isPublicAddress, publicLookup } from '../src/address.ts';
import { startTcp } from './support/tcp.ts';

describe('isPublicAddress', () => {
  it.each([
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['0.0.0.0', 'this host'],
    ['100.64.0.1', 'shared'],
    ['100.127.255.255', 'shared'],
    ['169.254.169.254', 'link-local, the metadata service of clouds'],
    ['192.0.0.8', 'protocol assignment'],
    ['192.0.2.1', 'documentation'],
    ['198.18.0.1', 'benchmarking'],
    ['198.51.100.7', 'documentation'],
    ['203.0.113.9', 'documentation'],
    ['224.0.0.1', 'multicast'],
    ['240.0.0.1', 'reserved'],
    ['255.255.255.255', 'broadcast'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['::ffff:10.0.0.1', 'IPv4-mapped private'],
    ['::ffff:a00:1', 'IPv4-mapped private'],
    ['::ffff:8.8.8.8', 'IPv4-mapped'],
    ['::8.8.8.8', 'IPv4-compatible'],
    ['64:ff9b::a00:1', 'NAT64'],
    ['64:ff9b:1::1', 'local NAT64'],
    ['100::1', 'discard'],
    ['2001::1', 'Teredo'],
    ['2001:db8::1', 'documentation'],
    ['2002:a00:1::', '6to4 of a private address'],
    ['3fff::1', 'documentation'],
    ['fc00::1', 'unique local'],
    ['fd12:3456::1', 'unique local'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local with a zone'],
    ['ff02::1', 'multicast'],
    ['example.com', 'no address'],
    ['', 'no address'],
  ])('refuses %s (%s)', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each([
    '8.8.8.8',
    '100.63.255.255',
    '100.128.0.1',
    '172.15.255.255',
    '172.32.0.1',
    '192.167.255.255',
    '223.255.255.255',
    '2600::1',
    '2a00:1450:4001::200e',
    '2001:4860:4860::8888',
  ])('accepts %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});

describe('bareHost', () => {
  it.each([
    ['http://127.1/', '127.0.0.1'],
    ['http://0x7f000001/', '127.0.0.1'],
    ['http://2130706433/', '127.0.0.1'],
    ['http://[::ffff:10.0.0.1]/', '::ffff:a00:1'],
    ['http://example.com:81/', 'example.com'],
  ])('reads %s as %s', (url, host) => {
    expect(bareHost(new URL(url))).toBe(host);
  });
});

type Resolver = NonNullable<Parameters<typeof publicLookup>[0]>;

/** A resolver that gives the answers one after the other. */
function answers(...all: readonly (readonly string[] | Error)[]): Resolver {
  const left = [...all];
  return ((_name: string, _options: object, callback: (...values: unknown[]) => void) => {
    const next = left.shift() ?? [];
    if (next instanceof Error) callback(next, []);
    else
      callback(
        null,
        next.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
  }) as unknown as Resolver;
}

function resolve(lookup: ReturnType<typeof publicLookup>, all: boolean): Promise<unknown> {
  return new Promise((done) => {
    lookup('example.com', { all }, (error, address, family) =>
      done(error ?? (all ? address : [address, family])),
    );
  });
}

describe('publicLookup', () => {
  it('answers with the public addresses alone, in both forms that sockets ask for', async () => {
    const mixed = ['10.0.0.1', '2600::1', '8.8.8.8'];
    expect(await resolve(publicLookup(answers(mixed)), true)).toEqual([
      { address: '2600::1', family: 6 },
      { address: '8.8.8.8', family: 4 },
    ]);
    expect(await resolve(publicLookup(answers(mixed)), false)).toEqual(['2600::1', 6]);
  });

  it('refuses a name whose addresses are all private, and looks again each time', async () => {
    const lookup = publicLookup(answers(['8.8.8.8'], ['10.0.0.1'], []));
    expect(await resolve(lookup, false)).toEqual(['8.8.8.8', 4]);
    for (let time = 0; time < 2; time += 1) {
      expect(await resolve(lookup, false)).toMatchObject({
        code: 'ERR_PRIVATE_ADDRESS',
        message: 'example.com has no public address, and allowPrivateAddresses is false',
      });
    }
  });

  it('passes on that a name cannot be resolved', async () => {
    const failure = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    expect(await resolve(publicLookup(answers(failure)), true)).toBe(failure);
  });

  it('keeps a socket from connecting to a name of this machine', async () => {
    let reached = 0;
    const port = await startTcp(() => {
      reached += 1;
    });
    const socket = connect({ host: 'localhost', port, lookup: publicLookup() });
    const error = await new Promise((done) => socket.once('error', done).once('connect', done));
    expect(error).toMatchObject({ code: 'ERR_PRIVATE_ADDRESS' });
    expect(reached).toBe(0);
  });
});
