const THREADS = 64;

/** WGSL of a program of one workgroup that goes through `count` places and brings sums and maxima of all of them to one thread. */
export function wholeSum({ count, sums, maxima = [], each, finish }: {
  count: string;
  /** f32 variables that `each` adds to; in `finish` they are totals, always added up in the same order. */
  sums: readonly string[];
  /** f32 variables, at least 0, that `each` raises. */
  maxima?: readonly string[];
  /** Statements for a place `i`. */
  each: string;
  /** Statements of the one thread. */
  finish: string;
}): string {
  const all = [...sums, ...maxima];
  return `
var<workgroup> parts : array<array<f32, ${all.length}>, ${THREADS}>;
@compute @workgroup_size(${THREADS})
fn main(@builtin(local_invocation_index) thread : u32) {
  ${all.map((name) => `var ${name} = 0.0;`).join(' ')}
  for (var i = i32(thread); i < ${count}; i += ${THREADS}) {${each}
  }
  ${all.map((name, k) => `parts[thread][${k}] = ${name};`).join(' ')}
  workgroupBarrier();
  if (thread == 0u) {
    for (var t = 1; t < ${THREADS}; t++) {
      ${sums.map((name, k) => `${name} += parts[t][${k}];`).join(' ')}
      ${maxima.map((name, k) => `${name} = max(${name}, parts[t][${sums.length + k}]);`).join(' ')}
    }${finish}
  }
}`;
}
