/**
 * A fenced block of code in a document.
 *
 * @typedef {object} CodeBlock
 * @property {string} info what stands behind the fence, for example `ts no-check`
 * @property {string} code
 * @property {number} line of the first line of code
 */

/**
 * @param {string} text
 * @returns {CodeBlock[]}
 */
export function codeBlocks(text) {
  /** @type {CodeBlock[]} */
  const blocks = [];
  /** @type {{ fence: string, info: string, line: number, indent: string, lines: string[] } | null} */
  let open = null;
  for (const [index, line] of text.split('\n').entries()) {
    if (open === null) {
      const [, indent = '', fence, info = ''] = /^(\s*)(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
      if (fence !== undefined) open = { fence, info: info.trim(), line: index + 2, indent, lines: [] };
    } else if (
      line.trim().startsWith(open.fence) &&
      line.trim().replaceAll(open.fence.charAt(0), '') === ''
    ) {
      blocks.push({ info: open.info, code: open.lines.join('\n'), line: open.line });
      open = null;
    } else {
      open.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line);
    }
  }
  return blocks;
}

/**
 * The text without fenced blocks and code spans, where a bracket is no link.
 *
 * @param {string} text
 */
export function withoutCode(text) {
  return text.replaceAll(/^\s*(```+|~~~+)[\s\S]*?^\s*\1\s*$/gm, '').replaceAll(/(`+)[\s\S]*?\1/g, '');
}

/**
 * The anchors of a document's headings, made the way that code hosts make them.
 *
 * @param {string} text
 * @returns {Set<string>}
 */
export function anchorsOf(text) {
  /** @type {Map<string, number>} */
  const seen = new Map();
  /** @type {Set<string>} */
  const anchors = new Set();
  const body = text.replaceAll(/^\s*(```+|~~~+)[\s\S]*?^\s*\1\s*$/gm, '');
  for (const [, title = ''] of body.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const base = slug(title);
    const count = seen.get(base) ?? 0;
    seen.set(base, count + 1);
    anchors.add(count === 0 ? base : `${base}-${count}`);
  }
  for (const [, id = ''] of text.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)) anchors.add(id);
  return anchors;
}

/** @param {string} title */
function slug(title) {
  return title
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[`*]/g, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
}
