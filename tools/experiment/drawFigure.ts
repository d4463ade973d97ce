import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { createServer } from 'vite';
import type { Experiment } from '../../src/experiments';
import type { Figure } from '../../src/experiments/figure';

const ROOT = join(import.meta.dirname, '../..');
const WIDTH = 980;

/** An experiment's figure as the page draws it, in HTML that needs nothing else. */
export async function drawFigure({ title, question }: Experiment, figure: Figure): Promise<string> {
  const vite = await createServer({
    root: ROOT,
    configFile: false,
    // Styles come with what is rendered, in place of files beside it.
    plugins: [svelte({ configFile: false, emitCss: false, compilerOptions: { css: 'injected' } })],
    server: { middlewareMode: true, hmr: false, ws: false },
    appType: 'custom',
    logLevel: 'warn',
    optimizeDeps: { noDiscovery: true },
  });
  try {
    const { default: component } = await vite.ssrLoadModule('/src/app/charts/Figure.svelte');
    const { render } = await vite.ssrLoadModule('svelte/server');
    const { head, body } = render(component, { props: { figure } }) as { head: string; body: string };
    const theme = readFileSync(join(ROOT, 'src/app/theme.css'), 'utf8');
    return `${head}<style>${theme}
      main { inline-size: ${WIDTH}px; padding: 24px; background: var(--paper); color: var(--ink); }
      h1 { margin-block-end: 4px; font-size: 26px; }
      main > p { margin-block-end: 20px; color: var(--ink-soft); }
    </style><main><h1>${escaped(title)}</h1><p>${escaped(question)}</p>${body}</main>`;
  } finally {
    await vite.close();
  }
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`);
}
