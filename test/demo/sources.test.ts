/** Sources of films in the built demo: buttons, a drop, the clipboard, addresses; and the messages for what does not come. */
import { readFileSync } from 'node:fs';
import type { Route } from 'playwright';
import { describe, expect, test } from 'vitest';
import { useDemo } from './fixture.ts';
import { media } from './page.ts';

const ORIGIN = 'https://films.example';

const demo = useDemo();

/** Answers as a server does that lets all pages read what it has, by parts. */
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

/** Pastes, as the keyboard does where the clipboard holds this. */
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

const serveFilms = (): Promise<unknown> => demo.page.route(`${ORIGIN}/**`, serve);
const plays = async (): Promise<void> => {
  await demo.page.click('#play');
  await expect.poll(() => demo.mark()).toBeGreaterThan(20);
  await demo.page.click('#close');
};

describe('an address', () => {
  test('that is given opens its film, by its name', async () => {
    await serveFilms();
    await openAddress(`${ORIGIN}/vp8.webm?from=here`);
    await expect.poll(name).toBe('vp8.webm');
    expect(await demo.page.isVisible('#address')).toBe(false);
    await plays();
  });

  test('is given by the keyboard alone', async () => {
    await serveFilms();
    await demo.page.focus('#open-address');
    await demo.press('Enter');
    await demo.page.keyboard.type(`${ORIGIN}/vp9.webm`);
    await demo.press('Enter');
    await demo.opens('vp9.webm');
  });

  test('that is none is told of where it is typed', async () => {
    await openAddress('my film');
    expect(await demo.page.isVisible('#address')).toBe(true);
    expect(await demo.text('#address-hint')).toContain('no address');
    expect(await demo.page.getAttribute('#address-input', 'aria-invalid')).toBe('true');
    await demo.page.click('#address-cancel');
    expect(await demo.page.isVisible('#address')).toBe(false);
    expect(await name()).toBe('built-in clip');
  });

  test('that does not answer shows progress, and Cancel leaves what was on', async () => {
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

  test('whose first picture does not come is given up, and nothing is on', async () => {
    await demo.openAlone();
    await serveFilms();
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

  test('that has nothing, or may not be read, is told of in words that say what to do', async () => {
    await demo.page.route(`${ORIGIN}/gone.mp4`, (route) =>
      route.fulfill({ status: 404, headers: { 'Access-Control-Allow-Origin': '*' } }),
    );
    await demo.page.route(`${ORIGIN}/closed.mp4`, (route) => route.abort());
    for (const file of ['gone.mp4', 'closed.mp4']) {
      await openAddress(`${ORIGIN}/${file}`);
      await expect.poll(() => demo.problem(), { message: file }).toMatch(/Check it .* save the film/u);
      await demo.page.click('#dismiss');
    }
    expect(await name()).toBe('built-in clip');
    // The browser says so, too.
    expect(demo.complaints.splice(0).length).toBeGreaterThan(0);
  });
});

describe('the clipboard', () => {
  test('holds a file, and it is opened', async () => {
    await paste({ file: 'vp8.webm' });
    await expect.poll(name).toBe('pasted.webm');
    await plays();
  });

  test('holds an address, and it is opened', async () => {
    await serveFilms();
    await paste({ text: ` ${ORIGIN}/vp8.webm\n` });
    await demo.opens('vp8.webm');
  });

  test('holds something else, and that is said', async () => {
    await paste({ text: 'a shopping list' });
    expect(await demo.problem()).toContain('neither a file nor an address');
    expect(await name()).toBe('built-in clip');
  });

  test('is pasted into a field as anywhere', async () => {
    await demo.page.click('#open-address');
    await demo.page.$eval('#address-input', (field) =>
      field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: new DataTransfer(), bubbles: true })),
    );
    expect(await demo.problem()).toBe('');
    await demo.page.click('#address-cancel');
  });
});

describe('buttons', () => {
  test('the file button asks for a file', async () => {
    const [chooser] = await Promise.all([demo.page.waitForEvent('filechooser'), demo.page.click('#open')]);
    await chooser.setFiles(media('av1.mp4'));
    await demo.opens('av1.mp4');
  });

  test('a camera that waits for an answer shows so, and Cancel takes the question back', async () => {
    await demo.openAlone();
    await demo.page.evaluate(() => {
      navigator.mediaDevices.getUserMedia = () => new Promise(() => {});
    });
    await demo.page.click('#camera');
    await expect.poll(isOpening).toBe(true);
    expect(await demo.text('#opening-text')).toBe('Asking for the camera …');
    await demo.page.click('#opening-cancel');
    await expect.poll(isOpening).toBe(false);
    expect([await name(), await demo.state()]).toEqual(['built-in clip', 'paused']);
  });
});

test('the page says that nothing leaves it', async () => {
  expect(await demo.text('footer')).toContain('Nothing leaves this page');
});
