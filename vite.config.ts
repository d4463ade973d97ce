import { createReadStream, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';
import { clashes } from './src/app/shell/clashes.ts';
import { COMMAND_TABLE } from './src/app/shell/commandTable.ts';

/** Where the page finds the WebAssembly backend, from its own folder. */
const WASM_FOLDER = 'assets/wasm/';

/** Serves tfjs's WebAssembly binaries under fixed names from this origin; tfjs looks them up by name at run time. */
function wasmBackend(): Plugin {
  const folder = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json'));
  const names = ['', '-simd', '-threaded-simd'].map((kind) => `tfjs-backend-wasm${kind}.wasm`);
  const path = (name: string) => join(folder, 'wasm-out', name);
  return {
    name: 'nudge:wasm-backend',
    generateBundle() {
      for (const name of names) this.emitFile({ type: 'asset', fileName: WASM_FOLDER + name, source: readFileSync(path(name)) });
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const name = names.find((candidate) => request.url?.split('?')[0]?.endsWith(`/${WASM_FOLDER}${candidate}`));
        if (!name) return next();
        response.setHeader('Content-Type', 'application/wasm');
        createReadStream(path(name)).pipe(response);
      });
    },
  };
}

/** In development Vite writes styles into the page, which the page's policy forbids; the built page keeps the policy whole. */
function inlineStylesInDevelopment(): Plugin {
  return {
    name: 'nudge:inline-styles-in-development',
    apply: 'serve',
    transformIndexHtml: (html) => html.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'"),
  };
}

/** A page on which one key means two things is not built, nor served, nor tested. */
function keysWithoutClashes(): Plugin {
  return {
    name: 'nudge:keys-without-clashes',
    buildStart() {
      const found = clashes(COMMAND_TABLE).map(({ key, ids: [first, second] }) => `“${key}” is the key of ${first} and of ${second}`);
      if (found.length > 0) this.error(`Commands that can meet have the same key: ${found.join('; ')}. Give one of them another in src/app/shell/commandTable.ts.`);
    },
  };
}

/** The Markdown parser's table of named characters. For browsers it would ask innerHTML instead, which the page's policy forbids. */
const NAMED_CHARACTERS = 'decode-named-character-reference';

export default defineConfig({
  base: './',
  resolve: { alias: { [NAMED_CHARACTERS]: createRequire(import.meta.url).resolve(NAMED_CHARACTERS) } },
  plugins: [svelte({ configFile: false }), keysWithoutClashes(), wasmBackend(), inlineStylesInDevelopment()],
  server: { host: 'localhost' },
  preview: { host: 'localhost' },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    // The licences of all that the page contains travel with it.
    license: { fileName: 'licences.md' },
    // A data: URL is another origin to the page's content security policy.
    assetsInlineLimit: 0,
    // The worker is one large chunk by nature.
    chunkSizeWarningLimit: 2000,
  },
});
