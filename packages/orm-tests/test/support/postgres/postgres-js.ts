import postgres from 'postgres';
import { type Application, hold } from '../application.ts';

/** An application on postgres.js that has its columns renamed. */
export function postgresJsApplication(url: string): Application<postgres.TransactionSql, postgres.Sql> {
  const root = postgres(url, { onnotice: () => {}, transform: postgres.camel });
  return {
    root,
    begin: () => hold((work) => root.begin(work)),
    async nest(tx, work) {
      await tx.savepoint(work);
    },
    async insertOrder(tx, orderId) {
      await tx`INSERT INTO orders ${tx({ orderId })}`;
    },
    async execute(tx, sql) {
      await tx.unsafe(sql);
    },
    close: () => root.end(),
  };
}
