/** An editor: a text field with numbered lines, problems underlined at their place, and what may stand at the cursor.
 *
 * The field is the browser's own: it keeps its undo, its input methods and what a screen reader says of it. Behind it
 * lies the same text with marks, and where the list of completions stands is measured there. */
import {by, element, say} from "./common.js";

const [text, numbers, marks, problemList, options] = ["text", "numbers", "marks", "problems", "options"].map(by);
let problems = [];

export const spec = () => text.value;

const lines = () => text.value.split("\n");
const sourced = () => problems.filter(problem => problem.inText);

/** The number of UTF-16 units that a count of characters takes, from the start of a line. */
const units = (line, characters) => Array.from(line).slice(0, characters).join("").length;
const characters = (line, units) => Array.from(line.slice(0, units)).length;

// --- lines and problems --------------------------------------------------------------------------------------------

function number() {
  const wrong = new Set(sourced().map(problem => problem.line));
  numbers.replaceChildren(...lines().flatMap((_, place) => [
    wrong.has(place + 1) ? element("span", String(place + 1), {className: "wrong"}) : String(place + 1), "\n",
  ]), "\n\n");
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
}

function scroll() {
  numbers.scrollTop = marks.scrollTop = text.scrollTop;
  marks.scrollLeft = text.scrollLeft;
  close();
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
    return element("li", button);
  }));
}

/** Show problems at their places and in the list. */
export function mark(found) {
  problems = found;
  draw();
  list();
}

function draw() {
  number();
  underline();
  numbers.scrollTop = marks.scrollTop = text.scrollTop;
  marks.scrollLeft = text.scrollLeft;
}

/** Put another text in, with the cursor at its start. */
export function write(written) {
  text.value = written;
  text.setSelectionRange(0, 0);
  text.scrollTop = 0;
  close();
  problems = [];
  draw();
}

// --- completions ---------------------------------------------------------------------------------------------------

let offered = null; // {start, end, found, length}: what may stand between two places of a text so long, in UTF-16 units
let chosen = -1;

/** Show what Python says may stand at a place; `forced` chooses the first, as the reader asked for the list.
 *
 * An answer about another text comes too late, and a later one will come; what is chosen already stays so. */
export function offer({start, end, found}, asked, forced) {
  const whole = text.value;
  const [from, to] = [units(whole, start), units(whole, end)];
  const cursor = text.selectionStart;
  if (asked !== whole) return;
  const there = cursor === text.selectionEnd && from <= cursor && cursor <= to && document.activeElement === text;
  const written = whole.slice(from, to);
  const some = found.filter(one => forced || one.word !== written);
  if (there && some.length && (forced || written)) unfold(from, to, some, forced);
  else close();
}

/** Show words from which to choose, the one that was chosen already if it is among them. */
function unfold(start, end, some, forced = false) {
  const kept = offered?.start === start ? offered.found[chosen]?.word : null;
  offered = {start, end, found: some, length: text.value.length};
  options.replaceChildren(...some.map((one, place) => {
    const option = element("li", element("b", one.word), {id: "option" + place});
    option.setAttribute("role", "option");
    option.append(element("small", one.help));
    option.addEventListener("mousedown", event => {
      event.preventDefault();
      take(place);
    });
    return option;
  }));
  options.hidden = false;
  choose(forced ? 0 : some.findIndex(one => one.word === kept));
  settle();
}

/** Keep of the list what goes on as the word does, until Python says what may stand there now. */
function narrow() {
  const {start, end, found, length} = offered;
  const written = text.value.slice(start, text.selectionStart);
  const some = found.filter(one => one.word.startsWith(written));
  if (written && some.length) unfold(start, end + text.value.length - length, some);
  else close();
}

/** Put the list below the word, or above it where there is more room. */
function settle() {
  const word = boxAt(offered.start);
  const paper = marks.parentElement.getBoundingClientRect();
  const below = paper.bottom - word.bottom;
  const above = word.top - paper.top;
  options.style.left = Math.max(0, Math.min(word.left - paper.left, paper.width - options.offsetWidth)) + "px";
  options.style.top = (below > options.offsetHeight || below > above ? word.bottom - paper.top : above - options.offsetHeight) + "px";
}

/** Where a place of the text stands on the screen, measured in the text behind the field. */
function boxAt(place) {
  const walker = document.createTreeWalker(marks, NodeFilter.SHOW_TEXT);
  let left = place;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (left <= node.length) {
      const range = document.createRange();
      range.setStart(node, left);
      range.setEnd(node, Math.min(left + 1, node.length));
      return range.getBoundingClientRect();
    }
    left -= node.length;
  }
  return marks.getBoundingClientRect();
}

function choose(place) {
  options.children[chosen]?.removeAttribute("aria-selected");
  chosen = place;
  const option = options.children[place];
  if (!option) return text.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({block: "nearest"});
  text.setAttribute("aria-activedescendant", option.id);
}

function take(place) {
  const {start, end, found} = offered;
  const {written, back} = found[place];
  close();
  text.setSelectionRange(start, end);
  document.execCommand("insertText", false, written); // so that undo takes it back
  if (back) text.setSelectionRange(text.selectionStart - back, text.selectionStart - back);
}

export function close() {
  if (!offered) return;
  offered = null;
  options.hidden = true;
  choose(-1);
}

// --- keys ----------------------------------------------------------------------------------------------------------

/** Do what a key does while completions are shown; tells whether it did anything. */
function inList(key) {
  if (!offered) return false;
  const count = offered.found.length;
  if (key === "ArrowDown") choose((chosen + 1) % count);
  else if (key === "ArrowUp") choose((Math.max(chosen, 0) + count - 1) % count);
  else if (key === "Escape") close();
  else if (key === "Tab" || (key === "Enter" && chosen >= 0)) take(Math.max(chosen, 0));
  else return false;
  return true;
}

/** Begin a new line where the last one did. */
function breakLine() {
  const before = text.value.slice(0, text.selectionStart);
  const indent = before.slice(before.lastIndexOf("\n") + 1).match(/^ */)[0];
  if (indent) document.execCommand("insertText", false, "\n" + indent);
  return Boolean(indent);
}

/** Step over a brace that stands there already, as a completion puts it, where the line has as many closed as opened. */
function stepOver() {
  const place = text.selectionStart;
  const line = text.value.slice(text.value.lastIndexOf("\n", place - 1) + 1).split("\n", 1)[0];
  const steps = text.value[place] === "}" && line.split("{").length === line.split("}").length;
  if (steps) text.setSelectionRange(place + 1, place + 1);
  return steps;
}

/** Start editing: `typed` is told of every change, `complete` of where completions are wanted and if they were asked for. */
export function edit(typed, complete) {
  const ask = forced => complete(text.value, characters(text.value, text.selectionStart), forced);
  text.addEventListener("input", () => {
    problems = [];
    draw();
    if (offered) narrow();
    typed();
    if (/[\p{L}_]/u.test(text.value[text.selectionStart - 1] ?? "")) ask(false);
    else close();
  });
  text.addEventListener("scroll", scroll);
  text.addEventListener("blur", close);
  text.addEventListener("click", close);
  text.addEventListener("keydown", event => {
    if (event.isComposing) return;
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      ask(true);
    } else if (inList(event.key) || (event.key === "Enter" && breakLine()) || (event.key === "}" && stepOver())) event.preventDefault();
    else if (/^(Arrow|Home|End|Page)/.test(event.key)) close();
  });
  text.setAttribute("aria-label", say("spec"));
}
