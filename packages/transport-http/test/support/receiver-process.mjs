// A receiver in a process of its own, so that a test can kill it. Writes the id of each request to its output before
// it answers; the first line is the port. Holds its answers when the second argument says so.
import { createServer } from 'node:http';

const [port, mode] = process.argv.slice(2);
const server = createServer((request, response) => {
  request.resume().once('end', () => {
    process.stdout.write(`${String(request.headers['ce-id'])}\n`);
    if (mode !== 'hold') response.end();
  });
});
server.listen(Number(port), '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
// The test is gone when its end of the pipe is.
process.stdin.resume().once('end', () => process.exit());
