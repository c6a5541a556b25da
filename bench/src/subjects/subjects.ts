import { type Setting, option } from '../harness/contender.ts';
import { postgresSubject } from './postgres.ts';
import { sqliteSubject } from './sqlite.ts';
import type { Subject } from './subject.ts';

const SUBJECTS: Readonly<Record<string, (setting: Setting) => Promise<Subject>>> = {
  sqlite: async (setting) => sqliteSubject(setting),
  postgres: postgresSubject,
};

/** The store that the option `store` names. */
export function subjectOf(setting: Setting): Promise<Subject> {
  const name = option(setting, 'store');
  const create = SUBJECTS[name];
  if (create === undefined) throw new Error(`There is no store "${name}".`);
  return create(setting);
}
