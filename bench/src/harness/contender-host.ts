import type { Figures, OpenContender, Session, Setting } from './contender.ts';
import type { Ask, Answer } from './contender-process.ts';

/** The process of one contender: does what the harness asks, one thing at a time. */

let session: Session | null = null;

async function open({ module, setting }: { module: string; setting: Setting }): Promise<void> {
  const contender = (await import(module)) as { open: OpenContender };
  session = await contender.open(setting);
}

type Reply = Figures | Readonly<Record<string, string>> | null;

async function follow(ask: Ask): Promise<Reply> {
  if (ask.verb === 'open') {
    await open(ask);
    return null;
  }
  if (session === null) throw new Error(`${ask.verb} was asked before open.`);
  return ANSWERS[ask.verb](session);
}

const ANSWERS: Readonly<Record<Exclude<Ask['verb'], 'open'>, (of: Session) => Promise<Reply>>> = {
  async prepare(of) {
    await of.prepare();
    return null;
  },
  measure(of) {
    // What earlier rounds have left is not to be collected within this one.
    globalThis.gc?.();
    return of.measure();
  },
  versions: async (of) => (await of.versions?.()) ?? {},
  async close(of) {
    await of.close();
    session = null;
    return null;
  },
};

process.on('message', (ask: Ask) => {
  const reply = (answer: Answer): void => {
    process.send?.(answer, undefined, undefined, () => {
      if (ask.verb === 'close') process.disconnect?.();
    });
  };
  follow(ask).then(
    (value) => reply({ value }),
    (error: unknown) =>
      reply({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
// Whoever asked is gone: nobody would end this process.
process.on('disconnect', () => process.exit());
