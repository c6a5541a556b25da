import { TRANSPORT_GROUPS } from '../../report/groups.ts';
import { killAll } from './kill-all.ts';

killAll(TRANSPORT_GROUPS, Object.keys(TRANSPORT_GROUPS));
