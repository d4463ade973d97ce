import { join } from 'node:path';
import { chromium } from 'playwright';
import { launchOptions } from './chromium';
import { writeWhole } from './files';

/**
 * Keep a drawing, an SVG or HTML of one element, as the PNG of that name, at
 * twice its size. Where there is no Chromium to render it, as may well be with
 * `--node`, it is kept as what it is. Returns what was written, in words.
 */
export async function savePicture(drawing: string, folder: string, name = 'curves'): Promise<string> {
  let options: ReturnType<typeof launchOptions>;
  try {
    options = launchOptions('none');
  } catch {
    const file = `${name}.${drawing.startsWith('<svg') ? 'svg' : 'html'}`;
    writeWhole(join(folder, file), drawing);
    return `${file} (there is no Chromium to make a PNG of it)`;
  }
  const browser = await chromium.launch(options);
  try {
    const page = await browser.newPage({ deviceScaleFactor: 2 });
    await page.setContent(`<!doctype html><style>body { margin: 0 } body > svg { display: block }</style><body>${drawing}</body>`);
    writeWhole(join(folder, `${name}.png`), await page.locator('body > :not(style)').first().screenshot());
    return `${name}.png`;
  } finally {
    await browser.close();
  }
}
