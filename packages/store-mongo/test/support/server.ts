import { note, serverUrl } from '@outrelay/servers';
import { MongoClient } from 'mongodb';
import { Proxy } from './proxy.ts';

/** The server of a suite, and a way to it that can be cut. */
export interface TestServer {
  readonly url: string;
  readonly proxiedUrl: string;
  readonly proxy: Proxy;
  readonly hasChangeStreams: boolean;
  /** What it is, for reports. */
  readonly title: string;
}

/** The shared server of the run; `null` when there is none. */
export async function findTestServer(
  url: string | undefined = serverUrl('mongodb'),
): Promise<TestServer | null> {
  if (url === undefined) {
    note({ kind: 'skip', reason: 'no MongoDB: docker compose up --detach --wait mongodb' });
    return null;
  }
  const address = new URL(url);
  const target = { host: address.hostname, port: Number(address.port === '' ? 27_017 : address.port) };
  const proxy = await Proxy.start(target);
  const proxied = new URL(url);
  proxied.port = String(proxy.port);
  proxied.hostname = '127.0.0.1';
  // The replica set names its members by their own addresses, which would lead around the proxy.
  proxied.searchParams.set('directConnection', 'true');
  proxied.searchParams.delete('replicaSet');
  const client = new MongoClient(url);
  try {
    const { documentdb, version } = await client.db('admin').command({ buildInfo: 1 });
    return {
      url,
      proxiedUrl: proxied.href,
      proxy,
      hasChangeStreams: documentdb === undefined,
      title: documentdb === undefined ? `MongoDB ${version}` : `DocumentDB ${documentdb} behind a bridge`,
    };
  } finally {
    await client.close();
  }
}
