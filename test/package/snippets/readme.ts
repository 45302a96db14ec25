/** Code before and after each snippet of the README when it runs. */
import { CORE, HANDLE, HANDLE_END, MEDIA, POOL_END, SCREEN, standIns } from './part.ts';
import type { Snippets } from './part.ts';

/** When the last of the 60 frames of `film.mp4` begins, in ms. */
const LAST_FRAME_MS = 1966;

export const README: Snippets = {
  'README.md › Play a video › 1': {
    before: `${standIns('equal', 'screen')}
      const { drawn } = screen();
      const begun = performance.now();`,
    after: `equal(drawn(), 60);
      equal(performance.now() - begun >= ${LAST_FRAME_MS}, true);${POOL_END}`,
  },

  'README.md › Frame ownership › 1': [
    {
      run: 'wrong',
      before: `${CORE}${MEDIA}${standIns('equal', 'until')}${HANDLE}${SCREEN}
        const errors: string[] = [];
        addEventListener('error', (event) => {
          event.preventDefault();
          errors.push(event.error.name);
        });`,
      after: `await until(() => errors.length > 0);
        equal(errors, ['InvalidStateError']);${HANDLE_END}`,
    },
    {
      from: '// Right',
      run: 'right',
      before: `${CORE}${MEDIA}${standIns('until')}${HANDLE}${SCREEN}`,
      after: `await until(() => drawn() === 1);${HANDLE_END}`,
    },
  ],
};
