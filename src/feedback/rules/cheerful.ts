import type { Rule } from './rule';
import { words } from './words';

/** How glad (+) or sad (−) a word of a children's story sounds, by the author's own ear. */
const FEELINGS: Record<number, string> = {
  3: `happy happily happiness happiest happier joy joyful joyfully delighted delight wonderful amazing fantastic
    love loved loves loving laugh laughed laughing laughs laughter giggle giggled giggles giggling
    cheer cheered cheerful cheering celebrate celebrated hooray yay thrilled`,
  2.2: `smile smiled smiles smiling fun excited exciting excitedly hug hugged hugs hugging dance danced dancing
    party beautiful best favorite proud proudly enjoy enjoyed enjoying treasure magical magic perfect
    wow great birthday sing sang singing song rainbow lovely clapped kiss kissed yummy delicious won`,
  1.4: `play played playing plays friend friends friendly good glad nice kind kindly kindness sweet pretty funny
    like liked likes sunny bright shiny sparkly sparkled colorful brave bravely gift present surprise cake candy
    treat cookie cookies thank thanked thanks thankful grateful welcome safe safely warm cozy cute silly
    better lucky adventure cuddle cuddled fairy princess jumped clap bounce bounced gentle gently wise`,
  0.7: `together share shared sharing help helped helping helps helpful toy toys game games new sun flower flowers
    park swing slide ball doll puppy kitten bunny butterfly soft fluffy special learned smart clean strong
    yes okay please ready fresh star stars balloon ice cream home family mommy mom daddy hello hi
    wanted found fixed agreed care cared promised music picture paint painted easy well sparkle ride hope hoped`,
  [-0.7]: `no not never dark loud far alone stop stopped quiet slow cold careful wait waited hard heavy
    late gone empty cannot couldn't can't didn't don't wasn't trouble forgot dirty mess messy`,
  [-1.4]: `fell fall wrong tired sorry worry worried shy stuck broke broken break hungry dropped hid hide hiding rain
    rainy storm strange sick bored mean missed miss slipped dangerous danger naughty grumpy fight fought lonely nervous
    confused selfish silent thunder trap trapped`,
  [-2.2]: `sad sadly lost cry cried crying cries hurt hurts bad scared scary afraid upset angry angrily mad monster
    tears yelled screamed scream shouted frightened fear unhappy jealous ashamed embarrassed pain poor ugly stole`,
  [-3]: `hate hated hates terrible horrible awful die died dead death killed kill misery miserable worst sadness
    blood cruel nightmare wept sobbed sobbing`,
};

const FEELING_OF = new Map(
  Object.entries(FEELINGS).flatMap(([feeling, list]) => list.split(/\s+/).map((word): [string, number] => [word, Number(feeling)])),
);

const NEGATIONS = new Set(['not', 'no', 'never', "didn't", "don't", "wasn't", "isn't", "couldn't", "can't", "won't", "doesn't"]);

// A text of a word or two should not beat every story.
const FEWEST_WORDS = 8;

export const cheerful: Rule = {
  id: 'cheerful',
  title: 'Cheerful',
  sentence: 'Likes glad words and dislikes sad ones: the mean feeling of its words, where “not” before a word turns it around.',
  gold(response) {
    const all = words(response);
    const total = all.reduce((sum, word, i) => {
      const feeling = FEELING_OF.get(word) ?? 0;
      // "Not happy" is sad, though less than "sad".
      return sum + (feeling > 0 && NEGATIONS.has(all[i - 1]) ? -feeling / 2 : feeling);
    }, 0);
    return total / Math.max(all.length, FEWEST_WORDS);
  },
};
