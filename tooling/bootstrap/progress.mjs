const started = performance.now();

/**
 * Prints one line.
 *
 * @param {string} text
 */
export function say(text) {
  process.stdout.write(`${text}\n`);
}

/**
 * Prints the heading of a step, with the time since the start.
 *
 * @param {string} title
 */
export function heading(title) {
  const seconds = Math.round((performance.now() - started) / 1000);
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  say(`\n── ${title} ${'─'.repeat(Math.max(2, 70 - title.length))} ${clock}`);
}
