/*
 * Where one mathematics has several programs, and which is fastest depends on
 * the device. All give the same result up to rounding, so a run keeps the choice it began with.
 */

/** 'quads' share loads between four threads, by WebGPU's subgroups; 'tiles' need nothing beyond its core. */
export type ProductVariant = 'quads' | 'tiles';

export interface Variants {
  /** How matrices are multiplied. */
  product: ProductVariant;
  /** Threads that add up one row (a norm, a softmax) together: on a processor any more than one only wait for each other. */
  rowThreads: 1 | 32;
}

let subgroups = false;
let current: Variants = { product: 'tiles', rowThreads: 32 };

/** The choice that holds now. */
export function variants(): Readonly<Variants> {
  return current;
}

/** Whether this device can run a choice, which may come from another one. */
export function canUse({ product }: Variants): boolean {
  return product === 'tiles' || subgroups;
}

/** Take a choice from now on. Throws RangeError where the device can't. */
export function chooseVariants(choice: Variants): void {
  if (!canUse(choice)) throw new RangeError(`This device cannot multiply matrices by ${choice.product}.`);
  current = { product: choice.product, rowThreads: choice.rowThreads };
}

/** A device was started; `choice` holds until another is made. */
export function startVariants(device: GPUDevice, choice: Variants): void {
  subgroups = device.features.has('subgroups');
  current = canUse(choice) ? choice : { ...choice, product: 'tiles' };
}
