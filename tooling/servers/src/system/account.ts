import { run } from './run.ts';

/** The user and group that a process runs as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The account for a server that refuses to run as root: the first of `users` that exists, else `nobody`; `null` when
 * this process is not root, because it then runs the server as itself.
 */
export async function serverAccount(...users: readonly string[]): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null;
  for (const user of [...users, 'nobody']) {
    const [uid, gid] = await Promise.all([run('id', ['-u', user]), run('id', ['-g', user])]);
    if (uid.code === 0 && gid.code === 0) return { uid: Number(uid.output), gid: Number(gid.output) };
  }
  throw new Error(`None of the users ${users.join(', ')}, nobody exists; the server cannot run as root.`);
}
