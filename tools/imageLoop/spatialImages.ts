import type { Preference } from '../../src/reward/preference';
import type { Pixels } from '../../src/reward/imageReward';
import { RandomStream } from '../../src/tensor/random';

/*
 * Pictures of a disc and a square, judged by where they are. Sizes and colours
 * are drawn before the places and have no part in a rule, and the mirror image of
 * a picture that keeps a rule is as likely and breaks it: brightness and mean
 * colour say nothing.
 */

/** Pixels of a picture's side. */
export const SIDE = 32;

type Colour = [number, number, number];

interface Shape {
  kind: 'disc' | 'square';
  /** Of the circle that has the shape's area, in pixels. */
  radius: number;
  /** Of its middle, in pixels from the left and from the top. */
  x: number;
  y: number;
  /** From 0 to 1. */
  colour: Colour;
}

/** By how many pixels a picture keeps each rule; below 0 it breaks it. */
const RULES = {
  'disc above the square': (disc: Shape, square: Shape) => square.y - disc.y,
  'larger on the left': (disc: Shape, square: Shape) => (disc.radius > square.radius ? square.x - disc.x : disc.x - square.x),
};
export type SpatialRule = keyof typeof RULES;
export const SPATIAL_RULES = Object.keys(RULES) as SpatialRule[];

/** A rule is kept or broken by at least so many pixels, and the larger of two is larger by so much: a person would see it. */
const CLEAR = 3;
const LARGER = 1.2;
/** Least sum of the differences in red, green and blue between a shape and what is behind it. */
const VISIBLE = 0.6;

const between = (low: number, high: number, random: RandomStream) => low + (high - low) * random.uniform();
const colour = (low: number, high: number, random: RandomStream): Colour => [between(low, high, random), between(low, high, random), between(low, high, random)];

/** Draws anew until what is drawn will do. */
function until<T>(draw: () => T, will: (drawn: T) => boolean): T {
  for (;;) {
    const drawn = draw();
    if (will(drawn)) return drawn;
  }
}

/** A picture, and whether it keeps the rule. */
export function spatialPicture(rule: SpatialRule, random: RandomStream): { pixels: Pixels; keeps: boolean } {
  const ground = colour(0, 0.25, random);
  const shapeColour = () => until(() => colour(0.4, 1, random), (drawn) => drawn.reduce((sum, part, i) => sum + Math.abs(part - ground[i]), 0) > VISIBLE);
  const looks = () => ({ radius: between(3.5, 6.5, random), colour: shapeColour() });
  const [disc, square] = until(() => [looks(), looks()], ([one, other]) => rule !== 'larger on the left' || Math.abs(one.radius - other.radius) > LARGER);
  const placed = <K extends Shape['kind']>(kind: K, look: typeof disc): Shape => ({ kind, ...look, x: between(look.radius, SIDE - look.radius, random), y: between(look.radius, SIDE - look.radius, random) });
  const shapes = until(
    () => [placed('disc', disc), placed('square', square)],
    ([one, other]) => Math.hypot(one.x - other.x, one.y - other.y) > one.radius + 1.2 * other.radius && Math.abs(RULES[rule](one, other)) > CLEAR,
  );
  return { pixels: rasterise(ground, shapes), keeps: RULES[rule](shapes[0], shapes[1]) > 0 };
}

function rasterise(ground: Colour, shapes: readonly Shape[]): Pixels {
  const pixels = new Uint8Array(SIDE * SIDE * 3);
  for (let i = 0; i < SIDE * SIDE; i++) {
    const [x, y] = [(i % SIDE) + 0.5, Math.floor(i / SIDE) + 0.5];
    const seen = shapes.find((shape) => covers(shape, x, y))?.colour ?? ground;
    pixels.set(seen.map((part) => Math.round(255 * part)), 3 * i);
  }
  return pixels;
}

function covers({ kind, radius, x, y }: Shape, px: number, py: number): boolean {
  const [dx, dy] = [Math.abs(px - x), Math.abs(py - y)];
  return kind === 'disc' ? dx ** 2 + dy ** 2 <= radius ** 2 : Math.max(dx, dy) <= (Math.sqrt(Math.PI) / 2) * radius;
}

/** Pairs of pictures, each picture in one, of which exactly one keeps the rule and is preferred; the responses are the pictures' names. */
export function judgedPictures(rule: SpatialRule, count: number, random: RandomStream): { preferences: Preference[]; images: Map<string, Pixels> } {
  const images = new Map<string, Pixels>();
  const preferences = Array.from({ length: count }, (_, i): Preference => {
    const [one, other] = until(() => [spatialPicture(rule, random), spatialPicture(rule, random)], ([one, other]) => one.keeps !== other.keeps);
    const responses = [`${i} a`, `${i} b`];
    images.set(responses[0], one.pixels).set(responses[1], other.pixels);
    return { comparisonId: `${i}`, prompt: rule, responses, swapped: random.uniform() < 0.5, verdict: one.keeps ? 'first' : 'second' };
  });
  return { preferences, images };
}
