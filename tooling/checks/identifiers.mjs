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
 * The names in the texts of a TypeScript file that are SQL; its comments and texts in quotes are prose.
 *
 * @param {string} file
 * @param {string} text
 * @returns {{ line: number, name: string }[]}
 */
export function sqlIdentifiers(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  /** @type {{ line: number, name: string }[]} */
  const found = [];
  /** @param {import('typescript').Node} node */
  const visit = (node) => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
      const first = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
      for (const [index, content] of node.text.split('\n').entries()) {
        const code = content.replace(/--.*$/, '').replaceAll(/'[^']*'/g, '');
        for (const [name] of code.matchAll(/[A-Za-z_]\w*/g)) found.push({ line: first + index, name });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
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
