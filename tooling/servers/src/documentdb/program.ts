import process from 'node:process';
import { SET_NAME, startBridge } from './bridge.ts';

/** The bridge as a program of its own: `program.js PORT POSTGRES_URL [standalone] [fill-timestamps]`. */
const [port, postgresUrl, ...flags] = process.argv.slice(2);
if (port === undefined || postgresUrl === undefined)
  throw new Error('expected a port and the URL of PostgreSQL');
await startBridge({
  port: Number(port),
  postgresUrl,
  setName: flags.includes('standalone') ? null : SET_NAME,
  fillTimestamps: flags.includes('fill-timestamps'),
});
