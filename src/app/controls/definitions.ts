import type { MetricName } from '../../lab/protocol';
import { GLOSSARY, type GlossaryTerm } from './glossary';
import { METRICS } from './metricGlossary';
import { MEASURES, type MeasureName } from './measureGlossary';

/** What a measured number means, and how it comes about. */
export interface Definition {
  /** Its name on the screen. */
  title: string;
  /** In plain words. */
  about: string;
  /** In plain text. */
  formula: string;
  /** Paper or file, with its section where there is one. */
  source: string;
}

/** Whatever can be explained where it stands: a term of the field, a metric of an iteration, a measure of a report. */
export type Explained = GlossaryTerm | MetricName | MeasureName;

/** A term of the field has words only. */
export function definitionOf(name: Explained): Pick<Definition, 'about'> & Partial<Definition> {
  if (name in METRICS) return METRICS[name as MetricName];
  if (name in MEASURES) return MEASURES[name as MeasureName];
  return { about: GLOSSARY[name as GlossaryTerm] };
}
