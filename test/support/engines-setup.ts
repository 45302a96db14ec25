/** Set-up of every test file that runs in all engines. */
import './disposal-symbols.ts';
import { checkAfterEachTest } from './accounting.ts';

checkAfterEachTest();
