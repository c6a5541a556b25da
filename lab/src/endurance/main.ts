// `pnpm --filter @outrelay/lab endure`: hours of work while relays are killed; the record goes to lab/records.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DATABASES, type DatabaseName } from '../rig/start-database.ts';
import { endure } from './endurance.ts';

const { values } = parseArgs({
  options: {
    database: { type: 'string', default: 'sqlite' },
    minutes: { type: 'string', default: '60' },
    'per-second': { type: 'string', default: '500' },
    relays: { type: 'string', default: '3' },
    'record-to': { type: 'string' },
  },
});
const database = DATABASES.find((name) => name === values.database);
if (database === undefined)
  throw new Error(`--database takes one of ${DATABASES.join(', ')}; got ${values.database}.`);

const record = await endure(
  {
    database: database satisfies DatabaseName,
    minutes: number('minutes'),
    perSecond: number('per-second'),
    relays: number('relays'),
  },
  (line) => console.log(line),
);
const folder = fileURLToPath(new URL('../../records/', import.meta.url));
mkdirSync(folder, { recursive: true });
const file = values['record-to'] ?? `${folder}endurance-${database}.json`;
writeFileSync(file, `${JSON.stringify(record)}\n`);
console.log(
  `${record.written} written, ${record.arrived} arrived, ${record.duplicates} duplicates, ${record.incidents.filter(({ what }) => what === 'kill').length} relays killed`,
);
for (const fault of record.faults) console.log(`  ${fault}`);
process.exitCode = record.faults.length === 0 ? 0 : 1;

function number(name: 'minutes' | 'per-second' | 'relays'): number {
  const given = Number(values[name]);
  if (given > 0) return given;
  throw new Error(`--${name} takes a number above 0; got ${values[name]}.`);
}
