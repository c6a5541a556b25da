import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DeadLetterEdit, RecoveryFacet } from '@outrelay/core';
import { type Command, command } from '../arguments/command.ts';
import { value } from '../arguments/option.ts';
import { text } from '../arguments/readers.ts';
import type { Context } from '../context.ts';
import { editFromJson } from '../dead/edit-json.ts';
import { ALL_OPTION, bulkFilterOf, eachLetter, FILTER_OPTIONS, idsOf, inChunks } from '../dead/filter.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { facetOf, STORE_OPTIONS, withStore } from '../session/store-session.ts';
import { count, plural } from '../terminal/figures.ts';
import { printable } from '../terminal/text-width.ts';
import { UsageError } from '../usage-error.ts';

/** `outrelay dead redrive`: another try for dead letters. */
export const deadRedriveCommand: Command = command({
  name: 'dead redrive',
  summary: 'Put dead letters back, to be tried again',
  details: [
    'They return to their old place in the order of their key, with their attempts reset, and under a new deduplication id, so that the broker really takes them. What dies while the command runs is not taken a second time.',
    'With --edit one letter is sent in a corrected form: FILE holds a JSON object with what changes, of payload, payloadBase64, headers, contentType and topic. The copy gets a new id and goes to the end of its key; the original is kept, marked as resolved.',
  ],
  positionals: { placeholder: '[ID…]', min: 0, max: Number.POSITIVE_INFINITY },
  options: {
    ...STORE_OPTIONS,
    ...FILTER_OPTIONS,
    all: ALL_OPTION,
    edit: value('FILE', text, 'Send the one letter that is named with these changes.'),
  },
  examples: [
    'dead redrive ID --from sqlite:shop.db',
    'dead redrive --from sqlite:shop.db --topic order.placed --reason rejected',
    'dead redrive ID --from sqlite:shop.db --edit corrected.json',
  ],

  async run(context, options, ids) {
    const filter = bulkFilterOf(options, ids, 'redrive');
    const edit = options.edit === undefined ? null : readEdit(options.edit, context.cwd);
    return withStore(context, options, async ({ store }) => {
      const recovery = facetOf(store, 'recovery');
      if (edit === null) return redriveMany(context, recovery, await idsOf(recovery, filter));
      if (filter.ids?.length !== 1) throw new UsageError('--edit changes one letter: give exactly one id.');
      return redriveEdited(context, recovery, filter.ids[0] as string, edit);
    });
  },
});

async function redriveMany(
  { out }: Context,
  recovery: RecoveryFacet,
  ids: readonly string[],
): Promise<ExitCode> {
  const redriven = await inChunks(ids, (filter, limit) => recovery.redrive(filter, limit));
  if (ids.length === 0) {
    out.line('There are no such dead letters.');
    return EXIT.unmet;
  }
  const others = ids.length - redriven;
  const rest = others === 0 ? '' : ` ${count(others)} had been resolved by somebody else.`;
  out.line(`${plural(redriven, 'dead letter')} redriven.${rest}`);
  return EXIT.ok;
}

async function redriveEdited(
  { out }: Context,
  recovery: RecoveryFacet,
  id: string,
  changes: (contentType: string) => DeadLetterEdit,
): Promise<ExitCode> {
  for await (const letter of eachLetter(recovery, { ids: [id] })) {
    const newId = await recovery.redriveEdited(id, changes(letter.contentType));
    if (newId === null) break;
    out.line(`Redriven with changes, under the new id ${newId}.`);
    return EXIT.ok;
  }
  out.line(`There is no unresolved dead letter with the id ${printable(id)}.`);
  return EXIT.unmet;
}

function readEdit(given: string, cwd: string): (contentType: string) => DeadLetterEdit {
  let json: string;
  try {
    json = readFileSync(resolve(cwd, given), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`The file ${given} cannot be read (${code ?? 'unknown reason'}).`, { cause: error });
  }
  return editFromJson(json, given);
}
