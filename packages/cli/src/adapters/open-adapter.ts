import { guardStore, guardTransport, type OutboxStore, type Transport } from '@outrelay/core';
import { didYouMean } from '../nearest.ts';
import { settingsOf, UsageError } from '../usage-error.ts';
import { importAdapter } from './import-adapter.ts';
import { ADAPTERS, type AdapterPackage, schemeOf, schemesOf } from './schemes.ts';

/** A URL and where it was given. */
export interface GivenUrl {
  readonly url: string;
  /** How the person gave it, for error texts, for example `--from`. */
  readonly name: string;
  /** Further options of the adapter, as texts. */
  readonly options?: Readonly<Record<string, string>> | undefined;
}

/** Builds the store of a URL. Whoever calls closes it. */
export async function openStore(given: GivenUrl, cwd: string): Promise<OutboxStore> {
  return settingsOf(async () => guardStore(await build('store', given, cwd)));
}

/** Builds the transport of a URL. Whoever calls closes it. */
export async function openTransport(given: GivenUrl, cwd: string): Promise<Transport> {
  return settingsOf(async () => guardTransport(await build('transport', given, cwd)));
}

async function build(kind: AdapterPackage['kind'], given: GivenUrl, cwd: string): Promise<unknown> {
  const adapter = await importAdapter(adapterOf(kind, given), cwd);
  return adapter.fromUrl(given.url, given.options);
}

function adapterOf(kind: AdapterPackage['kind'], { url, name }: GivenUrl): AdapterPackage {
  const scheme = schemeOf(url);
  const adapter = ADAPTERS.find(({ schemes }) => schemes.includes(scheme));
  if (adapter?.kind === kind) return adapter;
  const known = schemesOf(kind);
  const what =
    adapter === undefined
      ? `"${scheme}:" is not known.${didYouMean(scheme, known)}`
      : `"${scheme}:" is a ${adapter.kind}, and a ${kind} is needed here.`;
  throw new UsageError(`${name}: ${what} A ${kind} begins with one of: ${known.join(':, ')}:.`, {
    advice: 'Other adapters take part through a configuration file; see: outrelay help run',
  });
}
