import process from 'node:process';
import type { Setting } from '../harness/contender.ts';
import { subjectOf } from '../subjects/subjects.ts';

/** The process that makes a backlog, for contenders whose own memory is measured; it ends when that is done. */
async function fill(setting: Setting): Promise<void> {
  const subject = await subjectOf(setting);
  await subject.refill(setting.messages);
  await subject.close();
}

process.once('message', (setting: Setting) => {
  fill(setting).then(
    () => process.disconnect(),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
