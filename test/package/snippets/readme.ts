/** What stands around the snippets of the README when they run. */
import { BUDGET, TEXTURES, WEBGL } from './guides.ts';
import {
  CORE,
  EXAMINING,
  FILE,
  HANDLE,
  HANDLE_END,
  MEDIA,
  POOL_END,
  SCREEN,
  standIns,
  WRITER,
} from './part.ts';
import type { Snippets } from './part.ts';

export const README: Snippets = {
  'README.md › 1': {
    before: `${standIns('equal', 'screen')}
      const { canvas, drawn } = screen();`,
    after: `equal(drawn(), 60);${POOL_END}`,
  },

  'README.md › Who closes the frame › 1': [
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

  'README.md › Holding a frame for long › 1': {
    before: `${CORE}${MEDIA}${standIns('equal')}${HANDLE}
      const reader = source;`,
    after: `equal([thumbnail.canvas.width, thumbnail.canvas.height], [160, 90]);
      thumbnail.release();
      thumbnails.assertNoLeaks();${HANDLE_END}`,
  },
  'README.md › Holding a frame for long › 2': {
    before: `${CORE}${MEDIA}${standIns('equal')}${HANDLE}
      let analysed = 0;
      const analyse = (data: Uint8Array, stride: number) => void (analysed = data.length / stride);`,
    after: `equal(analysed, 180);
      pixels.assertNoLeaks();${HANDLE_END}`,
  },
  'README.md › Holding a frame for long › 3': { ...TEXTURES, before: `${CORE}${TEXTURES.before}` },
  'README.md › Holding a frame for long › 4': {
    ...WEBGL,
    before: `${WEBGL.before}
      gl.bindTexture(gl.TEXTURE_2D, texture);`,
  },

  'README.md › Bytes › 1': {
    ...BUDGET,
    before: `import { canvasStorage, FrameBudget } from 'video-frame-pool';
      ${CORE}${BUDGET.before}`,
  },

  'README.md › In a worker › 1': {
    before: `${CORE}${MEDIA}${standIns('equal')}${FILE}`,
    after: `const pool = new VideoFramePool({ capacity: 4 });
      let count = 0;
      for await (const handle of reader.frames({ pool })) {
        count++;
        handle.release();
      }
      equal(count, 60);
      await reader.close();${POOL_END}`,
  },
  'README.md › In a worker › 2': {
    before: `${CORE}${MEDIA}`,
    after: `const pool = new VideoFramePool({ capacity: 1 });
      const reader = await openVideo('film.mp4', { worker });
      (await reader.frameAt(0, { pool })).release();
      await reader.close();${POOL_END}`,
  },
  'README.md › In a worker › 3': [
    {
      run: 'link',
      before: `import { connectPool } from 'video-frame-pool';
        ${CORE}${MEDIA}${standIns('equal', 'until')}
        const pool = new VideoFramePool({ capacity: 3 });
        const reader = await openVideo('film.mp4');
        const seen: number[] = [];
        new BroadcastChannel('examined').onmessage = ({ data }) => void seen.push(data.scene);`,
      after: `await until(() => pool.lentCount === 0 && seen.length === 60);
        equal(new Set(seen).size, 1);
        await reader.close();
        worker.terminate();${POOL_END}`,
    },
    {
      from: '// In analysis.ts.',
      run: 'link',
      as: 'analysis.ts',
      before: EXAMINING,
    },
  ],

  'README.md › Streams › 1': {
    before: `${CORE}import { FrameWriter, openVideo } from 'video-frame-pool/media';
      ${standIns('equal', 'fileOf', 'screen as stage')}${WRITER}
      const blob = await fileOf('film.mp4');
      const pool = new VideoFramePool({ capacity: 6 });
      const { signal } = new AbortController();
      const { context, drawn } = stage();
      const frames = new ReadableStream<VideoFrame>({
        start(controller) {
          const picture = new OffscreenCanvas(16, 16);
          picture.getContext('2d');
          for (const timestamp of [0, 1, 2]) controller.enqueue(new VideoFrame(picture, { timestamp }));
          controller.close();
        },
      });`,
    after: `equal(drawn(), 60);
      equal(writer.getStatistics(video).written, 60);
      const times: number[] = [];
      const taken = handles.getReader();
      for (let next = await taken.read(); !next.done; next = await taken.read()) {
        times.push(next.value.timestamp);
        next.value.release();
      }
      equal(times, [0, 1, 2]);
      await reader.close();${POOL_END}`,
  },

  'README.md › Cameras, screens, canvases › 1': {
    before: `${standIns('equal', 'screen')}
      const { context, drawn } = screen(5, () => track.stop());`,
    after: `equal(drawn() >= 5, true);${POOL_END}`,
  },

  'README.md › Writing a file › 1': {
    before: `${CORE}${MEDIA}${standIns('equal')}
      const draw = (context: OffscreenCanvasRenderingContext2D, index: number) => {
        context.fillStyle = \`hsl(\${index} 50% 50%)\`;
        context.fillRect(0, 0, 1280, 720);
      };
      const saved: BlobPart[] = [];
      const save = (buffer: ArrayBuffer | null) => void (buffer && saved.push(buffer));`,
    after: `const reader = await openVideo(new Blob(saved));
      equal(Math.round(reader.duration / 1e6), 12);
      const pool = new VideoFramePool({ capacity: 1 });
      const last = await reader.frameAt(299 * 40_000, { pool });
      equal(last.timestamp, 299 * 40_000);
      last.release();
      await reader.close();${POOL_END}`,
  },
};
