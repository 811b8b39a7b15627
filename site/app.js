/** The playground: an editor at the left, the report's page at the right. */
import {LONGEST, by, copyAddress, element, lang, packed, say, takeFiles, unpacked} from "./common.js";
import {Python} from "./python.js";

const [text, numbers, marks, problemList, status, pages, shown, zoo, input] =
  ["text", "numbers", "marks", "problems", "status", "pages", "shown", "zoo", "input"].map(by);

const PAUSE = 25; // ms without a key before Python is asked
const LARGEST = 1 << 30; // bytes of a file

const python = new Python("playground", (state, message) => {
  status.textContent = say(state, {message});
  if (state === "failed") pages.classList.add("stale");
}, say("slow"));

/** Ask Python when it is free; a question that waits is dropped for a newer one. */
const ask = (name, given, take) => python.ask(name, given, take, "page");

// --- the editor ----------------------------------------------------------------------------------------------------

let problems = [];
let pause = null;

const lines = () => text.value.split("\n");
const sourced = () => problems.filter(problem => problem.inText);

/** The number of UTF-16 units that a count of characters takes, from the start of a line. */
const units = (line, characters) => Array.from(line).slice(0, characters).join("").length;

function number() {
  const wrong = new Set(sourced().map(problem => problem.line));
  numbers.replaceChildren(...lines().flatMap((_, place) => [
    wrong.has(place + 1) ? element("span", String(place + 1), {className: "wrong"}) : String(place + 1), "\n",
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
    const button = element("button", "", {type: "button"});
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
  ask("show_text", [text.value, lang, input.value.trim()], answer => take(answer, began));
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
  return ask("show_file", [file.name, data, lang], answer => {
    take({...answer, problems: answer.problems.map(problem => ({...problem, inText: false}))}, began);
    shown.hidden = false;
    shown.firstElementChild.textContent = say(answer.page ? "read" : "unread", {name: file.name});
  });
}

by("back").addEventListener("click", check);
takeFiles(by("file"), open);

// --- links ---------------------------------------------------------------------------------------------------------

/** The part of an address that holds the spec, and the input that was chosen beside it. */
async function held() {
  const size = input.value.trim();
  return "#spec=" + await packed(text.value) + (size ? "&input=" + encodeURIComponent(size) : "");
}

async function copyLink() {
  if (text.value.length > LONGEST) return void (status.textContent = say("large", {name: say("spec")}));
  status.textContent = say(await copyAddress(await held()));
}

function start(name) {
  ask("spec_text", [name], answer => write(answer.text));
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

arrive();
