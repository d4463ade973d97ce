import { variants } from './variants';

/** WGSL for programs that take N rows of a matrix, each on its own: norms, softmaxes. */
export interface RowProgram {
  workgroups: [number];
  /** Until here `row`, i32, is the thread's row, always inside the matrix. */
  begin: string;
  /** A loop over the row's places `i`, 0 … length − 1; the threads of a row share them. */
  over: (length: string, statement: string) => string;
  /** Adds up (or takes the largest of) what each thread of the row has in these f32 variables; afterwards all have the result. */
  total: (...variables: string[]) => string;
  largest: (variable: string) => string;
  /** Condition under which a thread stores what holds for the whole row, and under which it stores at its places. */
  first: string;
  inside: string;
  /** To be told apart in a pipeline's name. */
  name: string;
}

const GROUP = 64;

/** Rows are shared by as many threads as {@link variants} says: on a processor by one, for threads that wait cost more than they add. */
export function rowProgram(rows: number): RowProgram {
  const threads = variants().rowThreads;
  const rowsOfGroup = GROUP / threads;
  const shared = threads > 1;
  const combine = (variable: string, start: string, step: string) =>
    shared
      ? `shared_[slot] = ${variable}; workgroupBarrier(); ${variable} = ${start}; for (var t = 0u; t < ${threads}u; t++) { let other = shared_[firstSlot + t]; ${step} } workgroupBarrier();`
      : '';
  return {
    name: `rows ${threads}`,
    workgroups: [Math.ceil(rows / rowsOfGroup)],
    begin: `
${shared ? `var<workgroup> shared_ : array<f32, ${GROUP}>;` : ''}
@compute @workgroup_size(${threads}, ${rowsOfGroup})
fn main(@builtin(workgroup_id) group : vec3<u32>, @builtin(local_invocation_id) local : vec3<u32>) {
  let wanted = i32(group.x) * ${rowsOfGroup} + i32(local.y);
  let row = min(wanted, ${rows - 1});
  ${shared ? `let slot = local.y * ${threads}u + local.x; let firstSlot = local.y * ${threads}u;` : ''}`,
    over: (length, statement) => `for (var i = i32(local.x); i < ${length}; i += ${threads}) { ${statement} }`,
    total: (...variables) => variables.map((variable) => combine(variable, '0.0', `${variable} += other;`)).join('\n  '),
    largest: (variable) => combine(variable, 'shared_[firstSlot]', `${variable} = max(${variable}, other);`),
    first: `wanted < ${rows} && local.x == 0u`,
    inside: `wanted < ${rows}`,
  };
}
