import { describe, expect, it } from 'vitest';
import { wordsOf } from '../../checks/identifiers.mjs';
import { glossary } from '../../checks/rules/glossary.mjs';
import { scratchRepository } from '../scratch-repository.mjs';

const GLOSSARY = `# Glossary

## Words that no identifier contains

| word | say instead |
| --- | --- |
| queue, queues | backlog |
| job | message |

## Exceptions

| identifier | where | why |
| --- | --- | --- |
| \`queueMicrotask\` | everywhere | A function of the platform. |
| \`assertQueue\` | packages/rabbit/ | The name in the driver. |
`;

/** @param {Record<string, string>} files */
const problemsIn = (files) => glossary.run(scratchRepository({ 'GLOSSARY.md': GLOSSARY, ...files }));

describe('identifiers keep to the glossary', () => {
  it('finds words inside names, in code, migrations and file names', async () => {
    const problems = await problemsIn({
      'packages/a/src/job-list.ts': 'class RetryQueue {\n  #jobCount = 1;\n}\n',
      'packages/a/src/migrations/0001.ts':
        "const sql = `-- a queue of prose\nCREATE TABLE ${x} (job_id text DEFAULT 'queue')`;\nindex('queue_time');\n",
    });
    expect(problems).toEqual([
      expect.stringContaining('packages/a/src/job-list.ts:1 job-list.ts: "job"'),
      expect.stringContaining('packages/a/src/job-list.ts:1 RetryQueue: "queue"'),
      expect.stringContaining('packages/a/src/job-list.ts:2 jobCount: "job"'),
      expect.stringContaining('packages/a/src/migrations/0001.ts:2 job_id: "job"'),
      expect.stringContaining('packages/a/src/migrations/0001.ts:3 queue_time: "queue"'),
    ]);
  });

  it('reads no prose, no other folder, and knows a word from a part of one', async () => {
    const problems = await problemsIn({
      'packages/a/src/x.ts': "// a queue of jobs\nexport const jobber = 'queue';\n",
      'packages/a/test/queue.test.ts': 'const queue = 1;',
    });
    expect(problems).toEqual([]);
  });

  it('allows an exception where it is for', async () => {
    const line = 'queueMicrotask(x); channel.assertQueue(y);';
    expect(await problemsIn({ 'packages/rabbit/src/x.ts': line })).toEqual([]);
    expect(await problemsIn({ 'packages/other/src/x.ts': line })).toEqual([
      expect.stringContaining('assertQueue: "queue"'),
    ]);
  });

  it('refuses a list that says nothing', async () => {
    const emptied = { 'GLOSSARY.md': '# Glossary\n', 'packages/a/src/x.ts': '' };
    await expect(async () => problemsIn(emptied)).rejects.toThrow('lists no words');
  });
});

describe('wordsOf', () => {
  it.each([
    ['retryJobIds', ['retry', 'job', 'ids']],
    ['HTTPQueue2Name', ['http', 'queue', 'name']],
    ['outbox_job_rows', ['outbox', 'job', 'rows']],
    ['MAX_QUEUE', ['max', 'queue']],
  ])('splits %s', (name, words) => {
    expect(wordsOf(name)).toEqual(words);
  });
});
