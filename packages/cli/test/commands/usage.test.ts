import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/commands/index.ts';
import { temporaryFolder } from '../support/folder.ts';
import { answer } from '../support/in-process.ts';
import { outrelay } from '../support/outrelay.ts';

describe('help', () => {
  it('stands on stdout when it was asked for, with every command in it', async () => {
    const place = { cwd: temporaryFolder() };
    const [dash, word, short] = await Promise.all(
      [['--help'], ['help'], ['-h']].map((args) => outrelay(args, place)),
    );
    expect(dash).toMatchObject({ code: 0, stderr: '' });
    expect([word?.stdout, short?.stdout]).toEqual([dash?.stdout, dash?.stdout]);
    for (const { name, summary } of COMMANDS) expect(dash?.stdout).toMatch(`${name.padEnd(14)}  ${summary}`);
  });

  it('stands on stderr when a command is missing', async () => {
    const { code, stdout, stderr } = await outrelay([], { cwd: temporaryFolder() });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^outrelay: publishes messages if and only if/);
  });

  it.each(COMMANDS.map(({ name, options }) => [name, options] as const))(
    'explains "%s" with every option, no line wider than 100 columns',
    async (name, options) => {
      const words = name.split(' ');
      const cwd = temporaryFolder();
      const byWord = await answer(['help', ...words], cwd);
      const byDash = await answer([...words, '--from', 'nonsense', '--help'], cwd);
      expect(byWord).toMatchObject({ code: 0, stderr: '' });
      expect(byDash.stdout).toBe(byWord.stdout);
      for (const option of Object.keys(options)) expect(byWord.stdout).toContain(`--${option}`);
      expect(byWord.stdout.split('\n').filter((line) => line.length > 100)).toEqual([]);
    },
  );

  it('explains a group', async () => {
    const { stdout } = await outrelay(['help', 'dead'], { cwd: temporaryFolder() });
    expect(stdout).toContain('dead redrive');
    expect(stdout).not.toContain('migrate');
  });

  it('prints the version of the package', async () => {
    const { version } = JSON.parse(
      readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'),
    ) as { version: string };
    const { stdout } = await outrelay(['--version'], { cwd: temporaryFolder() });
    expect(stdout).toBe(`${version}\n`);
  });
});

describe('wrong input', () => {
  it.each([
    ['stauts', 'error: There is no command "stauts". Did you mean "status"?\nSee: outrelay help\n'],
    [
      'run --form sqlite:shop.db',
      'error: "outrelay run" has no option "--form". Did you mean "--from"?\nSee: outrelay help run\n',
    ],
    [
      'status',
      'error: Which store? Give --from URL, for example --from sqlite:shop.db.\nOr set OUTRELAY_FROM, or write an outrelay.config.mjs.\n',
    ],
    [
      'append',
      'error: Which store? Give --into URL, for example --into sqlite:shop.db.\nOr set OUTRELAY_FROM, or write an outrelay.config.mjs.\n',
    ],
    [
      'run --from sqlite:shop.db',
      'error: Where to? Give --to URL, for example --to https://example.com/hook or --to stdout:.\nOr set OUTRELAY_TO, or give a --route per topic, or write an outrelay.config.mjs.\n',
    ],
    [
      'status --from postgre://user:secret@db/shop',
      'error: --from: "postgre:" is not known. Did you mean "postgres"? A store begins with one of: sqlite:, postgres:, postgresql:, mysql:, mariadb:, mongodb:, mongodb+srv:.\nOther adapters take part through a configuration file; see: outrelay help run\n',
    ],
    [
      'run --from sqlite:shop.db --to sqlite:other.db',
      'error: --to: "sqlite:" is a store, and a transport is needed here. A transport begins with one of: redis:, rediss:, http:, https:, stdout:.\nOther adapters take part through a configuration file; see: outrelay help run\n',
    ],
    [
      'status --from /var/lib/shop.db',
      'error: --from must be a URL that begins with a scheme, such as sqlite:shop.db or https://example.com/hook.\n',
    ],
    [
      'status --from sqlite:shop.db --max-lag 60',
      'error: --max-lag must be a whole number with a unit, such as 500ms, 60s, 5m, 2h or 7d; got "60"; the unit is missing.\n',
    ],
    ['run --from sqlite:shop.db --to stdout: --timeout 5s', 'error: --timeout needs --once.\n'],
    [
      'run --from sqlite:shop.db --route a=stdout: --topics b',
      'error: --topics and --route both choose topics; leave --topics out and give each a --route.\n',
    ],
    [
      'run --from sqlite:shop.db --route a*=stdout:',
      'error: Expected a topic such as "order.placed", a pattern such as "order.*", or "*"; got "a*".\n',
    ],
    [
      'run --from sqlite:shop.db --to stdout: --to-option color=red',
      'error: The console transport cannot be created: it has no option "color", only source. [CONFIG_INVALID]\nWhat to do: Correct the value that the error text names.\n',
    ],
    [
      'run --from sqlite:shop.db --to https://a.example --to-option concurrency=many',
      'error: The HTTP transport cannot be created: the option "concurrency" must be a whole number; got "many". [CONFIG_INVALID]\nWhat to do: Correct the value that the error text names.\n',
    ],
    [
      'dead redrive --from sqlite:shop.db',
      'error: Which dead letters? Give ids or a filter, or --all to redrive every one.\nTo see them: outrelay dead list\n',
    ],
    [
      'dead discard --from sqlite:shop.db --all --topic a',
      'error: --all means every dead letter; leave it out to choose by ids or filters.\n',
    ],
    ['status --from sqlite:shop.db --config nowhere.mjs', 'error: --config: there is no file nowhere.mjs.\n'],
  ])('answers "%s" with what was expected', async (line, stderr) => {
    const finished = await answer(line.split(' '), temporaryFolder());
    expect(finished).toEqual({ code: 2, stdout: '', stderr });
  });

  it('names the missing adapter and the line that installs it, as the project installs', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'yarn.lock'), '');
    expect(await outrelay(['status', '--from', 'mysql://u:secret@db/shop'], { cwd })).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'error: The package @outrelay/store-mysql is not installed here.\nInstall it: yarn add @outrelay/store-mysql mysql2\n',
    });
  });
});
