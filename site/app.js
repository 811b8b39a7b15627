/** The playground: an editor at the left, the report's page at the right, Python in a worker. */
const words = JSON.parse(document.getElementById("words").textContent);
const lang = document.documentElement.lang;
const by = id => document.getElementById(id);
const [text, numbers, marks, problemList, status, pages, shown, zoo, input] =
  ["text", "numbers", "marks", "problems", "status", "pages", "shown", "zoo", "input"].map(by);
const say = (word, values = {}) => words[word].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

const PAUSE = 25; // ms without a key before Python is asked
const PATIENCE = 60000; // ms until a question counts as lost, once Python is there: it may come over a slow line
const LONGEST = 1000000; // characters of a spec that a link may hold
const LARGEST = 1 << 30; // bytes of a file

// --- Python --------------------------------------------------------------------------------------------------------

let worker = null;
let asked = null; // the question at work: {id, take}
let waiting = null; // the newest that was asked meanwhile
let ids = 0;
let ready = false;

function begin() {
  worker = new Worker("worker.js", {type: "module"});
  worker.addEventListener("message", ({data}) => {
    if (!asked || data.id !== asked.id) return;
    const {take, timer} = asked;
    clearTimeout(timer);
    asked = null;
    ready = true;
    if (data.failure) failed(data.failure);
    else take(data);
    next();
  });
  worker.addEventListener("error", event => failed(event.message || "worker.js"));
}

/** Say that Python gave up, and start it anew: after a failure its state is not to be trusted. */
function failed(message) {
  status.textContent = say("failed", {message: message.trim().split("\n").pop().slice(0, 300)});
  pages.classList.add("stale");
  if (asked) clearTimeout(asked.timer);
  asked = null;
  ready = false;
  worker.terminate();
  worker = null;
}

function next() {
  if (asked || !waiting) return;
  if (!worker) begin();
  const {question, take} = waiting;
  waiting = null;
  const id = ++ids;
  asked = {id, take, timer: ready ? setTimeout(() => failed(say("slow")), PATIENCE) : null};
  worker.postMessage({id, lang, ...question});
}

/** Ask Python when it is free; a question that waits is dropped for a newer one. */
function ask(question, take) {
  waiting = {question, take};
  if (!ready) status.textContent = say("loading");
  next();
}

// --- the editor ----------------------------------------------------------------------------------------------------

let problems = [];
let pause = null;

function element(name, content, className = "") {
  const made = document.createElement(name);
  made.textContent = content;
  made.className = className;
  return made;
}

const lines = () => text.value.split("\n");
const sourced = () => problems.filter(problem => problem.inText);

/** The number of UTF-16 units that a count of characters takes, from the start of a line. */
const units = (line, characters) => Array.from(line).slice(0, characters).join("").length;

function number() {
  const wrong = new Set(sourced().map(problem => problem.line));
  numbers.replaceChildren(...lines().flatMap((_, place) => [
    wrong.has(place + 1) ? element("span", String(place + 1), "wrong") : String(place + 1), "\n",
  ]), "\n\n");
  scroll();
}

/** The stretch of a problem in its line: [from, to] in UTF-16 units, at least one character. */
function stretch(line, {column, length}) {
  const from = units(line, column - 1);
  return [from, Math.max(from + 1, units(line, column - 1 + length))];
}

function underline() {
  const made = lines().flatMap((line, place) => {
    const parts = [];
    let at = 0;
    for (const problem of sourced().filter(problem => problem.line === place + 1)) {
      const [from, to] = stretch(line, problem);
      if (from < at) continue;
      parts.push(line.slice(at, from), element("mark", line.slice(from, to) || " "));
      at = to;
    }
    return [...parts, line.slice(at), "\n"];
  });
  marks.replaceChildren(...made, "\n");
  scroll();
}

function scroll() {
  numbers.scrollTop = marks.scrollTop = text.scrollTop;
  marks.scrollLeft = text.scrollLeft;
}

function goTo(problem) {
  const all = lines();
  const start = all.slice(0, problem.line - 1).reduce((sum, line) => sum + line.length + 1, 0);
  const [from, to] = stretch(all[problem.line - 1] ?? "", problem);
  text.focus();
  text.setSelectionRange(start + from, start + to);
}

function list() {
  problemList.replaceChildren(...problems.map(problem => {
    const button = element("button", "");
    button.type = "button";
    const place = problem.inText ? [element("b", problem.line + ":" + problem.column)] : [];
    button.append(...place, problem.message, element("small", problem.hint));
    if (problem.inText) button.addEventListener("click", () => goTo(problem));
    const item = document.createElement("li");
    item.append(button);
    return item;
  }));
}

function typed() {
  problems = [];
  number();
  underline();
  clearTimeout(pause);
  pause = setTimeout(check, PAUSE);
}

function check() {
  const began = performance.now();
  shown.hidden = true;
  ask({ask: "text", text: text.value, input: input.value.trim()}, answer => take(answer, began));
}

function take(answer, began) {
  problems = answer.problems;
  number();
  underline();
  list();
  pages.classList.toggle("stale", problems.length > 0);
  status.textContent = problems.length ? say("problems", {count: problems.length})
    : [say("done", {ms: Math.round(performance.now() - began)}), ...answer.notes].join("; ");
  if (answer.page) show(answer.page);
}

function write(spec, size = "") {
  text.value = spec;
  input.value = size;
  text.setSelectionRange(0, 0);
  text.scrollTop = 0;
  problems = [];
  number();
  underline();
  check();
}

text.addEventListener("input", typed);
input.addEventListener("input", typed);
text.addEventListener("scroll", scroll);
text.addEventListener("keydown", event => {
  if (event.key !== "Enter" || event.isComposing) return;
  // a new line begins where the last one did
  const before = text.value.slice(0, text.selectionStart);
  const indent = before.slice(before.lastIndexOf("\n") + 1).match(/^ */)[0];
  if (!indent) return;
  event.preventDefault();
  document.execCommand("insertText", false, "\n" + indent);
});

// --- the page ------------------------------------------------------------------------------------------------------

/** What the reader has chosen on a page, to be chosen on the next. */
function choices(frame) {
  const page = frame.contentDocument;
  const value = query => page.querySelector(query)?.value;
  return {
    convention: page.getElementById("convention").value, search: value(".search"), fold: value(".fold"),
    hide: page.querySelector(".hide").checked, theme: page.documentElement.dataset.theme, top: frame.contentWindow.scrollY,
  };
}

function choose(frame, chosen) {
  const page = frame.contentDocument;
  const put = (query, value, event) => {
    const control = page.querySelector(query);
    const known = !control.options || [...control.options].some(option => option.value === value);
    if (control.value === value || !known) return;
    control.value = value;
    control.dispatchEvent(new Event(event));
  };
  if (chosen.theme) page.documentElement.dataset.theme = chosen.theme;
  put("#convention", chosen.convention, "change");
  put(".fold", chosen.fold, "change");
  put(".search", chosen.search, "input");
  const hide = page.querySelector(".hide");
  if (hide.checked !== chosen.hide) hide.click();
  frame.contentWindow.scrollTo(0, chosen.top);
}

let current = null; // the frame in view

/** Load a page out of sight, and let it take the other's place when it is there. */
function show(page) {
  const frame = document.createElement("iframe");
  frame.title = say("report");
  frame.className = "next";
  frame.srcdoc = page;
  frame.addEventListener("load", () => {
    if (current && current !== frame) choose(frame, choices(current));
    frame.contentDocument.getElementById("theme").addEventListener("click", () => {
      document.documentElement.dataset.theme = frame.contentDocument.documentElement.dataset.theme;
    });
    for (const other of [...pages.children]) if (other !== frame) other.remove();
    frame.className = "";
    current = frame;
  });
  for (const other of pages.querySelectorAll(".next")) other.remove();
  pages.append(frame);
}

// --- files ---------------------------------------------------------------------------------------------------------

async function open(file) {
  if (/\.ya?ml$/i.test(file.name)) return write(await file.text());
  if (file.size > LARGEST) return void (status.textContent = say("large", {name: file.name}));
  const data = await file.arrayBuffer();
  const began = performance.now();
  clearTimeout(pause);
  return ask({ask: "file", name: file.name, data}, answer => {
    take({...answer, problems: answer.problems.map(problem => ({...problem, inText: false}))}, began);
    shown.hidden = false;
    shown.firstElementChild.textContent = say(answer.page ? "read" : "unread", {name: file.name});
  });
}

by("back").addEventListener("click", check);
by("file").addEventListener("change", event => {
  const [file] = event.target.files;
  event.target.value = "";
  if (file) open(file);
});
addEventListener("dragover", event => {
  event.preventDefault();
  document.body.classList.add("dropping");
});
addEventListener("dragleave", event => {
  if (!event.relatedTarget) document.body.classList.remove("dropping");
});
addEventListener("drop", event => {
  event.preventDefault();
  document.body.classList.remove("dropping");
  const [file] = event.dataTransfer.files;
  if (file) open(file);
});

// --- links ---------------------------------------------------------------------------------------------------------

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

async function packed(spec) {
  const bytes = await through(new TextEncoder().encode(spec), new CompressionStream("deflate-raw"));
  const letters = Array.from(bytes, byte => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

async function unpacked(code) {
  const letters = atob(code.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = await through(Uint8Array.from(letters, letter => letter.charCodeAt(0)), new DecompressionStream("deflate-raw"), 4 * LONGEST);
  return new TextDecoder().decode(bytes);
}

/** The part of an address that holds the spec, and the input that was chosen beside it. */
async function held() {
  const size = input.value.trim();
  return "#spec=" + await packed(text.value) + (size ? "&input=" + encodeURIComponent(size) : "");
}

async function copyLink() {
  if (text.value.length > LONGEST) return void (status.textContent = say("large", {name: say("spec")}));
  history.replaceState(null, "", await held());
  try {
    await navigator.clipboard.writeText(location.href);
    status.textContent = say("copied");
  } catch {
    status.textContent = say("address");
  }
}

function start(name) {
  ask({ask: "spec", name}, answer => write(answer.text));
}

/** Begin with what the address asks for: a spec, a network of the zoo, or LeNet-5. */
async function arrive() {
  const asks = new URLSearchParams(location.hash.slice(1));
  const known = name => [...zoo.options].some(option => option.value && option.value === name);
  if (asks.has("spec")) {
    try {
      return write(await unpacked(asks.get("spec")), asks.get("input") ?? "");
    } catch {
      problems = [{message: say("broken"), hint: say("whole"), inText: false}];
      return list();
    }
  }
  const name = asks.get("net");
  zoo.value = known(name) ? name : "lenet5";
  return start(zoo.value);
}

zoo.addEventListener("change", () => {
  if (!zoo.value) return;
  history.replaceState(null, "", "#net=" + encodeURIComponent(zoo.value));
  start(zoo.value);
});
by("link").addEventListener("click", copyLink);
by("other").addEventListener("click", async event => {
  event.preventDefault();
  location.href = event.currentTarget.getAttribute("href") + await held();
});
addEventListener("hashchange", arrive);

if ("serviceWorker" in navigator) navigator.serviceWorker.register("sw.js").catch(() => {}); // without one it works on line
begin();
arrive();
