/**
 * What a run of the compiler found wrong in a project that uses our packages. Third parties' declarations are theirs: a
 * complaint counts when it stands in the project, in our packages, or in no file, as one about the settings does. A
 * compiler that fails without a complaint has crashed, and then all that it wrote is the problem.
 *
 * @param {{ ok: boolean, output: string }} result
 * @returns {string[]}
 */
export function compilerComplaints({ ok, output }) {
  const complaints = output.split('\n').filter((line) => /(?:^|: )error TS\d+/.test(line));
  if (!ok && complaints.length === 0) return [`the compiler failed: ${output}`];
  return complaints.filter((line) => {
    return line.startsWith('error') || !line.includes('node_modules') || line.includes('@outrelay');
  });
}
