import { SOURCE_GROUPS } from '../../report/groups.ts';
import { killAll } from './kill-all.ts';

killAll(SOURCE_GROUPS, Object.keys(SOURCE_GROUPS));
