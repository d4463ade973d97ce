import { expect, it } from 'vitest';
import { METRICS } from '../../../src/app/controls/metricGlossary';
import { mainPanels, morePanels } from '../../../src/app/optimise/panels';
import { LEAN, type MetricName } from '../../../src/lab/protocol';

it('draws every metric that is measured', () => {
  const names = Object.keys(METRICS) as MetricName[];
  const drawn = (measured: MetricName[]) => {
    const history = [{ metrics: Object.fromEntries(measured.map((name) => [name, 1])) }];
    const panels = [...mainPanels(history, LEAN), ...morePanels(history).flatMap((group) => group.panels)];
    return panels.flatMap(({ lines }) => lines).filter(({ values }) => values[0] !== null).length;
  };
  // Without a metric there is a line less.
  expect(names.filter((name) => drawn(names.filter((other) => other !== name)) === drawn(names))).toEqual([]);
});
