// Carries out the proof on the database of a URL and prints the ledger.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prove } from './proof.ts';

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    redis: { type: 'string', default: 'redis://127.0.0.1:6379' },
    messages: { type: 'string', default: '100000' },
    processes: { type: 'string', default: '4' },
    'kill-every': { type: 'string', default: '3000' },
  },
});
const file = join(mkdtempSync(join(tmpdir(), 'outrelay-consumers-')), 'consumers.db');
const verdict = await prove({
  databaseUrl: values.url ?? `sqlite:${file}`,
  redisUrl: values.redis,
  messages: Number(values.messages),
  processes: Number(values.processes),
  killEveryMs: Number(values['kill-every']),
  effectsPerKill: 1,
  onProgress: (text) => {
    if (process.stdout.isTTY) process.stdout.write(`\r${text}    `);
  },
});
console.log(`\n${JSON.stringify(verdict, null, 2)}`);
const { lost, repeated, wrongBalances, parked, pending, kills } = verdict;
process.exitCode = lost + repeated + wrongBalances + parked + pending === 0 && kills > 0 ? 0 : 1;
