/** Files that wait to be sent, in the browser's own database: local storage keeps no bytes, and not many characters. */

const BASE = "nearlive";
const STORE = "files";

function base(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(BASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error ?? new Error("no database"));
  });
}

async function run<T>(mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const opened = await base();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = opened.transaction(STORE, mode);
      const request = ask(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error ?? new Error("not kept"));
      transaction.onabort = () => reject(transaction.error ?? new Error("not kept"));
    });
  } finally {
    opened.close();
  }
}

export async function keepFile(name: string, file: Blob): Promise<void> {
  // Bytes and a type: some browsers lose blobs of a private window.
  const bytes = await file.arrayBuffer();
  await run("readwrite", (store) => store.put({ bytes, type: file.type }, name));
}

export async function readFile(name: string): Promise<Blob | null> {
  const found = await run("readonly", (store) => store.get(name) as IDBRequest<{ bytes: ArrayBuffer; type: string } | undefined>);
  return found ? new Blob([found.bytes], { type: found.type }) : null;
}

export async function dropFile(name: string): Promise<void> {
  await run("readwrite", (store) => store.delete(name));
}
