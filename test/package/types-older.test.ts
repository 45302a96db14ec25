/** The declarations in older compilers, which take many seconds for the platform's types. */
import { testCompilers } from './compilers.ts';

testCompilers([
  ['5.4', 'typescript-5.4/typescript/lib/tsc.js'],
  ['5.9', 'typescript-5.9/typescript/lib/tsc.js'],
  ['6.0', 'typescript-6.0/typescript/lib/tsc.js'],
]);
