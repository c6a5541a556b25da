// Old versions of Node load this file too: it keeps to syntax that they can parse.

/** @type {[number, number]} */
const OLDEST = [20, 19];

/**
 * What to tell somebody whose Node is too old, or `null`.
 *
 * @param {string} version for example `20.19.0`
 * @returns {string | null}
 */
export function complaintAboutNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return null;
  return (
    `Outrelay needs Node ${OLDEST.join('.')} or newer; this is ${version}.\n` +
    'Install a newer one from https://nodejs.org, or with your version manager, and run the command again.'
  );
}
