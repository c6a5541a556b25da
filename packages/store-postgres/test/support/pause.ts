import type { Pause, PausableVerb } from '@outrelay/conformance';
import { until } from '@outrelay/servers';
import type { PostgresInstallation } from './installation.ts';

const LOCK = 4_711;

/** What a verb does between its first statement and its commit. */
const STEPS: Readonly<Record<Exclude<PausableVerb, 'read'>, Step>> = {
  // It takes what is free, or tells the holders.
  claim: { tables: ['partitions', 'leases'], event: 'UPDATE' },
  settle: { tables: ['messages'], event: 'DELETE' },
  renew: { tables: ['leases'], event: 'UPDATE' },
  release: { tables: ['partitions'], event: 'UPDATE' },
  purge: { tables: ['history'], event: 'DELETE' },
};

interface Step {
  readonly tables: readonly ('messages' | 'partitions' | 'leases' | 'history')[];
  readonly event: string;
}

/** Stops the next call of a verb in its transaction, by a trigger that waits for a lock; a read by a lock alone. */
export async function pauseAt(installation: PostgresInstallation, verb: PausableVerb): Promise<Pause> {
  const { tables, settings } = installation;
  const keeper = await settings.database.admin.connect();
  const waiter =
    verb === 'read'
      ? `SELECT 1 FROM pg_locks WHERE relation = '${tables.partitions}'::regclass AND NOT granted`
      : `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = ${LOCK} AND NOT granted`;
  if (verb === 'read') {
    await keeper.query(`BEGIN; LOCK TABLE ${tables.partitions} IN ACCESS EXCLUSIVE MODE`);
  } else {
    const { tables: touched, event } = STEPS[verb];
    const waitHere = `"${settings.schema}".wait_here()`;
    await keeper.query(`SELECT pg_advisory_lock(${LOCK})`);
    await installation.run(
      `CREATE FUNCTION ${waitHere} RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(${LOCK}); RETURN NULL; END $$`,
    );
    for (const table of touched) {
      await installation.run(
        `CREATE TRIGGER wait_here BEFORE ${event} ON ${tables[table]} FOR EACH STATEMENT EXECUTE FUNCTION ${waitHere}`,
      );
    }
  }
  return {
    reached: until(`${verb} to be stopped`, async () => {
      const { rowCount } = await installation.run(waiter);
      if (rowCount === 0) throw new Error('nobody waits');
    }).then(() => undefined),
    resume() {
      const end = verb === 'read' ? 'COMMIT' : `SELECT pg_advisory_unlock(${LOCK})`;
      void keeper.query(end).then(() => keeper.release());
    },
  };
}
