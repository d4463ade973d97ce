/*
 * Where one mathematics has several programs, and which is fastest depends on
 * the device. All give the same result up to rounding; a run keeps the choice it began with.
 */

/** 'quads' share loads between four threads; 'tiles' need nothing beyond WebGPU's core. */
export type ProductVariant = 'quads' | 'tiles';

export interface Variants {
  product: ProductVariant;
  /** Threads that add up one row (a norm, a softmax) together: on a processor any more than one only wait for each other. */
  rowThreads: 1 | 32;
}

let current: Variants = { product: 'tiles', rowThreads: 32 };

/** The choice that holds now. */
export function variants(): Readonly<Variants> {
  return current;
}

export function chooseVariants(choice: Variants): void {
  current = choice;
}
