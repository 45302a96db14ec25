/** The declarations in the compiler of this repository. */
import { testCompilers } from './compilers.ts';

testCompilers([['7.0', 'typescript/bin/tsc']]);
