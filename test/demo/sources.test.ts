/** Sources of videos in the built demo: buttons, drop, clipboard, URLs; and their error messages. */
import { readFileSync } from 'node:fs';
import type { Route } from 'playwright';
import { describe, expect, test } from 'vitest';
import { useDemo } from './fixture.ts';
import { media } from './page.ts';

const ORIGIN = 'https://videos.example';

const demo = useDemo();

/** Responds like a server that allows cross-origin range requests. */
const serve = async (route: Route): Promise<void> => {
  const request = route.request();
  const bytes = readFileSync(media(new URL(request.url()).pathname.slice(1)));
  const headers = {
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Headers': 'Range',
    'Access-Control-Expose-Headers': 'Content-Range, Content-Length',
    'Accept-Ranges': 'bytes',
  };
  const [, from, to] = /bytes=(\d+)-(\d*)/u.exec((await request.headerValue('range')) ?? '') ?? [];
  if (from === undefined) return route.fulfill({ status: 200, headers, body: bytes });
  const body = bytes.subarray(Number(from), to === undefined || to === '' ? undefined : Number(to) + 1);
  const range = `bytes ${from}-${Number(from) + body.length - 1}/${bytes.length}`;
  await route.fulfill({ status: 206, headers: { ...headers, 'Content-Range': range }, body });
};

const name = (): Promise<string> => demo.text('#file-name');
const isOpening = (): Promise<boolean> => demo.page.isVisible('#opening');

const openAddress = async (address: string): Promise<void> => {
  await demo.page.click('#open-address');
  await demo.page.fill('#address-input', address);
  await demo.page.click('#address-open');
};

/** Pastes data as the keyboard does. */
const paste = async (data: { text?: string; file?: string }): Promise<void> => {
  await demo.page.evaluate(
    ({ text, bytes }) => {
      const clipboardData = new DataTransfer();
      if (text !== undefined) clipboardData.setData('text/plain', text);
      if (bytes !== undefined) clipboardData.items.add(new File([new Uint8Array(bytes)], 'pasted.webm'));
      document.body.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
      );
    },
    { text: data.text, bytes: data.file === undefined ? undefined : [...readFileSync(media(data.file))] },
  );
};

const serveVideos = (): Promise<unknown> => demo.page.route(`${ORIGIN}/**`, serve);
const plays = async (): Promise<void> => {
  await demo.page.click('#play');
  await expect.poll(() => demo.mark()).toBeGreaterThan(20);
  await demo.page.click('#close');
};

describe('a URL', () => {
  test('opens its video under its file name', async () => {
    await serveVideos();
    await openAddress(`${ORIGIN}/vp8.webm?from=here`);
    await expect.poll(name).toBe('vp8.webm');
    expect(await demo.page.isVisible('#address')).toBe(false);
    await plays();
  });

  test('can be entered by keyboard alone', async () => {
    await serveVideos();
    await demo.page.focus('#open-address');
    await demo.press('Enter');
    await demo.page.keyboard.type(`${ORIGIN}/vp9.webm`);
    await demo.press('Enter');
    await demo.opens('vp9.webm');
  });

  test('that is invalid is reported in the dialog', async () => {
    await openAddress('my video');
    expect(await demo.page.isVisible('#address')).toBe(true);
    expect(await demo.text('#address-hint')).toContain('Enter a URL');
    expect(await demo.page.getAttribute('#address-input', 'aria-invalid')).toBe('true');
    await demo.page.click('#address-cancel');
    expect(await demo.page.isVisible('#address')).toBe(false);
    expect(await name()).toBe('built-in clip');
  });

  test('that does not respond shows progress, and Cancel keeps the current video', async () => {
    await demo.page.route(`${ORIGIN}/**`, () => {});
    for (const cancel of [() => demo.page.click('#opening-cancel'), () => demo.press('Escape')]) {
      await openAddress(`${ORIGIN}/slow.mp4`);
      await expect.poll(isOpening).toBe(true);
      expect(await demo.text('#opening-text')).toBe('Opening slow.mp4 …');
      await cancel();
      await expect.poll(isOpening).toBe(false);
      expect(await name()).toBe('built-in clip');
      expect(await demo.problem()).toBe('');
    }
    await plays();
  });

  test('whose first frame never arrives can be cancelled, and nothing is open', async () => {
    await demo.openAlone();
    await serveVideos();
    await demo.fillStrip();
    await demo.page.evaluate(() => {
      VideoDecoder.prototype.decode = () => {};
    });
    await openAddress(`${ORIGIN}/vp8.webm`);
    await expect.poll(name).toBe('vp8.webm');
    await expect.poll(isOpening).toBe(true);
    await demo.page.click('#opening-cancel');
    await demo.reach('empty');
    expect(await isOpening()).toBe(false);
    expect(await demo.problem()).toBe('');
  });

  test('that is missing or not readable is reported, with what to do', async () => {
    await demo.page.route(`${ORIGIN}/gone.mp4`, (route) =>
      route.fulfill({ status: 404, headers: { 'Access-Control-Allow-Origin': '*' } }),
    );
    await demo.page.route(`${ORIGIN}/closed.mp4`, (route) => route.abort());
    for (const file of ['gone.mp4', 'closed.mp4']) {
      await openAddress(`${ORIGIN}/${file}`);
      await expect.poll(() => demo.problem(), { message: file }).toMatch(/Check it .* save the video/u);
      await demo.page.click('#dismiss');
    }
    expect(await name()).toBe('built-in clip');
    // The browser reports it as well.
    expect(demo.complaints.splice(0).length).toBeGreaterThan(0);
  });
});

describe('the clipboard', () => {
  test('opens a pasted file', async () => {
    await paste({ file: 'vp8.webm' });
    await expect.poll(name).toBe('pasted.webm');
    await plays();
  });

  test('opens a pasted URL', async () => {
    await serveVideos();
    await paste({ text: ` ${ORIGIN}/vp8.webm\n` });
    await demo.opens('vp8.webm');
  });

  test('reports pasted data that cannot be opened', async () => {
    await paste({ text: 'a shopping list' });
    expect(await demo.problem()).toContain('not a video file or a URL');
    expect(await name()).toBe('built-in clip');
  });

  test('pastes into a text field as usual', async () => {
    await demo.page.click('#open-address');
    await demo.page.$eval('#address-input', (field) =>
      field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: new DataTransfer(), bubbles: true })),
    );
    expect(await demo.problem()).toBe('');
    await demo.page.click('#address-cancel');
  });
});

describe('buttons', () => {
  test('the file button opens a file chooser', async () => {
    const [chooser] = await Promise.all([demo.page.waitForEvent('filechooser'), demo.page.click('#open')]);
    await chooser.setFiles(media('av1.mp4'));
    await demo.opens('av1.mp4');
  });

  test('a pending camera permission is shown, and Cancel withdraws it', async () => {
    await demo.openAlone();
    await demo.page.evaluate(() => {
      navigator.mediaDevices.getUserMedia = () => new Promise(() => {});
    });
    await demo.page.click('#camera');
    await expect.poll(isOpening).toBe(true);
    expect(await demo.text('#opening-text')).toBe('Waiting for camera permission …');
    await demo.page.click('#opening-cancel');
    await expect.poll(isOpening).toBe(false);
    expect([await name(), await demo.state()]).toEqual(['built-in clip', 'paused']);
  });
});

test('the page states that nothing is uploaded', async () => {
  expect(await demo.text('footer')).toContain('Nothing is uploaded');
});
