import { relative, resolve, dirname, sep } from 'node:path';
import svelte from 'eslint-plugin-svelte';
import typescript from 'typescript-eslint';

/*
 * The floor plan: a room imports only from the rooms listed here and from
 * itself. The page knows the training worker by its protocol, its client and
 * its console, and never the mathematics behind it.
 */
const MAY_IMPORT = {
  tensor: [],
  text: ['feedback', 'store'],
  feedback: ['store', 'text'],
  store: ['feedback', 'text'],
  model: ['tensor', 'text'],
  reward: ['model', 'tensor', 'feedback', 'text'],
  rl: ['reward', 'model', 'tensor', 'feedback', 'text'],
  transfer: ['feedback', 'store', 'text'],
  lab: ['rl', 'reward', 'model', 'tensor', 'feedback', 'store', 'text'],
  // What an experiment finds is drawn in the page, so it may know no more than the page does, and formulas without tensors.
  experiments: ['lab/protocol', 'lab/client', 'rl/bestOfNCurve', 'rl/overOptimisation', 'rl/exactFrontier', 'rl/frontierBound', 'rl/rewardMix', 'feedback', 'text'],
  app: ['experiments', 'lab/protocol', 'lab/client', 'lab/console', 'lab/worker', 'lab/failure', 'transfer', 'feedback', 'store', 'text'],
};

/** Packages that only some rooms may know; every other package is free to all. */
const PACKAGE_ROOMS = [
  { package: /^@tensorflow\/tfjs-core/, rooms: ['tensor', 'model', 'reward', 'rl', 'lab'] },
  { package: /^@tensorflow\//, rooms: ['tensor'] },
  { package: /^(svelte|bits-ui|uplot)/, rooms: ['app'] },
  { package: /^idb$/, rooms: ['store'] },
];

const SOURCE = resolve(import.meta.dirname, 'src');

const floorPlan = {
  meta: { type: 'problem', schema: [], messages: { upstairs: '{{from}} may not import {{to}}: see the floor plan in eslint.config.js.' } },
  create(context) {
    const [from] = relative(SOURCE, context.filename).split(sep);
    const allowed = MAY_IMPORT[from];
    if (!allowed) return {};
    function check(node) {
      const specifier = node.source?.value;
      if (typeof specifier !== 'string') return;
      if (!specifier.startsWith('.')) {
        const rule = PACKAGE_ROOMS.find((entry) => entry.package.test(specifier));
        if (rule && !rule.rooms.includes(from)) context.report({ node, messageId: 'upstairs', data: { from, to: specifier } });
        return;
      }
      const target = relative(SOURCE, resolve(dirname(context.filename), specifier)).split(sep).join('/').replace(/(\.ts|\?.*)+$/, '');
      const outside = target.startsWith('..');
      if (!outside && ![from, ...allowed].some((room) => target === room || target.startsWith(`${room}/`))) {
        context.report({ node, messageId: 'upstairs', data: { from, to: target } });
      }
    }
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check, ImportExpression: check };
  },
};

/** Calls that answer wrongly, or lose the device, on tfjs's WebGPU backend. */
const BROKEN_IN_TFJS = [
  ...['dataSync', 'arraySync'].map((name) => ({ name, why: 'returns zeros and loses the WebGPU device: await data()' })),
  { name: 'print', why: 'reads the tensor synchronously: await data()' },
  { name: 'multinomial', why: 'always draws index 0 in row 0 on WebGPU: use sampleCategorical' },
].flatMap(({ name, why }) =>
  [`MemberExpression[property.name='${name}']`, `ImportSpecifier[imported.name='${name}']`].map((selector) => ({
    selector,
    message: `${name} ${why}.`,
  })),
);

export default typescript.config(
  { ignores: ['dist', 'test-results', 'runs', 'out', 'node_modules'] },
  typescript.configs.recommended,
  svelte.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: { nudge: { rules: { 'floor-plan': floorPlan } } },
    rules: {
      'nudge/floor-plan': 'error',
      'no-restricted-syntax': ['error', ...BROKEN_IN_TFJS],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'svelte/no-at-html-tags': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      // TypeScript knows the names; this rule doesn't know TypeScript's globals.
      'no-undef': 'off',
    },
  },
  {
    files: ['**/*.ts', '**/*.svelte'],
    languageOptions: { parserOptions: { projectService: true, extraFileExtensions: ['.svelte'] } },
    rules: {
      // Nobody hears of what a floating promise fails at: lost data.
      '@typescript-eslint/no-floating-promises': 'error',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: typescript.parser } },
  },
  {
    // A bare expression is how Svelte reads a dependency.
    files: ['**/*.svelte'],
    rules: { '@typescript-eslint/no-unused-expressions': 'off' },
  },
);
