import { errorText, payloadBytes } from '@outrelay/core';
import { UsageError } from '../usage-error.ts';
import type { Appender } from './appender.ts';
import { type InputLine, inputLines } from './lines.ts';
import { type JsonMessage, messageFromJson } from './message-json.ts';

/** How lines become transactions. */
export interface AppendPlan {
  /** Messages per transaction. */
  readonly batch: number;
  /** Whether the batches are written, or only checked. */
  readonly write: boolean;
}

/** How far an append has come. */
export interface AppendProgress {
  /** Messages in transactions that have committed; with `write: false` messages that passed the checks. */
  messages: number;
  duplicates: number;
  transactions: number;
  /** The last line of the last of those transactions. */
  line: number;
}

/** Payload bytes after which a batch is written early, so that memory does not grow with the size of messages. */
const MAX_BATCH_BYTES = 32 * 1024 * 1024;

/**
 * Appends one message per line, a batch per transaction; `progress` says how far it came, also when it throws.
 *
 * Throws a `UsageError` with the number of the line that is wrong; nothing of its batch is written then.
 */
export async function appendLines(
  input: AsyncIterable<Uint8Array>,
  appender: Appender,
  plan: AppendPlan,
  progress: AppendProgress,
): Promise<void> {
  let batch: JsonMessage[] = [];
  let bytes = 0;
  let lastLine = 0;
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    progress.duplicates += plan.write ? await appender.append(batch) : 0;
    progress.messages += batch.length;
    progress.transactions += plan.write ? 1 : 0;
    progress.line = lastLine;
    batch = [];
    bytes = 0;
  };
  for await (const line of inputLines(input)) {
    const message = await checked(line, appender);
    batch.push(message);
    bytes += payloadBytes(message.payload ?? null);
    lastLine = line.number;
    if (batch.length >= plan.batch || bytes >= MAX_BATCH_BYTES) await flush();
  }
  await flush();
}

async function checked({ number, text }: InputLine, appender: Appender): Promise<JsonMessage> {
  try {
    const message = messageFromJson(text);
    await appender.check(message);
    return message;
  } catch (error) {
    const reason = errorText(error)
      .replace(/^The message cannot be stored: /, '')
      .replace(/ Nothing was written\.$/, '')
      .replace(/\.$/, '');
    throw new UsageError(`Line ${number}: ${reason}.`, { cause: error });
  }
}
