import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../bootstrap/failure.mjs';
import { chart } from './endurance-chart.mjs';

const RECORD = 'lab/records/endurance-sqlite.json';

/**
 * An endurance run as the lab keeps it.
 *
 * @typedef {object} Record
 * @property {string} database
 * @property {string} broker
 * @property {string} node
 * @property {number} minutes
 * @property {number} perSecond
 * @property {number} relays
 * @property {number} written
 * @property {number} arrived
 * @property {number} duplicates
 * @property {readonly string[]} faults
 * @property {readonly { what: string }[]} incidents
 * @property {readonly import('./endurance-chart.mjs').Moment[]} moments
 */

/**
 * @param {string} root
 * @returns {Record}
 */
function readRecord(root) {
  const file = join(root, RECORD);
  if (!existsSync(file)) throw new Failure(`${RECORD} is missing: docs/endurance.md is made of it.`);
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** @type {import('./generators.mjs').Generator} */
export const enduranceChart = {
  file: 'docs/endurance.svg',
  make: async (root) => chart(readRecord(root)),
};

/** @type {import('./generators.mjs').Generator} */
export const enduranceReport = {
  file: 'docs/endurance.md',
  make: async (root) => {
    const record = readRecord(root);
    const kills = record.incidents.filter(({ what }) => what === 'kill').length;
    const snapshots = record.incidents.filter(({ what }) => what === 'snapshot-end').length;
    const verdict =
      record.faults.length === 0
        ? 'Nothing was lost, nothing arrived that was rolled back, and the first deliveries of every key came in order.'
        : record.faults.join('; ');
    return `<!-- Generated from ${RECORD} by \`pnpm run generate\`; do not edit. -->

# Endurance

${record.minutes} minutes at ${record.perSecond} messages a second, ${record.database} to ${record.broker}, ${record.relays} relays, Node.js ${record.node}, on a
machine of two cores that had other work to do. The relay that worked most was killed every minute (${kills} kills), and
${snapshots} times a read transaction was held open for half a minute.

| written and committed | arrived | repeated | faults |
| --- | --- | --- | --- |
| ${record.written} | ${record.arrived} | ${record.duplicates} | ${record.faults.length} |

${verdict} The ledger is the consumer's: it is counted from the stream, not from what relays say.

![memory, size and times over the run](endurance.svg)

The same again, for as long as you like: \`pnpm --filter @outrelay/lab endure --minutes 60\`.
`;
  },
};
