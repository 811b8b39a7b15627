/** The playground: an editor at the left, the report's page at the right. */
import {LONGEST, by, copyAddress, lang, packed, say, takeDropped, takeFiles, unpacked} from "./common.js";
import * as editor from "./editor.js";
import {Python} from "./python.js";

const [status, frame, shown, zoo, input] = ["status", "report", "shown", "zoo", "input"].map(by);

const LARGEST = 1 << 30; // bytes of a file

const python = new Python("playground", (state, message) => {
  status.textContent = say(state, {message});
  if (state === "failed") frame.classList.add("stale");
}, say("slow"));

/** Ask Python when it is free; a question of a kind that waits is dropped for a newer one. */
const ask = (name, given, take, kind = "page") => python.ask(name, given, take, kind);

// --- the spec ------------------------------------------------------------------------------------------------------

/** Have what is typed counted; Python, when it is at work, takes the newest text next. */
function check() {
  const began = performance.now();
  shown.hidden = true;
  ask("show_text", [editor.spec(), lang, input.value.trim()], answer => take(answer, began));
}

let warm = false;

/** Have completions ready before the first is asked for: Python reads the schema once. */
function prepare() {
  if (!warm) python.ask("complete", ["layers: [c", 10], () => {}, "complete");
  warm = true;
}

function take(answer, began) {
  const {problems} = answer;
  editor.mark(problems);
  frame.classList.toggle("stale", problems.length > 0);
  status.textContent = problems.length ? say("problems", {count: problems.length})
    : [say("done", {ms: Math.round(performance.now() - began)}), ...answer.notes].join("; ");
  if (answer.network) show(answer.network);
  prepare();
}

function write(spec, size = "") {
  input.value = size;
  editor.write(spec);
  check();
}

editor.edit(check, (text, place, forced) => {
  python.ask("complete", [text, place], answer => editor.offer(answer, text, forced), "complete");
});
input.addEventListener("input", check);

// --- the page ------------------------------------------------------------------------------------------------------

const LATER = 100; // ms after a table until its pictures are asked for: the next key may come sooner

/** The report's page, blank until the first table; its script has `cnncalc`, by which it is filled. */
const page = new Promise(done => {
  if (frame.contentDocument.readyState === "complete" && frame.contentWindow.cnncalc) done(frame.contentWindow.cnncalc);
  else frame.addEventListener("load", () => done(frame.contentWindow.cnncalc), {once: true});
});

let later = null;

/** Show a network's tables at once, and its pictures when no key has come for a while. */
async function show(network) {
  (await page).show(network);
  frame.hidden = false;
  clearTimeout(later);
  later = setTimeout(() => ask("pictures", [lang], async pictures => (await page).put(pictures), "pictures"), LATER);
}

page.then(shown => {
  shown.derive = place => new Promise(done => python.ask("derive", [place, lang], done, "derive"));
  frame.contentDocument.getElementById("theme").addEventListener("click", () => {
    document.documentElement.dataset.theme = frame.contentDocument.documentElement.dataset.theme;
  });
  takeDropped(frame.contentWindow, open);
});

// --- files ---------------------------------------------------------------------------------------------------------

async function open(file) {
  if (/\.ya?ml$/i.test(file.name)) return write(await file.text());
  if (file.size > LARGEST) return void (status.textContent = say("large", {name: file.name}));
  const data = await file.arrayBuffer();
  const began = performance.now();
  return ask("show_file", [file.name, data, lang], answer => {
    take({...answer, problems: answer.problems.map(problem => ({...problem, inText: false}))}, began);
    shown.hidden = false;
    shown.firstElementChild.textContent = say(answer.network ? "read" : "unread", {name: file.name});
  });
}

by("back").addEventListener("click", check);
takeFiles(by("file"), open);

// --- links ---------------------------------------------------------------------------------------------------------

/** The part of an address that holds the spec, and the input that was chosen beside it. */
async function held() {
  const size = input.value.trim();
  return "#spec=" + await packed(editor.spec()) + (size ? "&input=" + encodeURIComponent(size) : "");
}

async function copyLink() {
  if (editor.spec().length > LONGEST) return void (status.textContent = say("large", {name: say("spec")}));
  status.textContent = say(await copyAddress(await held()));
}

/** Begin with a network of the zoo, by its name or another that people call it. */
function start(name) {
  ask("spec_text", [name, lang], ({network, text, problems}) => {
    if (problems.length) return editor.mark(problems);
    zoo.value = network;
    return write(text);
  });
}

/** Begin with what the address asks for: a spec, a network of the zoo, or LeNet-5. */
async function arrive() {
  const asks = new URLSearchParams(location.hash.slice(1));
  if (asks.has("spec")) {
    try {
      return write(await unpacked(asks.get("spec")), asks.get("input") ?? "");
    } catch {
      return editor.mark([{message: say("broken"), hint: say("whole"), inText: false}]);
    }
  }
  return start(asks.get("net") ?? "lenet5");
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

arrive();
