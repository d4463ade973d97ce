import { pairsOf } from './impliedPairs';
import { LABELS } from './kinds';
import { spread } from './losses/rating';
import { foldIntoHead, type Normalisation } from './normalisation';
import { kindOf, type Preference } from './preference';
import { fitBradleyTerry, type JudgedPair } from './ranking/bradleyTerryFit';
import { ELO, eloRatings } from './ranking/elo';
import { fitPlackettLuce } from './ranking/plackettLuceFit';
import type { Ranking } from './ranking/rankingTerms';
import type { ScoredPair } from './report';
import type { JudgedText } from './rewardModel';
import type { RewardSettings } from './settings';
import type { Fitted } from './training';

/*
 * The modular pipeline: rank first, then regress. Judgements that compare texts
 * give every text of theirs a score, by an old statistic that reads nothing; the
 * reward model then learns to guess that score from the words.
 */

export interface RankedText extends JudgedText {
  /** In log-odds, as the ranking's model has them. */
  score: number;
}

type RankingSettings = Pick<RewardSettings, 'ranking' | 'prior' | 'elo' | 'ties'>;

/**
 * Scores of all texts that these judgements compare, each text of a prompt once,
 * in alphabetical order, which does not tell the sides of a pair. No judgement
 * compares texts of two prompts. So a likelihood is a product over prompts, and as
 * the prior is one over texts, a single fit of all of them is the fit of each
 * prompt by itself; only the readiness to tie, where it is fitted, is shared. It
 * follows that scores of two prompts are compared by the prior alone, which puts
 * the middle of each at 0.
 *
 * Elo takes the judgements in the order in which they are given; its lead of
 * `scale` points is log `base` in log-odds. Judgements that compare nothing
 * (ratings, thumbs, two texts that are the same) are passed over. Throws FitError,
 * RankingError, and RangeError for a prior that is not above 0.
 */
export function rankTexts(judged: readonly Preference[], { ranking, prior, elo, ties }: RankingSettings): RankedText[] {
  const texts = new Map<string, JudgedText & { number: number }>();
  const numberOf = (prompt: string, response: string): number => {
    const key = JSON.stringify([prompt, response]);
    const text = texts.get(key) ?? { prompt, response, number: texts.size };
    texts.set(key, text);
    return text.number;
  };
  const scoresBy: Record<RewardSettings['ranking'], () => Float64Array> = {
    'bradley-terry'() {
      const pairs = numberedPairs(judged, numberOf);
      return fitBradleyTerry(pairs, texts.size, { ties: ties === 'soft' ? 'half' : ties, prior }).scores;
    },
    'plackett-luce'() {
      const rankings = numberedRankings(judged, numberOf);
      return fitPlackettLuce(rankings, texts.size, { prior }).scores;
    },
    elo() {
      const pairs = numberedPairs(judged, numberOf);
      return eloRatings(pairs, texts.size, { ...ELO, ...elo }).map((rating) => ((rating - ELO.start) * Math.log(elo.base)) / ELO.scale);
    },
  };
  const scores = scoresBy[ranking]();
  return [...texts]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, { prompt, response, number }]) => ({ prompt, response, score: scores[number] }));
}

/** Gives a text of a prompt its number. */
type NumberOf = (prompt: string, response: string) => number;

const distinct = ({ responses: [first, second] }: { responses: [string, string] }) => first !== second;

function numberedPairs(judged: readonly Preference[], numberOf: NumberOf): JudgedPair[] {
  return judged.flatMap(pairsOf).filter(distinct).map(({ prompt, responses: [first, second], verdict }) => ({ first: numberOf(prompt, first), second: numberOf(prompt, second), label: LABELS[verdict] }));
}

function numberedRankings(judged: readonly Preference[], numberOf: NumberOf): Ranking[] {
  return judged.flatMap((preference): Ranking[] => {
    const { prompt, responses, verdict } = preference;
    if (typeof verdict === 'object' && verdict.kind === 'ranking') {
      // A text that stands in a ranking twice counts where it stands first.
      const named = new Set<string>();
      const groups = verdict.groups.map((places) => places.map((place) => responses[place]).filter((text) => !named.has(text) && named.add(text)));
      return named.size < 2 ? [] : [{ groups: groups.filter(({ length }) => length > 0).map((group) => group.map((text) => numberOf(prompt, text))) }];
    }
    return numberedPairs([preference], numberOf).map(({ first, second, label }) => ({ groups: label === 0.5 ? [[first, second]] : label > 0.5 ? [[first], [second]] : [[second], [first]] }));
  });
}

/** What a model is fitted to. */
export interface Lessons {
  lessons: readonly Preference[];
  /** From the z-scores that are learned of ranked texts back to their log-odds; null where nothing was ranked, or all came out alike. */
  scale: Normalisation | null;
}

/**
 * End to end, the judgements as they are. In the modular pipeline those that
 * compare texts give way to a rating of each text that they compare
 * ({@link rankTexts}); it is learned as any rating is, z-scored, by squared error.
 * Ratings and thumbs are numbers already, and stay. Where every text was judged
 * just once, z-scores of winners and losers are the same whatever the prior or
 * Elo's K; these tell where texts were judged more often. Throws as
 * {@link rankTexts} does.
 */
export function lessonsOf(judged: readonly Preference[], settings: RankingSettings & Pick<RewardSettings, 'pipeline'>): Lessons {
  if (settings.pipeline === 'end-to-end') return { lessons: judged, scale: null };
  const ranked = rankTexts(judged, settings);
  const ratings = ranked.map(({ prompt, response, score }, i): Preference => ({
    comparisonId: `ranked ${i}`,
    prompt,
    responses: [response],
    swapped: false,
    verdict: { kind: 'rating', response: 0, criterion: settings.ranking, scale: 'log-odds', value: score },
  }));
  const alone = judged.filter((preference) => kindOf(preference) === 'rating' || kindOf(preference) === 'thumb');
  const { mean, std } = spread(ranked.map(({ score }) => score));
  return { lessons: [...ratings, ...alone], scale: std > 0 ? { gain: std, bias: mean } : null };
}

/** A model that was fitted to z-scores, in log-odds, so that its report speaks of chances as an end-to-end model's does. */
export function inLogOdds({ weights, scored, learned, referenceScores, length, ...fitted }: Fitted, scale: Normalisation): Fitted {
  const back = (score: number) => scale.gain * score + scale.bias;
  const pairsBack = (pairs: Fitted['scored']) => pairs.map((pair): ScoredPair => ({ ...pair, scores: [back(pair.scores[0]), back(pair.scores[1])] }));
  return {
    ...fitted,
    weights: foldIntoHead(weights, scale),
    scored: pairsBack(scored),
    learned: pairsBack(learned),
    referenceScores: referenceScores.map(back),
    length: length && { ...length, gamma: scale.gain * length.gamma },
  };
}
