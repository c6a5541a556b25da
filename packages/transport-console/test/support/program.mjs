// A program as the README shows it: writes messages to its own output until nobody reads them any more, and reports
// on its error output how that ended.
import { consoleTransport } from '../../dist/index.js';

const transport = consoleTransport({ source: '/shop' });
const { signal } = new AbortController();
const [count] = process.argv.slice(2);
let accepted = 0;
try {
  while (accepted < Number(count)) {
    const id = `m${accepted}`;
    const message = {
      id,
      topic: 'order.placed',
      key: null,
      headers: {},
      payload: '{"n":9007199254740993}',
      contentType: 'application/json',
      createdAt: new Date(0),
      deduplicationId: id,
    };
    const [result] = await transport.publish([message], signal);
    if (result.status === 'accepted') accepted += 1;
  }
  process.stderr.write(`accepted ${accepted}`);
} catch (error) {
  process.stderr.write(`${error.code} ${error.cause.code}`);
}
await transport.close();
