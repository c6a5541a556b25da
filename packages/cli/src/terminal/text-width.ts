import { stripVTControlCharacters } from 'node:util';

/** Two columns in a terminal: East Asian wide letters and emoji. */
const WIDE =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\u3000-\u303e\uff01-\uff60\p{Emoji_Presentation}]/u;
/** No column: combining marks, variation selectors, joiners. */
const NARROW = /\p{M}|\p{Cf}/u;
/** C0 and C1 controls and DEL, and marks that reorder text: they could rewrite what a person sees. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** Columns that a text takes in a terminal, mark-up not counted. */
export function textWidth(text: string): number {
  const bare = stripVTControlCharacters(text);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: plain ASCII is the case that needs no look at each letter
  if (/^[\u0020-\u007e]*$/.test(bare)) return bare.length;
  let width = 0;
  for (const letter of bare) width += NARROW.test(letter) ? 0 : WIDE.test(letter) ? 2 : 1;
  return width;
}

/** Text from outside (topics, keys, errors) made safe for a terminal: control characters become visible escapes. */
export function printable(text: string): string {
  return text.replace(CONTROL, (letter) => {
    const code = letter.codePointAt(0) as number;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
  });
}

/** Text cut to a number of columns, with `…` at the end when it is longer. Mark-up stays whole and is closed. */
export function cut(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  let kept = '';
  let width = 0;
  for (const part of text.split(MARK_UP)) {
    if (part.startsWith(ESCAPE)) {
      kept += part;
      continue;
    }
    for (const letter of width < columns ? part : '') {
      width += textWidth(letter);
      kept += width < columns ? letter : '…';
      if (width >= columns) break;
    }
  }
  return kept;
}

const ESCAPE = '\u001b';
// biome-ignore lint/suspicious/noControlCharactersInRegex: mark-up begins with a control character
const MARK_UP = /(\u001b\[\d+m)/;
