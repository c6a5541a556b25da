/** How a command ended, as the exit code of the process. Scripts branch on them, so a code keeps its meaning for ever. */
export const EXIT = {
  ok: 0,
  unmet: 1,
  usage: 2,
  unavailable: 3,
  failed: 4,
  limit: 5,
  timeout: 6,
  interrupted: 130,
  terminated: 143,
} as const;

/** One of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What each exit code says, for the help and the README. */
export const EXIT_MEANINGS: readonly (readonly [codes: string, meaning: string])[] = [
  ['0', 'done; what was asked for holds'],
  [
    '1',
    'done, but a condition does not hold: a limit of "status", an unknown id, a pending migration, a fault that "doctor" found, a clause that is not kept, a run stopped before its work was done',
  ],
  ['2', 'wrong arguments, configuration or input; nothing was changed by the wrong part'],
  ['3', 'the database or the broker cannot be reached or is busy; trying again later may help'],
  ['4', 'the database or the broker refused, or something failed that trying again does not cure'],
  ['5', '"run --once" stopped at --max-messages'],
  ['6', '"run --once" stopped at --timeout'],
  ['130, 143', 'ended at once by a second SIGINT or SIGTERM'],
];
