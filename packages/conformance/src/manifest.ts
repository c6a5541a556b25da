import type { StoreCapabilities, TransportCapabilities } from '@outrelay/core';

/** What a store may offer beyond the contract. */
export type StoreFacetName =
  | 'transactions'
  | 'sharing'
  | 'schema'
  | 'wakeups'
  | 'inspection'
  | 'recovery'
  | 'maintenance'
  | 'inbox'
  | 'parking'
  | 'diagnosis';

/** What a transport may offer beyond the contract. */
export type TransportFacetName = 'connectivity';

/** What an adapter says about itself. Clauses are chosen by it alone, and every opened adapter is held to it. */
export interface Manifest<Capabilities, Facet extends string> {
  readonly capabilities: Capabilities;
  readonly facets: readonly Facet[];
}

/** What a store says about itself. */
export type StoreManifest = Manifest<StoreCapabilities, StoreFacetName>;

/** What a transport says about itself. */
export type TransportManifest = Manifest<TransportCapabilities, TransportFacetName>;

/** Values of capabilities that make a clause bind. */
export type Condition<Capabilities> = {
  readonly [K in Exclude<keyof Capabilities, 'limits'>]?: Capabilities[K];
};

const STORE_FACETS: readonly StoreFacetName[] = [
  'transactions',
  'sharing',
  'schema',
  'wakeups',
  'inspection',
  'recovery',
  'maintenance',
  'inbox',
  'parking',
  'diagnosis',
];
const FACETS: Readonly<Record<'store' | 'transport' | 'source', readonly string[]>> = {
  store: STORE_FACETS,
  transport: ['connectivity'],
  source: [],
};

/**
 * Compares an opened adapter with what its harness declares; answers with the differences as sentences, none when
 * they agree. A harness that forgets a facet would else pass by silence.
 */
export function manifestDifferences(
  kind: 'store' | 'transport' | 'source',
  declared: Manifest<object, string>,
  adapter: { readonly capabilities: object },
): readonly string[] {
  const differences: string[] = [];
  const names = new Set([...Object.keys(declared.capabilities), ...Object.keys(adapter.capabilities)]);
  for (const name of names) {
    const said = JSON.stringify((declared.capabilities as Record<string, unknown>)[name]);
    const is = JSON.stringify((adapter.capabilities as Record<string, unknown>)[name]);
    if (said !== is) differences.push(`the harness declares ${name} as ${said}, the ${kind} as ${is}`);
  }
  for (const facet of FACETS[kind]) {
    const said = declared.facets.includes(facet);
    const offered = (adapter as Record<string, unknown>)[facet] !== undefined;
    if (said && !offered) differences.push(`the harness declares the facet "${facet}", the ${kind} has none`);
    if (!said && offered)
      differences.push(`the ${kind} offers the facet "${facet}", which the harness does not declare`);
  }
  return differences;
}
