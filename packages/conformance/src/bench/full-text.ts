/** Everything that a log could show of an error and of its causes. */
export function fullText(error: unknown): string {
  const parts: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    parts.push(at.message, at.stack ?? '', JSON.stringify(at));
  }
  return parts.length === 0 ? String(error) : parts.join('\n');
}
