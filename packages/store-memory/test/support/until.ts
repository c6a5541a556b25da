/** Resolves as soon as the condition holds, which it is asked in every round of the event loop; fails after 20 s. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`not true within 20 s: ${condition.toString()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
