// @ts-check
/** The list of faults for `npm run test:mutations` does not rot: each can still be planted, in one place of its file. */
import { listProblems } from '../mutations/list.mjs';
import { repository, runDirectly } from './source.mjs';

runDirectly(import.meta.url, () => listProblems(repository));
