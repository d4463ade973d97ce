import { beforeEach, expect, test, vi } from 'vitest';

/*
 * Keys as a page has them, without a page: what it keeps is a Map here, and an
 * element knows just enough to say what it stands in.
 */
const kept = new Map<string, string>();
vi.stubGlobal('localStorage', {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => void kept.set(key, value),
  removeItem: (key: string) => void kept.delete(key),
});

class FakeElement extends EventTarget {
  constructor(
    readonly tag: string,
    readonly attributes: Record<string, string> = {},
    readonly parent: FakeElement | null = null,
  ) {
    super();
  }

  /** For a list of tags, [attribute] and [attribute="value"]. */
  closest(selector: string): FakeElement | null {
    const matches = selector.split(', ').some((one) => {
      const [, name, value] = /^\[([\w-]+)(?:="(.*)")?\]$/.exec(one) ?? [];
      if (!name) return one === this.tag;
      return name in this.attributes && (value === undefined || this.attributes[name] === value);
    });
    return matches ? this : (this.parent?.closest(selector) ?? null);
  }
}
vi.stubGlobal('Element', FakeElement);
let dialogOpen = false;
vi.stubGlobal('document', { querySelector: () => (dialogOpen ? {} : null) });

const body = new FakeElement('body');

/** The modules as a page that is opened now has them. */
async function open() {
  vi.resetModules();
  const { keyBindings } = await import('../../../src/app/shell/keyBindings.svelte');
  return { keyBindings, ...(await import('../../../src/app/shell/commands.svelte')) };
}

/** A key as the browser reports it. */
function pressed(key: string, facts: Partial<KeyboardEvent> = {}): KeyboardEvent {
  const event = { key, target: body, defaultPrevented: false, repeat: false, isComposing: false, ctrlKey: false, metaKey: false, altKey: false, ...facts };
  return { ...event, preventDefault: () => undefined } as KeyboardEvent;
}

beforeEach(() => {
  kept.clear();
  dialogOpen = false;
});

test('a key that is chosen fires, stands on the command, and is there at the next visit', async () => {
  const page = await open();
  const tied = vi.fn();
  const tie = page.command('collect.tie', tied);
  page.commands.register([tie]);
  expect(page.keyBindings.choose('collect.tie', 0, 'E')).toBeNull();
  expect(tie.keys).toEqual(['e']);
  page.commands.press(pressed('t'));
  expect(tied).not.toHaveBeenCalled();
  page.commands.press(pressed('E'));
  expect(tied).toHaveBeenCalledTimes(1);
  expect((await open()).keyBindings.of('collect.tie')).toEqual(['e']);
});

test('of two keys one is changed; a key that the command has already is not had twice', async () => {
  const { keyBindings } = await open();
  keyBindings.choose('collect.first', 1, 'ArrowUp');
  expect(keyBindings.of('collect.first')).toEqual(['1', 'ArrowUp']);
  keyBindings.choose('collect.first', 0, 'ArrowUp');
  expect(keyBindings.of('collect.first')).toEqual(['ArrowUp']);
});

test('a command that had no key can be given one, and lose it again', async () => {
  const { keyBindings } = await open();
  expect(keyBindings.of('optimise.like')).toEqual([]);
  keyBindings.choose('optimise.like', 0, 'k');
  expect(keyBindings.of('optimise.like')).toEqual(['k']);
  keyBindings.switchOff('optimise.like');
  expect(keyBindings.of('optimise.like')).toEqual([]);
  expect(keyBindings.changed).toBe(false);
});

test('switched off is not the same as never changed, and both survive a visit', async () => {
  const { keyBindings } = await open();
  keyBindings.switchOff('collect.tie');
  let again = (await open()).keyBindings;
  expect(again.of('collect.tie')).toEqual([]);
  expect(again.isChanged('collect.tie')).toBe(true);
  expect(again.restore('collect.tie')).toBeNull();
  again = (await open()).keyBindings;
  expect(again.of('collect.tie')).toEqual(['t']);
  expect(again.changed).toBe(false);
  expect([...kept]).toEqual([]);
});

test('a clash is refused with a sentence that names the other, and nothing changes', async () => {
  const { keyBindings } = await open();
  expect(keyBindings.choose('collect.tie', 0, 'b')).toBe('B is the key of “Both bad” already (Collect, two texts). Choose another, or change that one first.');
  expect(keyBindings.choose('help', 0, 'ArrowLeft')).toContain('← is the key of “First is better”');
  expect(keyBindings.choose('compare.write', 0, 'L')).toContain('“Library” already (Everywhere)');
  expect(keyBindings.changed).toBe(false);
  // In another room the same key is free.
  expect(keyBindings.choose('reward.train', 0, 'b')).toBeNull();
});

test('a key that was given away cannot be restored while another has it', async () => {
  const { keyBindings } = await open();
  keyBindings.choose('collect.tie', 0, 'e');
  keyBindings.choose('collect.bothBad', 0, 't');
  expect(keyBindings.restore('collect.tie')).toContain('T is the key of “Both bad”');
  expect(keyBindings.of('collect.tie')).toEqual(['e']);
  keyBindings.restoreAll();
  expect([keyBindings.of('collect.tie'), keyBindings.of('collect.bothBad')]).toEqual([['t'], ['b']]);
});

test.each(['Tab', 'Enter', ' ', 'Escape', 'Shift', 'Control', 'Alt', 'Meta', 'CapsLock', 'AltGraph', 'Dead', 'Process', 'Unidentified', 'F1', 'Backspace', 'Home', '\n', '\u0000', '\u202e', '\u0301', ''])('%j cannot be chosen', async (key) => {
  const { keyBindings } = await open();
  expect(keyBindings.choose('collect.tie', 0, key)).toMatch(/^That key works the page or the browser/);
  expect(keyBindings.of('collect.tie')).toEqual(['t']);
});

test.each([['q', 'q'], ['Q', 'q'], ['7', '7'], ['ArrowDown', 'ArrowDown'], [';', ';'], ['+', '+'], ['Ö', 'ö'], ['ж', 'ж'], ['き', 'き']])('%j can be chosen', async (key, name) => {
  const { keyBindings } = await open();
  expect(keyBindings.choose('collect.tie', 0, key)).toBeNull();
  expect(keyBindings.of('collect.tie')).toEqual([name]);
});

test.each([
  'no JSON',
  'null',
  '7',
  '"collect.tie"',
  '[["collect.tie",["e"]]]',
  '{"collect.tie":"e"}',
  '{"collect.tie":{"0":"e","length":1}}',
  '{"collect.tie":["Enter"]}',
  '{"collect.tie":["E"]}',
  '{"collect.tie":["e","e"]}',
  '{"collect.tie":["e",7]}',
  '{"collect.tie":["e","f","g","h","i"]}',
  '{"collect.tie":["b"]}',
  '{"unheard.of":["e"]}',
  '{"__proto__":{"collect.tie":["e"]},"constructor":["e"],"toString":["e"]}',
])('what another wrote in our place is ignored: %s', async (text) => {
  kept.set('nudge.keys', text);
  const { keyBindings } = await open();
  expect(keyBindings.changed).toBe(false);
  expect(keyBindings.of('collect.tie')).toEqual(['t']);
});

test('beside what is ignored, what is sound is read; an exchange of keys is sound', async () => {
  kept.set('nudge.keys', '{"collect.first":["2"],"collect.second":["1"],"collect.skip":["Tab"],"help":[]}');
  const { keyBindings } = await open();
  expect([keyBindings.of('collect.first'), keyBindings.of('collect.second'), keyBindings.of('collect.skip'), keyBindings.of('help')]).toEqual([['2'], ['1'], ['s'], []]);
});

test('a wish that clashes gives way, with the wishes that rested on it, and others stay', async () => {
  // Undo wants the key of Skip; Tie would have the one that Undo left.
  kept.set('nudge.keys', '{"collect.undo":["s"],"collect.tie":["z"],"collect.bothBad":["k"]}');
  const { keyBindings } = await open();
  expect([keyBindings.of('collect.undo'), keyBindings.of('collect.tie'), keyBindings.of('collect.bothBad')]).toEqual([['z'], ['t'], ['k']]);
});

test('all keys can be switched off and on, and what was chosen stays chosen', async () => {
  const page = await open();
  const run = vi.fn();
  const tie = page.command('collect.tie', run);
  page.commands.register([tie]);
  page.keyBindings.choose('collect.tie', 0, 'e');
  page.keyBindings.switchAll(false);
  page.commands.press(pressed('e'));
  expect(tie.keys).toEqual([]);
  expect(run).not.toHaveBeenCalled();
  expect((await open()).keyBindings.on).toBe(false);
  page.keyBindings.switchAll(true);
  page.commands.press(pressed('e'));
  expect(run).toHaveBeenCalledTimes(1);
});

test('a command fires while it is registered and enabled, and of two the one that is enabled', async () => {
  const { command, commands } = await open();
  const [first, second] = [vi.fn(), vi.fn()];
  let enabled = false;
  commands.register([command('collect.tie', first, () => enabled)]);
  const leave = commands.register([command('compare.tie', second)]);
  commands.press(pressed('t'));
  expect([first, second].map(({ mock }) => mock.calls.length)).toEqual([0, 1]);
  enabled = true;
  leave();
  commands.press(pressed('t'));
  expect([first, second].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
});

test('nothing fires while somebody types, composes, holds a key or a modifier, or has a dialog open', async () => {
  const { command, commands } = await open();
  const run = vi.fn();
  commands.register([command('collect.tie', run)]);
  for (const tag of ['input', 'textarea', 'select']) commands.press(pressed('t', { target: new FakeElement(tag) as never }));
  for (const attributes of [{ contenteditable: '' }, { contenteditable: 'plaintext-only' }, { role: 'slider' }, { role: 'tab' }] as Record<string, string>[]) {
    const host = new FakeElement('div', attributes);
    for (const target of [host, new FakeElement('b', {}, host)]) commands.press(pressed('t', { target: target as never }));
  }
  for (const fact of ['isComposing', 'repeat', 'ctrlKey', 'metaKey', 'altKey', 'defaultPrevented']) commands.press(pressed('t', { [fact]: true }));
  dialogOpen = true;
  commands.press(pressed('t'));
  expect(run).not.toHaveBeenCalled();

  dialogOpen = false;
  for (const target of [body, new FakeElement('button'), new FakeElement('a', {}, body), null]) commands.press(pressed('t', { target: target as never }));
  expect(run).toHaveBeenCalledTimes(4);
});
