import { guardStore, guardTransport, OutboxError, type OutboxStore, type Transport } from '@outrelay/core';
import { displayUrl } from '../adapters/display-url.ts';
import { openStore } from '../adapters/open-adapter.ts';
import { type ListOption, list, type ValueOption, value } from '../arguments/option.ts';
import { assignment, text, url } from '../arguments/readers.ts';
import type { OutrelayConfig } from '../config/define-config.ts';
import { loadConfig } from '../config/load-config.ts';
import type { Context } from '../context.ts';
import { UsageError } from '../usage-error.ts';
import { Closer } from './closer.ts';

type Assignment = readonly [name: string, value: string];

/** The options that name a store. */
export const STORE_OPTIONS: {
  readonly from: ValueOption<string>;
  readonly 'from-option': ListOption<Assignment>;
  readonly config: ValueOption<string>;
} = {
  from: value('URL', url, 'The store, for example sqlite:shop.db.', 'OUTRELAY_FROM'),
  'from-option': list('NAME=VALUE', assignment, 'An option of the store, as in its URL after "?".'),
  config: value('FILE', text, 'The configuration. Default: outrelay.config.{ts,mjs,js}, if there is one.'),
};

/** Where a command was told to find its store. */
export interface StoreSource {
  readonly from: string | undefined;
  readonly 'from-option': readonly Assignment[];
  readonly config: string | undefined;
  /** What the option is called, for error texts. Default: `from`. */
  readonly called?: string | undefined;
}

/** An open store and what came with it. */
export interface StoreSession {
  readonly store: OutboxStore;
  /** What the store is called when people are told about it. */
  readonly label: string;
  readonly config: OutrelayConfig | null;
  /** Closes what is added to it after the store's users and before the store. */
  readonly closer: Closer;
}

/** Opens the store of a command, lets it work, and closes the store and everything of the configuration. */
export async function withStore<T>(
  context: Context,
  source: StoreSource,
  work: (session: StoreSession) => Promise<T>,
): Promise<T> {
  const loaded = await loadConfig(source.config, context.cwd);
  const closer = new Closer(context.err);
  try {
    if (loaded !== null) closeConfig(closer, loaded.config);
    const { store, label } = await chooseStore(context, source, loaded?.config ?? null);
    closer.add('store', store);
    return await work({ store, label, config: loaded?.config ?? null, closer });
  } finally {
    await closer.close();
  }
}

async function chooseStore(
  { cwd }: Context,
  source: StoreSource,
  config: OutrelayConfig | null,
): Promise<Pick<StoreSession, 'store' | 'label'>> {
  const name = `--${source.called ?? 'from'}`;
  const options = optionsOf(`${name}-option`, source['from-option']);
  if (source.from !== undefined) {
    const store = await openStore({ url: source.from, name, options }, cwd);
    return { store, label: displayUrl(source.from) };
  }
  if (options !== undefined) {
    throw new UsageError(
      `${name}-option belongs to ${name}; a store of a configuration has its options there.`,
    );
  }
  if (config !== null) return { store: guardStore(config.store), label: config.store.name };
  throw new UsageError(`Which store? Give ${name} URL, for example ${name} sqlite:shop.db.`, {
    advice: 'Or set OUTRELAY_FROM, or write an outrelay.config.mjs.',
  });
}

/** Options given one by one, as an object; `undefined` when there are none. */
export function optionsOf(
  name: string,
  assignments: readonly Assignment[],
): Readonly<Record<string, string>> | undefined {
  const names = assignments.map(([option]) => option);
  const twice = names.find((option, at) => names.indexOf(option) !== at);
  if (twice !== undefined) throw new UsageError(`${name} gives "${twice}" twice.`);
  return assignments.length === 0 ? undefined : Object.fromEntries(assignments);
}

/** The part of a store that a command needs; throws `NOT_SUPPORTED` when the store does not offer it. */
export function facetOf<F extends 'transactions' | 'schema' | 'inspection' | 'recovery' | 'parking' | 'log'>(
  store: OutboxStore,
  name: F,
): NonNullable<OutboxStore[F]> {
  const facet = store[name];
  if (facet !== undefined) return facet;
  throw new OutboxError('NOT_SUPPORTED', `The store "${store.name}" does not offer the ${name} facet.`);
}

function closeConfig(closer: Closer, config: OutrelayConfig): void {
  closer.add('store', guardStore(config.store));
  const transports = [config.transport, ...Object.values(config.routes ?? {})];
  for (const transport of new Set(transports)) {
    if (transport !== undefined) closer.add('transport', guardedTransport(transport));
  }
}

function guardedTransport(transport: Transport): Transport {
  try {
    return guardTransport(transport);
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}
