/**
 * The members of a JSON object as the texts they stand there, values untouched, white space around them left out.
 *
 * For what parsing loses: digits beyond 2^53, repeated names inside, the spelling of numbers and escapes. Of a name
 * that comes twice the last one counts, as in `JSON.parse`.
 *
 * @param text - must be valid JSON: only what this needs to find the ends of values is looked at
 */
export function jsonMembers(text: string): ReadonlyMap<string, string> {
  const members = new Map<string, string>();
  let at = text.indexOf('{') + 1;
  for (;;) {
    const nameStart = text.indexOf('"', at);
    if (nameStart === -1) return members;
    const nameEnd = stringEnd(text, nameStart);
    const valueStart = text.indexOf(':', nameEnd) + 1;
    const end = valueEnd(text, valueStart);
    members.set(JSON.parse(text.slice(nameStart, nameEnd)) as string, text.slice(valueStart, end).trim());
    at = end + 1;
  }
}

/** The position behind the closing quote of the string that begins at `start`. */
function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** The position of the comma or brace that ends the value. */
function valueEnd(text: string, start: number): number {
  let depth = 0;
  let at = start;
  for (;;) {
    const character = text[at];
    if (character === '"') {
      at = stringEnd(text, at);
      continue;
    }
    if (character === '{' || character === '[') depth += 1;
    else if (depth === 0 && (character === ',' || character === '}')) return at;
    else if (character === '}' || character === ']') depth -= 1;
    at += 1;
  }
}
