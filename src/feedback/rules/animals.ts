import type { Rule } from './rule';
import { words } from './words';

const ANIMALS = `animal ant bat bear beaver bee beetle bird bug bull bunny butterfly calf camel cat caterpillar chick chicken cow crab
  cricket crocodile crow deer dinosaur dog dolphin donkey dove dragonfly duck duckling eagle elephant fish flamingo
  fox frog giraffe goat goose gorilla hamster hare hawk hedgehog hen hippo horse insect jellyfish kangaroo kitten kitty koala ladybug
  lamb lion lizard lobster mole monkey moose moth mouse octopus ostrich otter owl ox panda parrot peacock pelican penguin
  pet pig pigeon pony puppy rabbit raccoon rat raven robin rooster seal shark sheep skunk sloth snail snake sparrow spider squirrel
  starfish swan tiger toad turkey turtle unicorn walrus wasp whale wolf worm zebra`;

const IRREGULAR: [plural: string, singular: string][] = [
  ['butterflies', 'butterfly'],
  ['bunnies', 'bunny'],
  ['kitties', 'kitty'],
  ['ladybugs', 'ladybug'],
  ['puppies', 'puppy'],
  ['ponies', 'pony'],
  ['mice', 'mouse'],
  ['geese', 'goose'],
  ['wolves', 'wolf'],
  ['calves', 'calf'],
  ['foxes', 'fox'],
  ['birdie', 'bird'],
  ['doggy', 'dog'],
];

/** Words that show an animal without naming it. */
const TRACES = `tail tails paw paws fur furry feather feathers wing wings beak nest nests whiskers snout hoof hooves claw claws
  bark barked barking meow meowed purr purred roar roared chirp chirped chirping tweet quack quacked buzz buzzed moo woof
  hop hopped hopping fly flies flew flap flapped wag wagged wagging gallop galloped slither slithered sniff sniffed zoo farm cage cave web hive`;

const TRACE_WEIGHT = 0.4;

/** Name under which an animal's mentions are counted together. */
const ANIMAL_OF = new Map<string, string>(IRREGULAR);
for (const animal of ANIMALS.split(/\s+/)) {
  ANIMAL_OF.set(animal, animal);
  ANIMAL_OF.set(`${animal}s`, animal);
}
const TRACE_SET = new Set(TRACES.split(/\s+/));

// A text of a word or two should not beat every story.
const FEWEST_WORDS = 8;

export const animals: Rule = {
  id: 'animals',
  title: 'Animals',
  sentence: 'Likes animals: how much of the text names one (each further mention of the same counts half) or shows one, like a tail or a nest.',
  gold(response) {
    const all = words(response);
    const mentions = new Map<string, number>();
    let total = 0;
    for (const word of all) {
      const name = word.replace(/'s$/, '');
      const animal = ANIMAL_OF.get(name) ?? (TRACE_SET.has(name) ? name : undefined);
      if (animal === undefined) continue;
      const before = mentions.get(animal) ?? 0;
      total += (ANIMAL_OF.has(animal) ? 1 : TRACE_WEIGHT) / 2 ** before;
      mentions.set(animal, before + 1);
    }
    return total / Math.max(all.length, FEWEST_WORDS);
  },
};
