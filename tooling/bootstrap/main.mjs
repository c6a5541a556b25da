// The entrance of `npm run demo`, `npm test` and `.ci/run`. It runs before anything is installed, on whatever Node
// there is, so this file keeps to syntax that old versions can parse, and loads the rest once the version is right.
import { complaintAboutNode } from './node-version.mjs';

const complaint = complaintAboutNode(process.versions.node);
if (complaint === null) {
  void import('./commands.mjs').then((commands) => commands.runCommand(process.argv.slice(2)));
} else {
  console.error(complaint);
  process.exitCode = 1;
}
