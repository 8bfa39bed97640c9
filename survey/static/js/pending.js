// Sends what was filled in until the server has confirmed it. What is not confirmed is kept in this
// browser for at most a day, so that it survives a reload; on a shared device only in memory.
// The server takes the same post twice without harm.
import { pageIn } from "./replace.js";

const [FIRST_WAIT, LONGEST_WAIT, PATIENCE] = [500, 30_000, 30_000];
const KEPT_FOR = 24 * 60 * 60 * 1000;

let current = null; // what is under way, if anything is

function store(mode, act) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("xhh", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("pending", { keyPath: "url" });
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction("pending", mode);
      const asked = act(transaction.objectStore("pending"));
      transaction.oncomplete = () => {
        database.close();
        resolve(asked?.result);
      };
      transaction.onabort = () => {
        database.close();
        reject(transaction.error);
      };
    };
  });
}

// A browser that keeps nothing, in private windows for instance, still tries again.
const keep = (parcel) => store("readwrite", (s) => void s.put(parcel)).catch(() => {});
const forget = () => store("readwrite", (s) => void s.clear()).catch(() => {});

// What an earlier page could not send, the oldest first.
export async function kept() {
  const parcels = await store("readonly", (s) => s.getAll()).catch(() => []);
  const fresh = parcels.filter((parcel) => Date.now() - parcel.at < KEPT_FOR);
  if (fresh.length < parcels.length) {
    await forget();
    await Promise.all(fresh.map(keep));
  }
  return fresh.sort((one, other) => one.at - other.at);
}

function post({ url, body }, signal) {
  const own = new AbortController();
  const timer = setTimeout(() => own.abort(), PATIENCE);
  signal.addEventListener("abort", () => own.abort());
  const headers = { "Content-Type": "application/x-www-form-urlencoded", "X-Inline": "1" };
  const sent = fetch(url, { method: "POST", headers, body, signal: own.signal });
  return sent.finally(() => clearTimeout(timer));
}

// The page that answers a post, or null when nothing of ours answered.
export async function attempt(parcel, signal = new AbortController().signal) {
  try {
    const response = await post(parcel, signal);
    const page = await pageIn(response);
    return page && { page, url: response.headers.get("Content-Location") ?? parcel.url };
  } catch {
    return null;
  }
}

function waiting(milliseconds, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds * (0.75 + Math.random() / 2));
    addEventListener("online", done);
    signal.addEventListener("abort", done);
  });
}

export function say(words) {
  const said = words && document.getElementById(words)?.content.cloneNode(true);
  document.querySelector(".pending")?.replaceChildren(...(said ? [said] : []));
}

const warn = (event) => event.preventDefault();

// The answer to a post, however long it takes; null when a later post took its place.
export async function deliver(parcel, { isShared = false, isKept = false } = {}) {
  current?.abort();
  const own = new AbortController();
  current = own;
  let answer = isKept ? null : await attempt(parcel, own.signal);
  if (!answer && !own.signal.aborted) {
    if (!isShared) await keep({ ...parcel, at: parcel.at ?? Date.now() });
    say("pending-words");
    addEventListener("beforeunload", warn);
  }
  let wait = isKept ? 0 : FIRST_WAIT;
  while (!answer && !own.signal.aborted) {
    await waiting(wait, own.signal);
    answer = own.signal.aborted ? null : await attempt(parcel, own.signal);
    wait = Math.min(Math.max(wait * 2, FIRST_WAIT), LONGEST_WAIT);
  }
  if (own.signal.aborted) return null;
  current = null;
  removeEventListener("beforeunload", warn);
  say(null);
  await forget();
  return answer;
}
