import type { ServerKind } from '../kinds/server-kind.ts';
import type { RungAnswer } from './rung.ts';

/** A throw-away server from a program of this machine or of an npm package. */
export async function fromBinary(kind: ServerKind): Promise<RungAnswer> {
  const server = await kind.start();
  if (server === null) return { none: 'no server program found' };
  return {
    url: server.url,
    version: server.version,
    origin: `started on ${new URL(server.url).host}`,
    remove: () => server.remove(),
  };
}
