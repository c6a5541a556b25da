import { isSavepointMissing } from './errors.ts';
import type { TransactionExecutor } from './transaction.ts';

const SAVEPOINT = 'outrelay_probe';

/**
 * Asks the server whether a transaction is open, through a library that hands on nothing else of its answers: outside of
 * one a savepoint is gone as soon as it is set.
 */
export async function keepsSavepoint(executor: TransactionExecutor): Promise<boolean> {
  await executor.execute(`SAVEPOINT ${SAVEPOINT}`);
  try {
    await executor.execute(`RELEASE SAVEPOINT ${SAVEPOINT}`);
    return true;
  } catch (error) {
    if (isSavepointMissing(error)) return false;
    throw error;
  }
}
