/** What the pages share: words, elements, files that are dropped or saved, texts packed into an address. */
const words = JSON.parse(document.getElementById("words").textContent);

export const LONGEST = 1000000; // characters of a text that a link may hold
export const lang = document.documentElement.lang;
export const by = id => document.getElementById(id);
export const say = (word, values = {}) => words[word].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

export function element(name, content = "", properties = {}) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(content);
  return made;
}

/** Take the files that are dropped on the page, or chosen with a button. */
export function takeFiles(chooser, open) {
  chooser.addEventListener("change", () => {
    const [file] = chooser.files;
    chooser.value = "";
    if (file) open(file);
  });
  takeDropped(window, open);
}

/** Take the files that are dropped on a window: this one, or a frame's. */
export function takeDropped(target, open) {
  target.addEventListener("dragover", event => {
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  target.addEventListener("dragleave", event => {
    if (!event.relatedTarget) document.body.classList.remove("dropping");
  });
  target.addEventListener("drop", event => {
    event.preventDefault();
    document.body.classList.remove("dropping");
    const [file] = event.dataTransfer.files;
    if (file) open(file);
  });
}

export function save(name, text) {
  const address = URL.createObjectURL(new Blob([text], {type: "text/plain;charset=utf-8"}));
  element("a", "", {href: address, download: name}).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

async function through(bytes, stream, most = Infinity) {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  const parts = [];
  for (let size = 0; ;) {
    const {done, value} = await reader.read();
    if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
    size += value.length;
    if (size > most) throw new Error("too long");
    parts.push(value);
  }
}

export async function packed(text) {
  const bytes = await through(new TextEncoder().encode(text), new CompressionStream("deflate-raw"));
  const letters = Array.from(bytes, byte => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export async function unpacked(code) {
  const letters = atob(code.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(letters, letter => letter.charCodeAt(0));
  return new TextDecoder().decode(await through(bytes, new DecompressionStream("deflate-raw"), 4 * LONGEST));
}

/** Put an address into the bar and the clipboard; says which of the two now has it. */
export async function copyAddress(hash) {
  history.replaceState(null, "", hash);
  try {
    await navigator.clipboard.writeText(location.href);
    return "copied";
  } catch {
    return "address";
  }
}

if ("serviceWorker" in navigator) navigator.serviceWorker.register("sw.js").catch(() => {}); // without one it works on line
