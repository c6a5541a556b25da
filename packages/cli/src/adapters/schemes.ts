/** An adapter package that the command line knows, and how to name it in a URL. */
export interface AdapterPackage {
  readonly kind: 'store' | 'transport';
  /** Schemes without the colon. */
  readonly schemes: readonly string[];
  readonly name: string;
  /** The driver that the package works with and the person installs. `null`: it needs none. */
  readonly driver: string | null;
}

/** Every adapter that a URL can name. Others take part through a configuration file. */
export const ADAPTERS: readonly AdapterPackage[] = [
  { kind: 'store', schemes: ['sqlite'], name: '@outrelay/store-sqlite', driver: 'better-sqlite3' },
  { kind: 'store', schemes: ['postgres', 'postgresql'], name: '@outrelay/store-postgres', driver: 'pg' },
  { kind: 'store', schemes: ['mysql', 'mariadb'], name: '@outrelay/store-mysql', driver: 'mysql2' },
  { kind: 'store', schemes: ['mongodb', 'mongodb+srv'], name: '@outrelay/store-mongo', driver: 'mongodb' },
  { kind: 'transport', schemes: ['redis', 'rediss'], name: '@outrelay/transport-redis', driver: 'ioredis' },
  { kind: 'transport', schemes: ['http', 'https'], name: '@outrelay/transport-http', driver: null },
  { kind: 'transport', schemes: ['stdout'], name: '@outrelay/transport-console', driver: null },
];

/** The schemes of one kind of adapter. */
export function schemesOf(kind: AdapterPackage['kind']): readonly string[] {
  return ADAPTERS.filter((adapter) => adapter.kind === kind).flatMap(({ schemes }) => schemes);
}

/** The scheme of a URL, in lower case, without the colon; empty when it has none. */
export function schemeOf(url: string): string {
  return (/^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1] ?? '').toLowerCase();
}
