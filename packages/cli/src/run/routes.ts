import type { Transport } from '@outrelay/core';
import { displayUrl } from '../adapters/display-url.ts';
import { openTransport } from '../adapters/open-adapter.ts';
import type { OutrelayConfig } from '../config/define-config.ts';
import type { Closer } from '../session/closer.ts';
import { optionsOf } from '../session/store-session.ts';
import { UsageError } from '../usage-error.ts';

/** What a person said about where messages go. */
export interface RouteSource {
  readonly to: string | undefined;
  readonly 'to-option': readonly (readonly [name: string, value: string])[];
  readonly route: readonly (readonly [pattern: string, url: string])[];
  readonly topics: readonly (readonly string[])[];
}

/** Where messages go. */
export interface Destination {
  readonly routes: Readonly<Record<string, Transport>>;
  /** What the destination is called when people are told about it. */
  readonly label: string;
  /** What the transport of each pattern is called. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Whether anything says where messages go, be it wrong. */
export function hasDestination(source: RouteSource, config: OutrelayConfig | null): boolean {
  const given = [...source.route, ...source.topics, ...source['to-option']];
  return source.to !== undefined || given.length > 0 || (config?.transport ?? config?.routes) !== undefined;
}

/** Builds the transports of `--to` and `--route`, else takes those of the configuration. */
export async function openRoutes(
  source: RouteSource,
  config: OutrelayConfig | null,
  closer: Closer,
  cwd: string,
): Promise<Destination> {
  const topics = source.topics.flat();
  const options = optionsOf('--to-option', source['to-option']);
  checkSource(source, topics, options !== undefined);
  const given = givenRoutes(source, topics);
  if (given.length === 0) return configRoutes(topics, config);
  const transports = new Map<string, Transport>();
  const routes: Record<string, Transport> = {};
  for (const { pattern, url, name } of given) {
    if (Object.hasOwn(routes, pattern)) throw new UsageError(`--route gives "${pattern}" twice.`);
    const transport =
      transports.get(url) ??
      (await openTransport({ url, name, options: name === '--to' ? options : undefined }, cwd));
    closer.add('transport', transport);
    transports.set(url, transport);
    routes[pattern] = transport;
  }
  const labels = Object.fromEntries(given.map(({ pattern, url }) => [pattern, displayUrl(url)]));
  return { routes, labels, label: [...new Set(Object.values(labels))].join(', ') };
}

interface GivenRoute {
  readonly pattern: string;
  readonly url: string;
  readonly name: string;
}

function givenRoutes({ to, route }: RouteSource, topics: readonly string[]): GivenRoute[] {
  const routes = route.map(([pattern, url]) => ({ pattern, url, name: '--route' }));
  if (to === undefined) return routes;
  const patterns = topics.length === 0 ? ['*'] : [...new Set(topics)];
  return [...patterns.map((pattern) => ({ pattern, url: to, name: '--to' })), ...routes];
}

function checkSource({ to, route }: RouteSource, topics: readonly string[], hasOptions: boolean): void {
  if (hasOptions && to === undefined) {
    throw new UsageError(
      '--to-option belongs to --to; other transports have their options where they are built.',
    );
  }
  if (topics.length > 0 && route.length > 0) {
    throw new UsageError(
      '--topics and --route both choose topics; leave --topics out and give each a --route.',
    );
  }
}

function configRoutes(topics: readonly string[], config: OutrelayConfig | null): Destination {
  const { transport, routes } = config ?? {};
  if (transport === undefined && routes === undefined) {
    throw new UsageError(
      'Where to? Give --to URL, for example --to https://example.com/hook or --to stdout:.',
      {
        advice: 'Or set OUTRELAY_TO, or give a --route per topic, or write an outrelay.config.mjs.',
      },
    );
  }
  if (routes !== undefined) {
    if (transport !== undefined) {
      throw new UsageError('The configuration has both "transport" and "routes"; keep one of them.');
    }
    if (topics.length > 0) {
      throw new UsageError('--topics does not go with the "routes" of the configuration; change them there.');
    }
    return named(routes);
  }
  const patterns = topics.length === 0 ? ['*'] : topics;
  const all = Object.fromEntries(patterns.map((pattern) => [pattern, transport as Transport]));
  return named(all);
}

function named(routes: Readonly<Record<string, Transport>>): Destination {
  const labels = Object.fromEntries(Object.entries(routes).map(([pattern, { name }]) => [pattern, name]));
  return { routes, labels, label: [...new Set(Object.values(labels))].join(', ') };
}
