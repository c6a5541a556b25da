/** A setting that the supervisor passes to its processes. */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`The environment variable ${name} is missing.`);
  return value;
}

/**
 * Makes sure that no process of the demo outlives the supervisor, whichever way that ends.
 *
 * @returns what a process calls when it has done its work
 */
export function endWithParent(): () => void {
  const abandoned = (): void => process.exit(1);
  process.on('disconnect', abandoned);
  // Ctrl-C reaches the whole group; the supervisor decides who ends when.
  process.on('SIGINT', () => {});
  return () => {
    process.off('disconnect', abandoned);
    process.disconnect?.();
  };
}
