/**
 * @typedef {object} Glossary
 * @property {ReadonlySet<string>} forbidden words, lower case, in every form that is listed
 * @property {readonly { allows(name: string, file: string): boolean }[]} exceptions
 */

/**
 * Reads the two tables of GLOSSARY.md that the lint goes by.
 *
 * @param {string} text
 * @returns {Glossary}
 */
export function readGlossary(text) {
  const forbidden = tableUnder(text, 'Words that no identifier contains').flatMap(([words = '']) => {
    return words.split(',').map((word) => word.trim().toLowerCase());
  });
  const exceptions = tableUnder(text, 'Exceptions').map(([name = '', where = '', why = '']) => {
    if (why === '') throw new Error(`GLOSSARY.md: the exception ${name} gives no reason.`);
    const folder = where.replaceAll('`', '');
    return {
      /** @type {(identifier: string, file: string) => boolean} */
      allows: (identifier, file) => {
        return identifier === name.replaceAll('`', '') && (where === 'everywhere' || file.startsWith(folder));
      },
    };
  });
  if (forbidden.length === 0) throw new Error('GLOSSARY.md lists no words; has the heading changed?');
  return { forbidden: new Set(forbidden), exceptions };
}

/**
 * The rows of the first table under a heading, without its head.
 *
 * @param {string} text
 * @param {string} heading
 * @returns {string[][]}
 */
function tableUnder(text, heading) {
  const [, section = ''] = text.split(`## ${heading}\n`);
  const [own = ''] = section.split(/^## /m);
  const rows = own.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
