/** What `p-limit` is to its callers here, without the properties that none of them reads: a limit is made for each step. */
export default function bareLimit(concurrency: number) {
  const waiting: (() => void)[] = [];
  let active = 0;
  const next = (): void => {
    active -= 1;
    begin();
  };
  const begin = (): void => {
    if (active >= concurrency) return;
    const first = waiting.shift();
    if (first === undefined) return;
    active += 1;
    first();
  };
  return <T>(work: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      waiting.push(() => {
        // Never at once, as the original: the caller has gone on by then.
        void Promise.resolve().then(work).then(resolve, reject).finally(next);
      });
      begin();
    });
}
