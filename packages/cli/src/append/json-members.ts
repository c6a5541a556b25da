/** One member of a JSON object: its name, and its value as it stands in the text. */
export interface JsonMember {
  readonly name: string;
  readonly raw: string;
}

/**
 * The members of a JSON object with their values unparsed, so that a payload keeps every digit and space it has.
 *
 * @param text - valid JSON whose top level is an object
 */
export function jsonMembers(text: string): JsonMember[] {
  const members: JsonMember[] = [];
  let at = skipSpace(text, text.indexOf('{') + 1);
  while (text[at] !== '}') {
    const nameEnd = valueEnd(text, at);
    const start = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const end = valueEnd(text, start);
    members.push({ name: JSON.parse(text.slice(at, nameEnd)) as string, raw: text.slice(start, end) });
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return members;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (SPACE.has(text[at] as string)) at++;
  return at;
}

const SPACE: ReadonlySet<string> = new Set([' ', '\t', '\n', '\r']);

/** Where the value that begins at `start` ends. The text is valid, so brackets need only be counted. */
function valueEnd(text: string, start: number): number {
  let depth = 0;
  let at = start;
  do {
    const letter = text[at] as string;
    if (letter === '"') {
      at = stringEnd(text, at);
      continue;
    }
    if (letter === '{' || letter === '[') depth++;
    else if (letter === '}' || letter === ']') depth--;
    else if (depth === 0) return scalarEnd(text, at);
    at++;
  } while (depth > 0);
  return at;
}

function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** Numbers, `true`, `false` and `null` end where anything else begins. */
function scalarEnd(text: string, start: number): number {
  let at = start;
  while (/[\w+.-]/.test(text[at] ?? '')) at++;
  return at;
}
