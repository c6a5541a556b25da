import { lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/**
 * Tells whether an IP address is one of the public internet.
 *
 * The ranges come from the special-purpose registries of IANA (RFC 6890 and its updates): private, loopback,
 * link-local, shared (CGNAT), multicast, documentation, benchmarking and reserved addresses are not public. Of IPv6
 * only global unicast (2000::/3) is, without the tunnels in it that embed an IPv4 address; IPv4-mapped and NAT64
 * addresses are refused whatever they embed.
 */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !NOT_PUBLIC.check(address, 'ipv4');
  // A zone index names a link, so the address is not public; BlockList would refuse to parse it.
  if (family !== 6 || address.includes('%')) return false;
  return GLOBAL_UNICAST.check(address, 'ipv6') && !NOT_PUBLIC.check(address, 'ipv6');
}

/** The host of a URL as sockets want it: IPv6 addresses without brackets. */
export function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

/**
 * A resolver of host names for the sockets of an agent that answers with public addresses alone.
 *
 * It runs for every new connection and its answer is what the socket connects to: a name that changes its address
 * between a check and the connection (DNS rebinding) gains nothing.
 */
export function publicLookup(resolve: typeof systemLookup = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const allowed = addresses.filter((entry) => isPublicAddress(entry.address));
      const [first] = allowed;
      if (first === undefined) return callback(privateAddress(hostname), '', 0);
      return options.all === true ? callback(null, allowed) : callback(null, first.address, first.family);
    });
  };
}

function privateAddress(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${hostname} has no public address, and allowPrivateAddresses is false`), {
    code: 'ERR_PRIVATE_ADDRESS',
  });
}

const NOT_PUBLIC = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  NOT_PUBLIC.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  NOT_PUBLIC.addSubnet(network, prefix, 'ipv6');
}

const GLOBAL_UNICAST = new BlockList();
GLOBAL_UNICAST.addSubnet('2000::', 3, 'ipv6');
