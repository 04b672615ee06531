// Asking the server. Only an answer that says {"xuncha": "sync"} is one: a hotel's sign-in page with status 200 is not.
import { setSetting, setting } from "./store.js";

const PATIENCE = 30_000; // ms for a small question

/** How many requests were answered well since this page was opened, and how many of them brought something. */
export const line = { answered: 0, delivered: 0 };

/** Why there is no answer. `kind`: offline portal half busy large server sign_in stale refused. */
export class Trouble extends Error {
  name = "Trouble";

  constructor(kind, { status = 0, text = "", after = 0, data = null } = {}) {
    super(text || kind);
    Object.assign(this, { kind, status, text, after, data }); // text: the server's own words; after: seconds
  }
}

/** Seconds of a Retry-After header: a number or a date. */
export function secondsOf(header, now = Date.now()) {
  if (!header) return 0;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const moment = Date.parse(header);
  return Number.isNaN(moment) ? 0 : Math.max(0, (moment - now) / 1000);
}

function troubleOf(response, data) {
  const { status } = response;
  const facts = { status, data, after: secondsOf(response.headers.get("Retry-After")), text: [data?.error, data?.hint].filter(Boolean).join(" ") };
  const kind = { 401: "sign_in", 413: "large", 429: "busy", 507: "server" }[status];
  if (kind) return new Trouble(kind, facts);
  if (status >= 500) return new Trouble("server", facts);
  if (response.headers.get("X-Stale-Token")) return new Trouble("stale", facts);
  if (data?.xuncha === "sync" || response.headers.get("X-Xuncha")) return new Trouble("refused", facts);
  return new Trouble("portal", facts);
}

async function read(response) {
  const ours = response.headers.get("X-Xuncha") === "sync";
  let text;
  try {
    text = await response.text();
  } catch {
    throw new Trouble(ours ? "half" : "offline", { status: response.status });
  }
  try {
    return JSON.parse(text);
  } catch {
    if (ours && response.status < 400) throw new Trouble("half", { status: response.status });
    return null;
  }
}

/** {status, data} of an answer of ours with a status of 2xx or one of `also`; all else is a Trouble. */
export async function call(url, { method = "GET", headers = {}, body, patience = PATIENCE, also = [] } = {}) {
  const stop = new AbortController();
  const clock = setTimeout(() => stop.abort(), patience);
  try {
    const response = await fetch(url, {
      method, body, signal: stop.signal, cache: "no-store", credentials: "same-origin", redirect: "manual",
      headers: { Accept: "application/json", ...headers },
    }).catch(() => { throw new Trouble("offline"); });
    if (response.type === "opaqueredirect") throw new Trouble("portal");
    const data = await read(response);
    if (data?.xuncha !== "sync" || !(response.ok || also.includes(response.status))) throw troubleOf(response, data);
    line.answered += 1;
    if (response.ok && method !== "GET") line.delivered += 1;
    return { status: response.status, data };
  } finally {
    clearTimeout(clock);
  }
}

/** Ask who is signed in, the time and a fresh CSRF token; the clock's offset (phone minus server) is noted. */
export async function ping(device) {
  const before = Date.now();
  const { data } = await call(`/sync/ping?device=${device}`);
  if (!Number.isFinite(data.server_time_ms)) throw new Trouble("half");
  const offset = Math.round((before + Date.now()) / 2 - data.server_time_ms);
  const noted = await setting("clock_offset_ms");
  if (noted === undefined || Math.abs(noted - offset) > 250) await setSetting("clock_offset_ms", offset);
  return data;
}
