import type { Choice } from '../../feedback/judgement';
import { isStrategy } from '../../feedback/scheduling';
import type { Collecting } from '../../store/schema';
import { percent } from '../controls/wording';

/** Each way to choose what comes next, in a word and in a sentence. */
export const CHOICE_WORDS: Record<Choice, { label: string; about: string }> = {
  order: { label: 'In order', about: 'One after the other, as they were written or imported.' },
  random: { label: 'By chance', about: 'Any that is open, by lot: a fair sample, wherever you stop.' },
  uncertain: { label: 'Where the judges disagree', about: 'Those first on which the members of your reward model differ most about which is better: your word teaches it most there.' },
  moved: { label: 'Where the model has changed', about: 'Those first whose texts training has made much likelier or much less likely: there the reward had better be right.' },
};

/** How items come, in a few words: "in order", "where the judges disagree, 20 % by chance, some again". */
export function collectingWords({ next, randomShare, repeatShare, everyone }: Collecting): string {
  const { label } = CHOICE_WORDS[next];
  return [
    label.charAt(0).toLowerCase() + label.slice(1),
    ...(isStrategy(next) ? [`${percent(randomShare)} by chance`] : []),
    ...(repeatShare > 0 ? ['some again'] : []),
    ...(everyone ? ['everyone judges all'] : []),
  ].join(', ');
}
