import ts from 'typescript';

/**
 * Every identifier of a TypeScript file, with its line; each name once per line.
 *
 * @param {string} file
 * @param {string} text
 * @returns {{ line: number, name: string }[]}
 */
export function identifiersOf(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  /** @type {Map<string, { line: number, name: string }>} */
  const found = new Map();
  /** @param {import('typescript').Node} node */
  const visit = (node) => {
    if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) {
      const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
      const name = node.text.replace(/^#/, '');
      found.set(`${line} ${name}`, { line, name });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...found.values()];
}

/**
 * The names in a SQL file; comments and texts in quotes are prose.
 *
 * @param {string} text
 * @returns {{ line: number, name: string }[]}
 */
export function sqlIdentifiers(text) {
  return text.split('\n').flatMap((content, index) => {
    const code = content.replace(/--.*$/, '').replaceAll(/'[^']*'/g, '');
    return [...code.matchAll(/[A-Za-z_]\w*/g)].map(([name]) => ({ line: index + 1, name }));
  });
}

/**
 * The words that a name is made of, in lower case: `retryJobIds` is retry, job, ids.
 *
 * @param {string} name
 * @returns {string[]}
 */
export function wordsOf(name) {
  return (name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? []).map((word) => word.toLowerCase());
}
