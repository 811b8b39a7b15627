/** Keeps every file of the folder, so that the page works with the network cut. $version changes when a file does. */
const OURS = "cnncalc " + registration.scope + " "; // another copy on the same server keeps its own
const CACHE = OURS + "$version";
const FILES = $files;

addEventListener("install", event => event.waitUntil((async () => {
  const cache = await caches.open(CACHE);
  await cache.addAll(FILES.map(file => new Request(file, {cache: "no-cache"})));
  await skipWaiting();
})()));

addEventListener("activate", event => event.waitUntil((async () => {
  for (const name of await caches.keys())
    if (name.startsWith(OURS) && name !== CACHE) await caches.delete(name);
  await clients.claim();
})()));

addEventListener("fetch", event => {
  if (event.request.method !== "GET") return;
  event.respondWith((async () => {
    const kept = await (await caches.open(CACHE)).match(event.request, {ignoreSearch: true});
    return kept || fetch(event.request);
  })());
});
