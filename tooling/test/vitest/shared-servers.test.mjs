import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { scratch } from '../scratch.mjs';

const SETUP = new URL('../../vitest/shared-servers.mjs', import.meta.url).href;
const PROGRAM = `import { setup } from '${SETUP}'; await setup(); console.log('url=' + process.env.OUTRELAY_TEST_REDIS_URL);`;

/** Nothing listens there. */
const REFUSED = 'redis://127.0.0.1:1';

/** What the set-up of a suite that asks for Redis says, and the URL that the suite then sees. */
function setUp() {
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    cwd: scratch({ 'package.json': { outrelay: { testServers: ['redis'] } } }),
    env: { ...process.env, OUTRELAY_RESULTS_DIR: '', OUTRELAY_TEST_REDIS_URL: REFUSED },
    encoding: 'utf8',
  });
  return stdout.trimEnd().split('\n');
}

describe('the shared servers of a suite', () => {
  it('leave no address of one that was refused', () => {
    expect(setUp()).toEqual([expect.stringMatching(/^No Redis, its tests are skipped: /), 'url=']);
  });
});
