/**
 * Takes note when whoever read our output went away, as `head` does: that is an end, not an error.
 *
 * @returns a signal that aborts when nobody reads stdout any more
 */
export function watchPipes(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream): AbortSignal {
  const gone = new AbortController();
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    gone.abort();
  });
  stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return gone.signal;
}
