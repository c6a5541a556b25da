import type { Context } from '../context.ts';
import { confirm } from '../terminal/confirm.ts';
import { UsageError } from '../usage-error.ts';

/** Asks whether what a filter chose is to be discarded; throws a `UsageError` where nobody can be asked. */
export async function agreed(
  context: Context,
  question: string,
  things: 'letters' | 'messages',
): Promise<boolean> {
  if (context.stdin.isTTY && context.err.stream.isTTY) return confirm(context, question);
  throw new UsageError('Discarding by filter is final, and nobody can be asked here.', {
    advice: `Repeat it with --yes, or name the ${things} by their ids.`,
  });
}
