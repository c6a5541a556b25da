import { textWidth } from './text-width.ts';

/** Breaks a text at spaces into lines of at most `columns`; every line but the first gets `indent` spaces in front. */
export function wrap(text: string, columns: number, indent = 0): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const candidate = line === '' ? word : `${line} ${word}`;
    if (line !== '' && textWidth(candidate) > columns - indent) {
      lines.push(line);
      line = word;
    } else {
      line = candidate;
    }
  }
  lines.push(line);
  return lines.join(`\n${' '.repeat(indent)}`);
}
