import type { Argument, Command } from './client.ts';
import type { Entry, Shape } from './entry.ts';

/**
 * Adds the entries of one chunk to one stream, and stops at the first that Redis refuses.
 *
 * `KEYS[1]` is the stream. `ARGV` is, per entry, its field names parted by spaces (empty: those of the entry before),
 * then one value per name. The reply is the number of entries, or that number and the text of the error that ended it.
 * Redis runs a script without anything in between and replicates it as a whole, so the entries of a chunk stand side
 * by side, and no entry follows one that was refused: a transaction (MULTI/EXEC) would go on after the failure, and a
 * retry would then bring the refused message behind its successors.
 */
function chunkScript(maxLength: number | null): string {
  const trim = maxLength === null ? '' : `, 'MAXLEN', '~', '${maxLength}'`;
  return `local at, stored, entry, first = 1, 0, nil, 0
while ARGV[at] do
  if ARGV[at] ~= '' then
    entry = {'XADD', KEYS[1]${trim}, '*'}
    first = #entry + 2
    for name in string.gmatch(ARGV[at], '%S+') do
      entry[#entry + 1] = name
      entry[#entry + 1] = ''
    end
  end
  for value = first, #entry, 2 do
    at = at + 1
    entry[value] = ARGV[at]
  end
  at = at + 1
  local reply = redis.pcall(unpack(entry))
  if type(reply) == 'table' and reply.err then return {stored, reply.err} end
  stored = stored + 1
end
return stored`;
}

/** Turns chunks into commands; the texts that do not change are made once. */
export class CommandWriter {
  readonly #script: string;
  readonly #trim: readonly Argument[];

  /** @param maxLength - about how many entries a stream keeps; `null` keeps all */
  constructor(maxLength: number | null) {
    this.#script = chunkScript(maxLength);
    this.#trim = maxLength === null ? [] : ['MAXLEN', '~', maxLength];
  }

  /** One command for the whole chunk. An entry that goes alone, as large ones do, spares Redis the script. */
  write(stream: string, chunk: readonly Entry[]): Command {
    const [only] = chunk;
    if (chunk.length === 1 && only !== undefined) return this.#single(stream, only);
    const args: Argument[] = [this.#script, 1, stream];
    let before: Shape | null = null;
    for (const { shape, values } of chunk) {
      args.push(shape === before ? '' : shape.text);
      for (const value of values) args.push(value);
      before = shape;
    }
    return { name: 'EVAL', args };
  }

  #single(stream: string, entry: Entry): Command {
    const args: Argument[] = [stream, ...this.#trim, '*'];
    const { names } = entry.shape;
    for (let at = 0; at < names.length; at++) args.push(names[at] as string, entry.values[at] as Argument);
    return { name: 'XADD', args };
  }
}
