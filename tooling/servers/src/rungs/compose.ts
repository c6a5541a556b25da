import { fileURLToPath } from 'node:url';
import type { ServerKind } from '../kinds/server-kind.ts';
import { findBinary } from '../system/binary.ts';
import { forgetCommand, reapWith } from '../system/reaper.ts';
import { run, runToEnd, tail } from '../system/run.ts';
import { until } from '../system/until.ts';
import type { RungAnswer } from './rung.ts';

const COMPOSE_FILE = fileURLToPath(new URL('../../../../compose.yaml', import.meta.url));
const ANSWER_TIMEOUT_MS = 10_000;
const READY_TIMEOUT_MS = 60_000;

/** A container of the repository's `compose.yaml`, on a free port, under a project name of this process. */
export async function fromCompose(kind: ServerKind): Promise<RungAnswer> {
  const docker = findBinary('docker');
  if (docker === null) return { none: 'no docker on PATH' };
  for (const probe of [['info'], ['compose', 'version']]) {
    const { code } = await run(docker, probe, { timeoutMs: ANSWER_TIMEOUT_MS });
    if (code !== 0) return { none: `docker ${probe.join(' ')} does not answer` };
  }
  const project = ['compose', '-f', COMPOSE_FILE, '-p', `outrelay-${process.pid}-${kind.name}`];
  const down = [docker, ...project, 'down', '--volumes', '--timeout', '5'] as const;
  // Port 0 lets Docker choose: the standard ports of `compose.yaml` are for people who start it by hand.
  const env = { ...process.env, [`OUTRELAY_${kind.name.toUpperCase()}_PORT`]: '0' };
  const remove = async (): Promise<void> => {
    await runToEnd(docker, down.slice(1), { env });
    forgetCommand(down);
  };
  reapWith(down);
  const up = await run(docker, [...project, 'up', '--detach', '--wait', kind.service], { env });
  if (up.code !== 0) {
    await remove();
    return { none: `docker compose up failed: ${tail(up.output, 1)}` };
  }
  try {
    const address = await runToEnd(docker, [...project, 'port', kind.service, String(kind.port)], { env });
    const url = withPort(kind, new URL(`tcp://${address}`).port);
    const version = await until(
      `${kind.title} in Docker answers`,
      () => kind.identify(url),
      () => null,
      READY_TIMEOUT_MS,
    );
    return { url, version, origin: 'in Docker', remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

function withPort(kind: ServerKind, port: string): string {
  const url = new URL(kind.localUrls[0] ?? '');
  url.port = port;
  return url.href;
}
