// What the pages' modules look at when they are loaded.
const kept = new Map();
globalThis.localStorage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, String(value)) };
globalThis.document = { documentElement: { dataset: {} }, addEventListener() {}, hidden: false };
Object.defineProperty(globalThis, "navigator", { value: { language: "en-GB" }, configurable: true });
process.env.TZ = "Asia/Shanghai";
