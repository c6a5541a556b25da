/*
 * The relay's statements go to the server as one text, so that a transaction costs one round trip and never waits for
 * the client. Values stand in it as literals.
 */

/** A text as a literal, safe whatever `standard_conforming_strings` says. */
export function text(value: string): string {
  const quoted = `'${value.replaceAll("'", "''")}'`;
  return value.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

/** A text or NULL. */
export function textOrNull(value: string | null): string {
  return value === null ? 'NULL' : text(value);
}

/** A whole number. */
export function whole(value: number): string {
  if (!Number.isSafeInteger(value)) throw new TypeError(`Expected a whole number; got ${value}.`);
  return String(value);
}

/** An array of whole numbers. */
export function numbers(values: readonly number[], type: 'bigint' | 'smallint' | 'integer'): string {
  return `'{${values.map(whole).join(',')}}'::${type}[]`;
}

/** An array of texts. */
export function texts(values: readonly string[]): string {
  const items = values.map((value) => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`);
  return `${text(`{${items.join(',')}}`)}::text[]`;
}

/** A value as JSON. */
export function json(value: unknown): string {
  return `${text(JSON.stringify(value))}::json`;
}

/** An identifier; whatever it holds. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
