/** Numbers, of which the smallest comes out first: a binary heap (Williams 1964). */
export class MinHeap {
  private readonly values: number[] = [];

  push(value: number): void {
    const { values } = this;
    let at = values.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (values[parent] <= value) break;
      values[at] = values[parent];
      at = parent;
    }
    values[at] = value;
  }

  /** The smallest, taken out; undefined where none is left. */
  pop(): number | undefined {
    const { values } = this;
    const smallest = values[0];
    const last = values.pop();
    if (last === undefined || values.length === 0) return smallest;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child + 1 < values.length && values[child + 1] < values[child]) child++;
      if (child >= values.length || values[child] >= last) break;
      values[at] = values[child];
      at = child;
    }
    values[at] = last;
    return smallest;
  }
}
