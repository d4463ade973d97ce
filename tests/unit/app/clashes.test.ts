import fc from 'fast-check';
import { build, type Plugin } from 'vite';
import { expect, test, vi } from 'vitest';
import { commandKey } from '../../../src/app/controls/keys';
import { clashes } from '../../../src/app/shell/clashes';
import { COMMAND_TABLE, type CommandEntry } from '../../../src/app/shell/commandTable';

type Bound = Pick<CommandEntry, 'group' | 'scope' | 'keys'>;

test('the keys that ship do not clash, and each of them can be pressed', () => {
  expect(clashes(COMMAND_TABLE)).toEqual([]);
  for (const [id, { keys }] of Object.entries(COMMAND_TABLE)) {
    expect(keys.map(commandKey), id).toEqual([...keys]);
    expect(new Set(keys).size, id).toBe(keys.length);
  }
});

test('a clash names its key and both commands, in the order of the table', () => {
  const table = {
    help: { group: 'everywhere', keys: ['h'] },
    tie: { group: 'collect', scope: 'two texts', keys: ['t', '0'] },
    top: { group: 'collect', scope: 'a ranking', keys: ['t'] },
    skip: { group: 'collect', keys: ['0', 'h'] },
    train: { group: 'reward', keys: ['t'] },
  } satisfies Record<string, Bound>;
  expect(clashes(table)).toEqual([
    { key: 'h', ids: ['help', 'skip'] },
    { key: '0', ids: ['tie', 'skip'] },
  ]);
});

test('two commands clash just where there is a screen on which one key would mean both', () => {
  const rooms = ['collect', 'reward'] as const;
  const scopes = ['a', 'b'];
  // A screen is one room with one form in it, or with none.
  const screens = rooms.flatMap((room) => [undefined, ...scopes].map((scope) => ({ room, scope })));
  const worksOn = (screen: (typeof screens)[number], { group, scope }: Bound) => group === 'everywhere' || (group === screen.room && (scope === undefined || scope === screen.scope));

  const entry: fc.Arbitrary<Bound> = fc.record({
    group: fc.constantFrom('everywhere' as const, ...rooms),
    scope: fc.constantFrom(undefined, ...scopes),
    keys: fc.uniqueArray(fc.constantFrom('x', 'y', 'z')),
  });
  fc.assert(
    fc.property(fc.array(entry.filter(({ group, scope }) => group !== 'everywhere' || scope === undefined), { maxLength: 6 }), (list) => {
      const expected = new Set<string>();
      for (const screen of screens)
        for (const key of ['x', 'y', 'z']) {
          const all = list.flatMap((bound, i) => (worksOn(screen, bound) && bound.keys.includes(key) ? [i] : []));
          all.forEach((i, n) => all.slice(n + 1).forEach((j) => expected.add(`${key} ${i} ${j}`)));
        }
      const table: Record<string, Bound> = Object.fromEntries(list.map((bound, i) => [`c${i}`, bound]));
      expect(new Set(clashes(table).map(({ key, ids }) => [key, ...ids.map((id) => id.slice(1))].join(' ')))).toEqual(expected);
    }),
  );
});

test('the page is not built where two commands clash, and the error names both', async () => {
  vi.doMock('../../../src/app/shell/commandTable', () => ({
    COMMAND_TABLE: { 'collect.flag': { group: 'collect', title: 'Flag', keys: ['f'] }, 'collect.focus': { group: 'collect', title: 'Focus', keys: ['f'] } },
  }));
  const { default: config } = await import('../../../vite.config');
  const plugin = (config.plugins as Plugin[]).find(({ name }) => name === 'nudge:keys-without-clashes')!;
  const empty: Plugin = { name: 'empty', resolveId: (id) => (id === 'empty' ? id : null), load: (id) => (id === 'empty' ? 'export {}' : null) };
  const building = (plugins: Plugin[]) => build({ configFile: false, logLevel: 'silent', plugins, build: { write: false, rollupOptions: { input: 'empty' } } });
  await expect(building([empty])).resolves.toBeDefined();
  await expect(building([empty, plugin])).rejects.toThrow('“f” is the key of collect.flag and of collect.focus');
});
