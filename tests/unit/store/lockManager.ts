/** Web Locks as the specification has them, for one process: `ifAvailable` and `steal`. */
export function lockManager(): LockManager {
  const holders = new Map<string, (reason: DOMException) => void>();
  const request = (name: string, options: LockOptions, work: (lock: Lock | null) => unknown) =>
    new Promise((resolve, reject) => {
      if (options.ifAvailable && holders.has(name)) return resolve(work(null));
      holders.get(name)?.(new DOMException('stolen', 'AbortError'));
      holders.set(name, reject);
      void Promise.resolve(work({ name, mode: 'exclusive' })).then((value) => {
        if (holders.get(name) === reject) holders.delete(name);
        resolve(value);
      });
    });
  return { request, query: () => Promise.resolve({}) } as unknown as LockManager;
}
