import { expect, it } from 'vitest';
import { METRICS } from '../../../src/app/controls/metricGlossary';
import { mainPanels, morePanels } from '../../../src/app/optimise/panels';
import { LEAN, type MetricName } from '../../../src/lab/protocol';

it('draws every metric that is measured', () => {
  const names = Object.keys(METRICS) as MetricName[];
  const metrics = Object.fromEntries(names.map((name, i) => [name, i + 1]));
  const panels = [...mainPanels([{ metrics }], LEAN), ...morePanels([{ metrics }]).flatMap((group) => group.panels)];
  const drawn = new Set(panels.flatMap(({ lines }) => lines.map(({ values }) => values[0])));
  expect(names.filter((_, i) => !drawn.has(i + 1))).toEqual([]);
});
