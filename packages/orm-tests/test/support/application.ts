/** An application that reaches its database through one library, as the tests use it. */
export interface Application<Tx = unknown, Root = unknown> {
  /** What transactions are opened from. */
  readonly root: Root;
  /** Opens a transaction and leaves it open until the test ends it. */
  begin(): Promise<Held<Tx>>;
  /** Runs `work` in a nested transaction (a savepoint) by the library's own means; rolls it back when it throws. */
  nest(tx: Tx, work: (nested: Tx) => Promise<void>): Promise<void>;
  /** Writes a row of the application's own, as its authors would. */
  insertOrder(tx: Tx, id: string): Promise<void>;
  /** Runs a statement without parameters in the transaction. */
  execute(tx: Tx, sql: string): Promise<void>;
  /** Ends all connections. */
  close(): Promise<void>;
}

/** A transaction that stays open until somebody ends it. */
export interface Held<Tx> {
  readonly handle: Tx;
  readonly commit: () => Promise<void>;
  readonly rollback: () => Promise<void>;
}

const ROLLBACK = new Error('rolled back by the test');

/** Holds a transaction open that the library runs around a function. */
export async function hold<Tx>(
  run: (work: (tx: Tx) => Promise<void>) => Promise<unknown>,
): Promise<Held<Tx>> {
  let finish: (error?: Error) => void = () => {};
  const finished = new Promise<void>((resolve, reject) => {
    finish = (error) => (error === undefined ? resolve() : reject(error));
  });
  let running: Promise<unknown> = Promise.resolve();
  const handle = await new Promise<Tx>((resolve, reject) => {
    running = run(async (tx) => {
      resolve(tx);
      await finished;
    });
    running.catch(reject);
  });
  return {
    handle,
    async commit() {
      finish();
      await running;
    },
    async rollback() {
      finish(ROLLBACK);
      await running.catch((error: unknown) => {
        if (error !== ROLLBACK) throw error;
      });
    },
  };
}
