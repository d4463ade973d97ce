import { join } from 'node:path';
import { chromium } from 'playwright';
import { launchOptions } from '../chromium';
import { writeWhole } from '../files';

/**
 * Keep a drawing as the PNG of that name, at twice its size. Where there is no
 * Chromium to render it, as may well be with `--node`, it is kept as the SVG
 * that it is. Returns what was written, in words.
 */
export async function savePicture(svg: string, folder: string, name = 'curves'): Promise<string> {
  let options: ReturnType<typeof launchOptions>;
  try {
    options = launchOptions('none');
  } catch {
    writeWhole(join(folder, `${name}.svg`), svg);
    return `${name}.svg (there is no Chromium to make a PNG of it)`;
  }
  const browser = await chromium.launch(options);
  try {
    const page = await browser.newPage({ deviceScaleFactor: 2 });
    await page.setContent(`<!doctype html><style>body { margin: 0 } svg { display: block }</style>${svg}`);
    writeWhole(join(folder, `${name}.png`), await page.locator('svg').screenshot());
    return `${name}.png`;
  } finally {
    await browser.close();
  }
}
