// Files, pictures, and how one version of the worker follows another.
// Everything under a versioned address stays what it is; today's script under yesterday's address says that it does not.
const isVersioned = (url) => /[?&]v=|\/static\/v-/.test(url);
const isOfItsVersion = (response) => /immutable/.test(response.headers.get("Cache-Control") ?? "");

/** A versioned address never changes what it holds, so any cache will do. Others belong to the page that asks: from the
 * network while there is one, else of this version, like the pages kept here. */
async function asset(request) {
  const own = await caches.open(ASSETS);
  if (!isVersioned(request.url)) {
    const answer = fetch(request).catch(() => null);
    return (await within(XUNCHA.patience, answer)) ?? (await own.match(request)) ?? (await answer) ?? Response.error();
  }
  const known = (await own.match(request)) ?? (await caches.match(request));
  if (known) return known;
  const response = await fetch(request);
  if (response.status === 200 && isOfItsVersion(response)) {
    await own.put(request, response.clone()).catch(() => {}); // a full phone shows it all the same
  }
  return response;
}

const isPage = (response) => (response.headers.get("Content-Type") ?? "").startsWith("text/html");

const MISSING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><rect width="96" height="96" fill="#d5dcd8"/>'
  + '<path d="M30 38h8l4-6h12l4 6h8v26H30z M48 56a7 7 0 1 0 0-14 7 7 0 0 0 0 14z M26 28l44 44" fill="none" stroke="#44514b" stroke-width="3"/></svg>';

/** Photos stay on the server but for those of then; where one cannot be had, a picture says so. */
const picture = (request) => fetch(request).catch(async () => (await keptThen(request))
  ?? new Response(MISSING, { headers: { "Content-Type": "image/svg+xml", "Cache-Control": "no-store" } }));

/** Everything the pages need; what an older version has under the same address is not fetched again. */
async function fetchAssets() {
  const cache = await caches.open(ASSETS);
  const left = [...XUNCHA.assets, XUNCHA.lost];
  const one = async () => {
    for (let url = left.shift(); url; url = left.shift()) {
      if (await cache.match(url)) continue;
      const known = isVersioned(url) ? await caches.match(url) : undefined;
      const nobodys = url === XUNCHA.lost ? { credentials: "omit" } : {}; // shown to whoever is not signed in
      const response = known ?? await fetch(url, { cache: isVersioned(url) ? "default" : "no-cache", ...nobodys });
      if (response.status !== 200 || (url !== XUNCHA.lost && isPage(response))) throw new Error(`${url} is not ours`);
      if (url.startsWith("/static/v-") && !isOfItsVersion(response)) throw new Error(`${url} is of another version`);
      await cache.put(url, response);
    }
  };
  await Promise.all([one(), one(), one(), one()]);
}

/** A version is ready when it has all that the one before it had, the person's shells too; else that one stays. */
async function install() {
  await fetchAssets();
  const { person } = await reader();
  if (person && (await caches.keys()).some((name) => name.startsWith(PAGES) && name.endsWith(person))) await fetchShells();
}

/** Old pages go; the files of the version before stay for tabs that are still open. */
async function activate() {
  const names = await caches.keys();
  const older = names.filter((name) => name.startsWith("xuncha-assets-") && name !== ASSETS);
  for (const name of older.slice(0, -1)) await caches.delete(name);
  const old = names.filter((name) => name.startsWith(PAGES) && !name.startsWith(`${PAGES}${XUNCHA.version}-`));
  for (const name of old) await caches.delete(name);
  await self.clients.claim();
}

const ANSWERS = {
  /** The person's shells, so many bytes; `again` fetches them anew. */
  shells: async ({ again }) => {
    const bytes = await fetchShells({ again });
    const files = await Promise.all((await (await caches.open(ASSETS)).matchAll()).map((file) => file.clone().blob()));
    return { bytes: bytes + files.reduce((sum, file) => sum + file.size, 0) };
  },
  /** Kept pages that something newer takes the place of. */
  drop: async ({ paths }) => {
    const { person } = await reader();
    const cache = person ? await caches.open(pagesOf(person)) : null;
    for (const one of paths) await cache?.delete(one, { ignoreVary: true });
    return {};
  },
  forget: async () => { await forgetPages(); return {}; },
  "take over": async () => { await self.skipWaiting(); return {}; },
  version: async () => ({ version: XUNCHA.version, ...(await reader()) }),
};

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("message", (event) => {
  const answer = ANSWERS[event.data?.ask];
  if (!answer) return;
  const work = answer(event.data).then((said) => ({ ok: true, ...said }), (error) => ({ ok: false, error: String(error) }));
  event.waitUntil(work.then((said) => event.ports[0]?.postMessage(said)));
});
/** Background Sync, where a browser has it: the line is back, so the open pages send. Without a page, the next one does. */
async function wakePages() {
  for (const page of await self.clients.matchAll({ type: "window" })) page.postMessage({ name: "sync" });
}

self.addEventListener("sync", (event) => event.waitUntil(wakePages()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin || url.searchParams.has("direct")) return;
  if (request.mode === "navigate") event.respondWith(page(event, url));
  else if (url.pathname.startsWith("/static/")) event.respondWith(asset(request));
  else if (request.destination === "image") event.respondWith(picture(request));
});
