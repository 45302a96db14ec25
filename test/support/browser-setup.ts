/** Set-up of every browser test file. */
import { checkAfterEachTest } from './accounting.ts';

checkAfterEachTest();
