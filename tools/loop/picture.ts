import { chromium } from 'playwright';
import { launchOptions } from '../chromium';
import { writeWhole } from './journal';

/** Render an SVG to a PNG at twice its size. Throws where there is no Chromium. */
export async function renderPng(svg: string, path: string): Promise<void> {
  const browser = await chromium.launch(launchOptions('none'));
  try {
    const page = await browser.newPage({ deviceScaleFactor: 2 });
    await page.setContent(`<!doctype html><style>body { margin: 0 } svg { display: block }</style>${svg}`);
    writeWhole(path, await page.locator('svg').screenshot());
  } finally {
    await browser.close();
  }
}
