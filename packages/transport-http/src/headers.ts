/** Headers of a request as servers hand them over: Node's record, a plain record of any case, or a `Headers` object. */
export type HttpHeaders =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | { get(name: string): string | null };

/** Finds headers by their lower-case name; a header that came several times reads as one list. */
export function headerReader(headers: HttpHeaders): (name: string) => string | undefined {
  if (typeof headers.get === 'function') {
    const source = headers as { get(name: string): string | null };
    return (name) => source.get(name) ?? undefined;
  }
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string') values.set(name.toLowerCase(), value);
    else if (Array.isArray(value)) values.set(name.toLowerCase(), value.join(', '));
  }
  return (name) => values.get(name);
}
