import type { Command } from '../arguments/command.ts';
import { appendCommand } from './append.ts';
import { conformanceCommand } from './conformance.ts';
import { deadDiscardCommand } from './dead-discard.ts';
import { deadListCommand } from './dead-list.ts';
import { deadRedriveCommand } from './dead-redrive.ts';
import { deadShowCommand } from './dead-show.ts';
import { doctorCommand } from './doctor.ts';
import { findCommand } from './find.ts';
import { logCreateCommand } from './log-create.ts';
import { logDropCommand } from './log-drop.ts';
import { logStatusCommand } from './log-status.ts';
import { migrateApplyCommand } from './migrate-apply.ts';
import { migratePlanCommand } from './migrate-plan.ts';
import { migrateStatusCommand } from './migrate-status.ts';
import { parkedDiscardCommand } from './parked-discard.ts';
import { parkedListCommand } from './parked-list.ts';
import { parkedRedriveCommand } from './parked-redrive.ts';
import { parkedShowCommand } from './parked-show.ts';
import { runCommand } from './run.ts';
import { statusCommand } from './status.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  runCommand,
  appendCommand,
  statusCommand,
  findCommand,
  deadListCommand,
  deadShowCommand,
  deadRedriveCommand,
  deadDiscardCommand,
  parkedListCommand,
  parkedShowCommand,
  parkedRedriveCommand,
  parkedDiscardCommand,
  migratePlanCommand,
  migrateApplyCommand,
  migrateStatusCommand,
  logCreateCommand,
  logStatusCommand,
  logDropCommand,
  doctorCommand,
  conformanceCommand,
];
