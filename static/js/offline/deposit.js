// An account that was closed cannot sign in. A token from its last sign-in lets this phone hand in what it still holds,
// for the supervisor to decide about; it opens nothing else.
import { Trouble, call } from "./net.js";
import { ask, change, setting } from "./store.js";

const URL = "/sync/deposit";
const RARELY = 1_800_000; // ms between questions whether the account is closed

const edit = (work) => change(["settings"], "readwrite", async (tx) => {
  const settings = tx.objectStore("settings");
  const value = { ...(await ask(settings.get("deposit_token")))?.value };
  work(value);
  settings.put({ key: "deposit_token", value });
});

/** Keep the token of whoever is signed in, as the ping says. */
export async function keepToken({ person, deposit_token }) {
  const known = (await setting("deposit_token"))?.[person.id];
  if (deposit_token && known !== deposit_token) await edit((tokens) => { tokens[person.id] = deposit_token; });
}

export const dropToken = (person) => edit((tokens) => { delete tokens[person]; });

let asked = 0;
/** How to hand in the work of `person` without signing in; null where the account is open, or nobody knows. */
export async function depositing(person, device) {
  const token = (await setting("deposit_token"))?.[person.id];
  if (!token || Date.now() - asked < RARELY) return null;
  asked = Date.now();
  const headers = { "X-Deposit": token };
  const body = JSON.stringify({ device, sent_at_ms: Date.now(), changes: [] });
  try {
    await call(URL, { method: "POST", body, headers: { ...headers, "Content-Type": "application/json" } });
  } catch (error) {
    if (error instanceof Trouble && error.kind === "refused") return null;
    throw error;
  }
  asked = 0;
  return { device, person, csrf: null, url: URL, photos: `${URL}/photos/`, headers };
}
