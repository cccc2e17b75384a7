/** Asking the server again and again, while somebody looks. */

/** Asks now, and `every` so many ms after each answer, but not while the page is hidden. Ends with what it returns. */
export function keepAsking<T>(ask: () => Promise<T>, every: number, told: (found: T) => void, failed: (failure: unknown) => void): () => void {
  let left = false;
  let timer = 0;
  const turn = async () => {
    if (!document.hidden) {
      try {
        const found = await ask();
        if (!left) told(found);
      } catch (failure) {
        if (!left) failed(failure);
      }
    }
    if (!left) timer = window.setTimeout(() => void turn(), every);
  };
  void turn();
  return () => {
    left = true;
    clearTimeout(timer);
  };
}
