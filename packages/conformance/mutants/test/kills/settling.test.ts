import { STORE_GROUPS } from '../../report/groups.ts';
import { killAll } from './kill-all.ts';

killAll(STORE_GROUPS, ['settle', 'lease', 'remembering']);
