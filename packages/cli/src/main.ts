import { readFileSync } from 'node:fs';
import { findCommand, groupOf } from './arguments/find-command.ts';
import { parseArguments } from './arguments/parse.ts';
import { COMMANDS } from './commands/index.ts';
import type { Context } from './context.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { failureOf } from './failure.ts';
import { commandHelp, overview } from './help.ts';

/** Runs the command that the arguments name and answers with the exit code. Never rejects. */
export async function main(args: readonly string[], context: Context): Promise<ExitCode> {
  try {
    return await dispatch(args, context);
  } catch (error) {
    const { lines, exitCode } = failureOf(error, context.err.style);
    context.err.lines(lines);
    return exitCode;
  }
}

async function dispatch(args: readonly string[], context: Context): Promise<ExitCode> {
  const { out, err, env, outputGone } = context;
  const [first] = args;
  if (first === undefined) {
    err.line(overview(COMMANDS, err));
    return EXIT.usage;
  }
  if (first === '--version' || first === '-V') {
    out.line(version());
    return EXIT.ok;
  }
  if (first === 'help' || first === '--help' || first === '-h') return help(args.slice(1), context);

  const { command, rest } = findCommand(COMMANDS, args);
  const { help: helpWanted, options, positionals } = parseArguments(command, rest, env);
  if (helpWanted) return help(command.name.split(' '), context);
  if (command.outlivesOutput !== true) outputGone.addEventListener('abort', () => process.exit(EXIT.ok));
  return command.run(context, options, positionals);
}

function help(words: readonly string[], { out }: Context): ExitCode {
  const [word = ''] = words;
  const group = groupOf(COMMANDS, word);
  if (words.length === 0) out.line(overview(COMMANDS, out));
  else if (words.length === 1 && group.length > 0) out.line(overview(group, out));
  else out.line(commandHelp(findCommand(COMMANDS, words).command, out));
  return EXIT.ok;
}

function version(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
