import { crc32, deflateSync } from 'node:zlib';
import type { Page } from '@playwright/test';
import { launchOptions } from '../../tools/chromium.ts';
import { expect, send, test } from './lab';
import { faults, violations } from './screenFaults';

// Pictures are judged without a device.
test.use({ launchOptions: launchOptions('none') });

interface TestFile {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

/** A PNG of one colour: signature, IHDR, IDAT and IEND, each chunk with its length and CRC (PNG specification, § 5.3). */
function png(name: string, colour: [number, number, number], [width, height] = [96, 64]): TestFile {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits each of red, green and blue.
  header.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.from([0, ...Array.from({ length: width }, () => colour).flat()]);
  const rows = Buffer.concat(Array.from({ length: height }, () => row));
  const buffer = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
  return { name, mimeType: 'image/png', buffer };
}

/** A quarter of a second of a tone, in eight bits at 8 kHz. */
function wav(name: string, hertz: number): TestFile {
  const samples = Buffer.from(Array.from({ length: 2000 }, (_, i) => 128 + 60 * Math.sin((2 * Math.PI * hertz * i) / 8000)));
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8000, 24);
  header.writeUInt32LE(8000, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.length, 40);
  return { name, mimeType: 'audio/wav', buffer: Buffer.concat([header, samples]) };
}

/** Half a second of a square that wanders over a ground, as this browser records it. */
async function film(page: Page, name: string, colour: string): Promise<TestFile> {
  const bytes = await page.evaluate(async (ground) => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [96, 64];
    const context = canvas.getContext('2d')!;
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm;codecs=vp8' });
    const parts: Blob[] = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const finished = new Promise((resolve) => (recorder.onstop = resolve));
    recorder.start();
    for (let frame = 0; frame < 13; frame++) {
      context.fillStyle = ground;
      context.fillRect(0, 0, 96, 64);
      context.fillStyle = 'white';
      context.fillRect(6 * frame, 24, 16, 16);
      await new Promise((next) => setTimeout(next, 40));
    }
    recorder.stop();
    await finished;
    return [...new Uint8Array(await new Blob(parts).arrayBuffer())];
  }, colour);
  return { name, mimeType: 'video/webm', buffer: Buffer.from(bytes) };
}

const PICTURES = [png('red.png', [200, 60, 40]), png('green.png', [40, 160, 90], [64, 96]), png('blue.png', [40, 80, 200])];

/** Drops files on the page, as from a folder beside it. */
async function drop(page: Page, files: readonly TestFile[]): Promise<void> {
  const contents = files.map(({ name, mimeType, buffer }) => ({ name, mimeType, bytes: [...buffer] }));
  const transfer = await page.evaluateHandle((given) => {
    const data = new DataTransfer();
    for (const { name, mimeType, bytes } of given) data.items.add(new File([Uint8Array.from(bytes)], name, { type: mimeType }));
    return data;
  }, contents);
  await page.locator('.zone').dispatchEvent('drop', { dataTransfer: transfer });
}

const openCollect = async (page: Page): Promise<void> => {
  await page.goto('./#/collect');
  await send(page, 'start', {});
};

/** What the database holds: of the comparisons the names of their files, of the files their sizes. */
function stored(page: Page) {
  return page.evaluate(
    () =>
      new Promise<{ shown: string[][]; prompts: string[]; files: Record<string, string>; verdicts: [string, string][] }>((resolve) => {
        const request = indexedDB.open('nudge');
        request.onsuccess = () => {
          const transaction = request.result.transaction(['comparisons', 'media', 'events']);
          const [comparisons, media, events] = ['comparisons', 'media', 'events'].map((store) => transaction.objectStore(store).getAll());
          transaction.oncomplete = () => {
            request.result.close();
            const names = new Map<string, string[]>(comparisons.result.map(({ id, attachments }) => [id, attachments.map(({ name }: { name: string }) => name)]));
            resolve({
              shown: [...names.values()],
              prompts: comparisons.result.map(({ prompt }) => prompt),
              files: Object.fromEntries(media.result.map(({ id, bytes }) => [id, `${bytes.type} ${bytes.size}`])),
              verdicts: events.result.map(({ comparisonId, verdict }) => [verdict, names.get(comparisonId)![verdict === 'first' ? 0 : 1]]),
            });
          };
        };
      }),
  );
}

test('pictures are dropped, paired, judged with a key, and are still there after a reload', async ({ page, complaints }) => {
  await openCollect(page);
  const cut = { ...PICTURES[0], name: 'cut.png', buffer: PICTURES[0].buffer.subarray(0, 60) };
  const text = { name: 'text.png', mimeType: 'image/png', buffer: Buffer.from('no picture at all') };
  await drop(page, [...PICTURES, text, cut, { ...PICTURES[2], name: 'blue again.png' }]);

  const dialog = page.getByRole('dialog', { name: '3 pictures to judge' });
  await expect(dialog.getByRole('img')).toHaveCount(3);
  await expect(dialog.getByText('3 files left out')).toBeVisible();
  await expect(dialog.getByText('text.png Whatever its name says, its bytes are not those of')).toBeVisible();
  await expect(dialog.getByText('cut.png This browser cannot show it')).toBeVisible();
  await expect(dialog.getByText('blue again.png It is the same as “blue.png”')).toBeVisible();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect(await violations(page, `files left out, ${colorScheme}`)).toEqual([]);
  }
  // More pairs than there are cannot be asked for.
  await dialog.getByRole('spinbutton', { name: 'How many pairs?' }).fill('4');
  await expect(dialog.getByText('Enter a whole number from 1 to 3.')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Import' })).toBeDisabled();
  await dialog.getByRole('spinbutton', { name: 'How many pairs?' }).fill('3');
  await dialog.getByRole('textbox', { name: /What to judge them by/ }).fill('Which is the calmer colour?');
  await dialog.getByRole('button', { name: 'Import as 3 pairs' }).click();

  await expect(page.getByText('Which is the calmer colour?')).toBeVisible();
  await expect(page.getByText('0 judged · 3 to go')).toBeVisible();
  const left = page.getByRole('region', { name: /First/ }).getByRole('img');
  await expect(left).toBeVisible();
  expect(await left.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth * image.naturalHeight))).toBe(96 * 64);
  const chosen = await left.getAttribute('alt');
  expect(await violations(page, 'a pair of pictures')).toEqual([]);
  await page.getByRole('button', { name: `Enlarge ${chosen}` }).press('Enter');
  await expect(page.getByRole('dialog', { name: chosen! }).getByRole('img')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('1');
  await expect(page.getByText('1 judged · 2 to go')).toBeVisible();
  await expect(page.getByRole('main').getByRole('status').filter({ hasText: 'Saved on this device' })).toBeVisible();

  await page.reload();
  await expect(page.getByText('1 judged · 2 to go')).toBeVisible();
  await expect(left).toBeVisible();
  const kept = await stored(page);
  expect(kept.shown.map((names) => [...names].sort().join(' and ')).sort()).toEqual(['blue.png and green.png', 'blue.png and red.png', 'green.png and red.png']);
  expect(kept.prompts).toEqual(Array(3).fill('Which is the calmer colour?'));
  expect(Object.values(kept.files).sort()).toEqual(PICTURES.map(({ buffer }) => `image/png ${buffer.length}`).sort());
  expect(kept.verdicts.map(([, name]) => name)).toEqual([chosen]);
  expect(complaints).toEqual([]);
});

test('sounds are heard only when asked, and what is deleted takes its files along', async ({ page, complaints }) => {
  await openCollect(page);
  await page.locator('input[aria-label="Import a file"]').setInputFiles([wav('low.wav', 220), wav('high.wav', 880)]);
  await page.getByRole('dialog', { name: '2 sounds to judge' }).getByRole('button', { name: 'Import as 1 pair' }).click();
  await expect(page.getByText('0 judged · 1 to go')).toBeVisible();
  const players = page.locator('audio');
  await expect(players).toHaveCount(2);
  const heard = await players.evaluateAll((all: HTMLAudioElement[]) => all.map(({ controls, autoplay, paused }) => ({ controls, autoplay, paused })));
  expect(heard).toEqual(Array(2).fill({ controls: true, autoplay: false, paused: true }));
  await expect.poll(() => players.first().evaluate((player: HTMLAudioElement) => player.duration)).toBeCloseTo(0.25, 2);
  expect(await violations(page, 'a pair of sounds')).toEqual([]);

  await page.goto('./#/library');
  await page.getByRole('button', { name: /^Delete/ }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await expect.poll(async () => (await stored(page)).files).toEqual({});
  expect(complaints).toEqual([]);
});

test('kinds that cannot be compared are judged each by itself, and nothing is kept before one says so', async ({ page, complaints }) => {
  await openCollect(page);
  await drop(page, [PICTURES[0], wav('low.wav', 220)]);
  const dialog = page.getByRole('dialog', { name: '2 files to judge' });
  await expect(dialog.getByText('cannot be judged against each other')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Import as 2 items' })).toBeEnabled();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toBeHidden();
  const { shown, files } = await stored(page);
  expect([shown, files]).toEqual([[], {}]);

  await drop(page, [PICTURES[0], wav('low.wav', 220)]);
  await dialog.getByRole('button', { name: 'Import as 2 items' }).click();
  await expect(page.getByRole('region', { name: 'The picture' }).getByRole('img')).toBeVisible();
  expect(await violations(page, 'a picture')).toEqual([]);
  await page.keyboard.press('1');
  await expect(page.getByRole('region', { name: 'The sound' }).locator('audio')).toBeVisible();
  expect(complaints).toEqual([]);
});

test('pictures in groups are put in order, and join the dataset in use where its form fits', async ({ page, complaints }) => {
  await openCollect(page);
  await drop(page, PICTURES);
  await page.getByText('in groups', { exact: true }).click();
  await page.getByRole('spinbutton', { name: 'How many groups?' }).fill('1');
  await page.getByRole('button', { name: 'Import as 1 group' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Put them in order, the best first.' })).toBeVisible();
  await expect(page.getByRole('main').getByRole('img')).toHaveCount(3);
  await expect(page.getByRole('dialog')).toBeHidden();
  expect(await violations(page, 'pictures to be put in order')).toEqual([]);

  // Groups fit its form, pairs too, one alone does not.
  await drop(page, [png('grey.png', [90, 90, 90]), png('white.png', [250, 250, 250])]);
  await page.getByText('“My pictures 1”', { exact: true }).click();
  await page.getByRole('button', { name: 'Import as 1 pair' }).click();
  await expect(page.getByRole('dialog')).toBeHidden();
  expect((await stored(page)).shown.map((names) => [...names].sort())).toEqual(expect.arrayContaining([['grey.png', 'white.png'], ['blue.png', 'green.png', 'red.png']]));
  await expect(page.getByText('0 judged · 2 to go')).toBeVisible();
  expect(complaints).toEqual([]);
});

test('whoever enters a number while files are read keeps it', async ({ page, complaints }) => {
  await openCollect(page);
  // Large enough that reading them takes a while.
  await drop(page, Array.from({ length: 40 }, (_, i) => png(`${i}.png`, [6 * i, 120, 40], [1600, 1600])));
  const dialog = page.getByRole('dialog');
  const pairs = dialog.getByRole('spinbutton', { name: 'How many pairs?' });
  const read = () => dialog.getByRole('heading').first().textContent().then((title) => Number(title?.match(/\d+/)?.[0] ?? 0));
  await pairs.selectText();
  const before = await read();
  await expect.poll(read).toBeGreaterThan(before + 2);
  await pairs.pressSequentially('31', { delay: 120 });
  await expect(pairs).toHaveValue('31');
  await expect(dialog.getByRole('alert')).toHaveCount(0);
  await expect(dialog.getByRole('button', { name: 'Import as 31 pairs' })).toBeEnabled({ timeout: 60_000 });
  await expect(pairs).toHaveValue('31');
  expect(complaints).toEqual([]);
});

test('whoever only passes through the number leaves it as it comes', async ({ page }) => {
  await openCollect(page);
  await drop(page, Array.from({ length: 20 }, (_, i) => png(`${i}.png`, [12 * i, 40, 90], [1600, 1600])));
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('spinbutton', { name: 'How many pairs?' }).focus();
  await page.keyboard.press('Tab');
  await expect(dialog.getByRole('button', { name: 'Import as 40 pairs' })).toBeEnabled({ timeout: 60_000 });
});

test('judged pictures teach a model, which then brings all of them into its order', async ({ page, complaints }) => {
  const reds = [10, 45, 80, 115, 150, 185, 220, 250];
  await openCollect(page);
  await drop(page, reds.map((red) => png(`${red}.png`, [red, 40, 255 - red])));
  await page.getByRole('spinbutton', { name: 'How many pairs?' }).fill('24');
  await page.getByRole('button', { name: 'Import as 24 pairs' }).click();
  const nameOn = async (side: RegExp) => parseInt((await page.getByRole('region', { name: side }).getByRole('img').getAttribute('alt'))!);
  for (let judged = 0; judged < 24; judged++) {
    await expect(page.getByText(`${judged} judged`)).toBeVisible();
    await page.keyboard.press((await nameOn(/First/)) > (await nameOn(/Second/)) ? '1' : '2');
  }
  await page.goto('./#/reward');
  await expect(page.getByText('It will learn from 24 judgements of 8 pictures.')).toBeVisible();
  // There is no text to learn from, so nothing is said of texts.
  await expect(page.getByText('Teach a second model your taste')).toBeHidden();
  expect(await faults(page, 'before training')).toEqual([]);
  await page.setViewportSize({ width: 1280, height: 900 });
  // There is no text to learn from, so the key that trains on texts elsewhere trains on the pictures too.
  const rail = page.getByRole('link', { name: /^Reward / });
  await expect(rail).toHaveAccessibleName('Reward not trained yet');
  await page.keyboard.press('t');

  const order = page.getByRole('region', { name: 'All pictures, in its order' });
  await expect(order.getByRole('img')).toHaveCount(8, { timeout: 60_000 });
  await expect(order.getByText('8 pictures, the best first.')).toBeVisible();
  await expect(rail).toHaveAccessibleName(/^Reward (\d+ % (± \d+ )?on pictures|trained on pictures)$/);
  const scores = (await order.locator('li strong').allTextContents()).map((text) => Number(text.replace('−', '-')));
  expect(scores).toEqual([...scores].sort((a, b) => b - a));
  const names = await order.getByRole('img').evaluateAll((images: HTMLImageElement[]) => images.map(({ alt }) => alt));
  expect(names.indexOf('250.png')).toBeLessThan(names.indexOf('10.png'));
  await expect(page.getByRole('region', { name: 'Does it judge pictures as was judged?' }).getByText(/^It learned from \d+ judgements? and was tested on/)).toBeVisible();

  // Of pictures that came later it has an opinion too, and they are told from those that were judged.
  await page.goto('./#/collect');
  await drop(page, [png('green.png', [0, 200, 0]), png('late red.png', [255, 60, 20])]);
  await page.getByText('“My pictures 1”', { exact: true }).click();
  await page.getByRole('button', { name: 'Import as 1 pair' }).click();
  await expect(page.getByText('24 judged · 1 to go')).toBeVisible();
  await page.goto('./#/reward');
  await expect(page.getByText('The other 2 pictures, which nobody has judged, it can score afterwards.')).toBeVisible();
  await expect(order.getByText('2 pictures came since and have no score yet.')).toBeVisible();
  await order.getByRole('button', { name: 'Score 10 pictures' }).click();
  await expect(order.getByRole('listitem').filter({ hasText: 'not judged' })).toHaveCount(2);
  await expect(order.getByText('2 pictures are not judged')).toBeVisible();
  expect(await faults(page, 'the reward room')).toEqual([]);
  expect(complaints).toEqual([]);
});

test('people who differ on pictures are settled blindly, on a screen that everybody can use', async ({ page, complaints }) => {
  const nameLabeler = async (button: string, name: string) => {
    await page.getByRole('button', { name: button }).click();
    await page.getByRole('textbox', { name: 'Name of the labeler' }).fill(name);
    await page.getByRole('textbox', { name: 'Name of the labeler' }).press('Enter');
    await expect(page.getByRole('combobox', { name: 'Judging as' })).toContainText(name);
  };
  await openCollect(page);
  await nameLabeler('Say who judges', 'Ann');
  await drop(page, PICTURES);
  await page.getByRole('button', { name: 'Import as 3 pairs' }).click();
  await page.locator('summary', { hasText: 'What comes next' }).click();
  await page.getByRole('checkbox', { name: /^Every labeler judges every item/ }).check();
  await page.locator('summary', { hasText: 'What comes next' }).click();
  for (const key of ['1', '2', '1']) await page.keyboard.press(key);
  await expect(page.getByText('All judged')).toBeVisible();
  await nameLabeler('Somebody else', 'Bob');
  await expect(page.getByText('0 judged · 3 to go')).toBeVisible();
  for (const key of ['2', '2', '2']) await page.keyboard.press(key);
  await expect(page.getByText('All judged')).toBeVisible();

  await page.getByText('How well do I judge?').click();
  await expect(page.getByText('On 2 items two people differ')).toBeVisible();
  await nameLabeler('Somebody else', 'Cid');
  await page.getByRole('button', { name: /^Settle them/ }).click();
  await expect(page.getByText('to settle: 2.')).toBeVisible();
  const main = page.getByRole('main');
  await expect(main.getByRole('img')).toHaveCount(2);
  // Nothing says who chose what.
  await expect(main.locator('[aria-pressed="true"]')).toHaveCount(0);
  await expect(main.getByText(/Judged before/)).toBeHidden();
  await expect(page.getByText('How well do I judge?')).toBeHidden();
  expect(await faults(page, 'settling pictures')).toEqual([]);
  await page.keyboard.press('1');
  await expect(page.getByText('to settle: 1.')).toBeVisible();
  await page.keyboard.press('1');
  await expect(page.getByText('to settle')).toBeHidden();
  await expect(page.getByText('There is nothing that two people judge differently')).toBeVisible();
  expect(complaints).toEqual([]);
});

test('films are played and judged with keys, and neither takes the other’s', async ({ page, complaints }) => {
  await openCollect(page);
  await drop(page, [await film(page, 'dusk.webm', 'navy'), await film(page, 'dawn.webm', 'maroon')]);
  const dialog = page.getByRole('dialog', { name: '2 films to judge' });
  await dialog.getByRole('textbox', { name: /What to judge them by/ }).fill('Which wanders more smoothly?');
  await dialog.getByRole('button', { name: 'Import as 1 pair' }).click();
  const players = page.getByRole('main').locator('video');
  await expect(players).toHaveCount(2);
  await expect.poll(() => players.evaluateAll((all: HTMLVideoElement[]) => all.map(({ videoWidth, videoHeight, autoplay, paused }) => ({ videoWidth, videoHeight, autoplay, paused })))).toEqual(Array(2).fill({ videoWidth: 96, videoHeight: 64, autoplay: false, paused: true }));
  const judged = (n: number) => expect(page.getByText(`${n} judged · ${1 - n} to go`)).toBeVisible();
  const film1 = players.first();
  const played = () => film1.evaluate((player: HTMLVideoElement) => player.currentTime);

  // Played to its end by the space bar, wound back to its beginning, made quieter by an arrow; the arrow that would judge elsewhere winds.
  await film1.focus();
  await page.keyboard.press(' ');
  await expect.poll(() => film1.evaluate((player: HTMLVideoElement) => player.ended)).toBe(true);
  expect(await played()).toBeGreaterThan(0.2);
  await page.keyboard.press('Home');
  await expect.poll(played).toBe(0);
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => film1.evaluate((player: HTMLVideoElement) => player.volume)).toBeCloseTo(0.95);
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await expect.poll(() => film1.evaluate((player: HTMLVideoElement) => player.ended)).toBe(true);
  await judged(0);
  expect(await faults(page, 'films')).toEqual([]);
  // What no player uses judges, wherever the focus is.
  await film1.focus();
  await page.keyboard.press('2');
  await judged(1);
  await page.keyboard.press('z');
  await judged(0);

  // A form of several questions, filled in while a film is played.
  await page.locator('summary', { hasText: 'The form' }).click();
  await page.getByRole('button', { name: 'Use it: Rate each' }).click();
  await expect(page.getByRole('button', { name: /^5, helpful/ })).toHaveCount(2);
  const chosen = page.getByRole('main').locator('.responses [aria-pressed="true"]');
  await film1.focus();
  await page.keyboard.press(' ');
  for (const key of ['5', '4', '3', '2']) await page.keyboard.press(key);
  await expect(chosen).toHaveText([/^5/, /^4/, /^3/, /^2/]);
  await players.nth(1).focus();
  await page.keyboard.press(' ');
  await expect.poll(() => players.nth(1).evaluate((player: HTMLVideoElement) => player.ended)).toBe(true);
  // Arrows wind the film, and go from question to question only outside of it.
  for (const key of ['ArrowUp', 'ArrowUp', '1', '1', '1', '1']) await page.keyboard.press(key);
  await expect(chosen).toHaveText([/^5/, /^4/, /^3/, /^2/, /^1/, /^1/, /^1/, /^1/]);
  await page.getByRole('button', { name: /^1, fluent, Second/ }).focus();
  for (const key of ['ArrowUp', '3', 'Escape']) await page.keyboard.press(key);
  await page.getByRole('main').getByRole('button', { name: 'Submit' }).press('Enter');
  await judged(1);
  await expect.poll(async () => Object.values((await stored(page)).files).every((file) => file.startsWith('video/webm '))).toBe(true);
  expect(complaints).toEqual([]);
});
