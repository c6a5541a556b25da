/** The options of a {@link UsageError}. */
export interface UsageErrorOptions {
  /** A line below the message that says what to do. Default: none. */
  readonly advice?: string | undefined;
  /** The error that led to this one. Default: none. */
  readonly cause?: unknown;
}

/** What the person at the command line can put right: an argument, a configuration file, the input. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
  readonly advice: string | undefined;

  constructor(message: string, options: UsageErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.advice = options.advice;
  }
}

/**
 * Runs what builds adapters and relays from a person's settings: a `TypeError` in there names a wrong option, and is
 * not a defect.
 */
export async function settingsOf<T>(build: () => T | Promise<T>): Promise<T> {
  try {
    return await build();
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}
