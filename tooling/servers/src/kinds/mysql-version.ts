import { createConnection, type RowDataPacket } from 'mysql2/promise';

/** The version that a server of the MySQL protocol reports, for example `9.7.0` or `10.11.19-MariaDB-0+deb12u1`. */
async function reportedVersion(url: string): Promise<string> {
  const connection = await createConnection({ uri: url, connectTimeout: 3_000 });
  try {
    const [rows] = await connection.query<RowDataPacket[]>('SELECT VERSION() AS version');
    return String(rows[0]?.['version']);
  } finally {
    await connection.end();
  }
}

/** The version of the MariaDB server behind a URL; MySQL is refused. */
export async function mariadbVersion(url: string): Promise<string> {
  const reported = await reportedVersion(url);
  const version = /^(?<version>[\d.]+)-MariaDB/i.exec(reported)?.groups?.['version'];
  if (version === undefined) throw new Error(`The server there is MySQL ${reported}, not MariaDB.`);
  return version;
}

/** The version of the MySQL server behind a URL; MariaDB is refused. */
export async function mysqlVersion(url: string): Promise<string> {
  const reported = await reportedVersion(url);
  if (/MariaDB/i.test(reported)) throw new Error(`The server there is MariaDB ${reported}, not MySQL.`);
  return reported.split('-')[0] ?? reported;
}
