/** The student's page: a homework as a form, and questions drawn without end. What is right is decided in Python. */
import {LONGEST, by, copyAddress, element, lang, packed, save, say, takeFiles, unpacked} from "./common.js";
import {Python} from "./python.js";

const [status, problemList, sample, questions, level] = ["status", "problems", "sample", "questions", "level"].map(by);

const python = new Python("student", (state, message) => {
  status.textContent = say(state, {message});
}, say("slow"));

function ask(name, given, take) {
  python.ask(name, given, answer => {
    status.textContent = say("ready");
    take(answer);
  });
}

function complain(problems) {
  problemList.replaceChildren(...problems.map(({line, column, inText, message, hint}) => {
    const item = element("li", inText ? element("b", line + ":" + column) : "");
    item.append(message, element("small", hint));
    return item;
  }));
  if (problems.length) status.textContent = say("problems", {count: problems.length});
}

// --- a question ----------------------------------------------------------------------------------------------------

/** A question with a field for its answer; `judge` is called with what is typed, and `show` with what came of it. */
class Question {
  constructor(label, lines, form, judge) {
    this.field = element("input", "", {type: "text", autocomplete: "off", spellcheck: false, autocapitalize: "off"});
    this.field.setAttribute("aria-label", label);
    this.verdict = element("span", "", {className: "verdict"});
    this.verdict.setAttribute("role", "status");
    this.hints = element("ul", "", {className: "hints"});
    this.hints.setAttribute("aria-live", "polite");
    this.hint = element("button", say("hint"), {type: "button", hidden: true});
    this.derivation = element("details", element("summary", say("comes_about")), {hidden: true});
    this.derivation.append(element("pre"));
    const check = element("button", say("check"), {type: "submit"});
    const entry = element("form", this.field, {className: "bar"});
    entry.append(check, this.hint, this.verdict);
    entry.addEventListener("submit", event => {
      event.preventDefault();
      if (this.field.value.trim()) judge(this.field.value);
    });
    this.hint.addEventListener("click", () => this.tell());
    this.field.addEventListener("input", () => this.clear());
    this.body = element("div", "", {className: "question"});
    this.body.append(...lines.map(line => element("p", line)), element("p", form, {className: "soft"}), entry, this.hints, this.derivation);
  }

  clear() {
    this.steps = [];
    this.verdict.textContent = "";
    this.body.dataset.status = "";
    this.hint.hidden = this.derivation.hidden = true;
    this.hints.replaceChildren();
  }

  /** Show what came of an answer. Hints wait until they are asked for, the one that tells least first. */
  show({status, label, steps, derivation}) {
    this.clear();
    if (status === "blank") return;
    this.body.dataset.status = status;
    this.verdict.textContent = label;
    this.steps = steps;
    this.hint.hidden = !steps.length;
    if (status === "right" || status === "unreadable") while (this.steps.length) this.tell();
    if (derivation) this.derive(derivation);
  }

  tell() {
    const [first, ...rest] = this.steps;
    this.hints.append(element("li", first));
    this.steps = rest;
    this.hint.hidden = !rest.length;
  }

  derive(derivation) {
    this.derivation.lastElementChild.textContent = derivation;
    this.derivation.hidden = false;
  }
}

// --- a homework ----------------------------------------------------------------------------------------------------

let asked = new Map(); // the questions of the homework by their ids
let place = ""; // where this browser keeps the answers to it

/** What was answered before; nothing where the browser keeps nothing. */
function kept() {
  try {
    return JSON.parse(localStorage.getItem(place)) ?? {};
  } catch {
    return {};
  }
}

function keep() {
  try {
    localStorage.setItem(place, JSON.stringify(answers()));
  } catch {
    // a browser that keeps nothing is told nothing of it
  }
}

/** The network of a question, and of those below it, as a spec. */
function given(network) {
  const made = element("details", element("summary", say("network")));
  made.append(element("pre", network));
  return made;
}

function opened(answer) {
  complain(answer.problems);
  if (answer.problems.length) return;
  by("name").textContent = answer.title;
  by("kind").textContent = say(answer.sealed ? "sealed" : "open_key");
  asked = new Map();
  place = "cnncalc " + JSON.stringify([answer.title, ...answer.questions.map(({id, text}) => [id, text])]);
  const before = kept();
  questions.replaceChildren();
  let shown = "";
  for (const {id, text, form, points, network} of answer.questions) {
    const worth = points === 1 ? "" : " (" + say("points", {points}) + ")";
    const question = new Question(say("answer", {id}), [text + worth], form, judge);
    if (network !== shown) question.body.querySelector(".soft").before(given(network));
    shown = network;
    question.field.value = before[id] ?? "";
    question.field.addEventListener("input", keep);
    asked.set(id, question);
    questions.append(element("li", question.body));
  }
  by("score").textContent = "";
  by("homework").hidden = by("sharing").hidden = false;
}

const answers = () => Object.fromEntries([...asked].map(([id, {field}]) => [id, field.value]));

function judge() {
  ask("judge", [JSON.stringify(answers()), lang], ({cells, score, max}) => {
    for (const cell of cells) {
      const question = asked.get(cell.id);
      if (question.body.dataset.status !== cell.status) question.show(cell);
    }
    by("score").textContent = say("score", {score, max});
  });
}

async function open(file) {
  if (file.size > LONGEST) return void (status.textContent = say("large", {name: file.name}));
  sample.value = "";
  const text = await file.text();
  ask("open_text", [text, lang], opened);
}

takeFiles(by("file"), open);
sample.addEventListener("change", () => {
  if (!sample.value) return;
  history.replaceState(null, "", "#sample=" + encodeURIComponent(sample.value));
  ask("open_sample", [sample.value, lang], opened);
});
by("link").addEventListener("click", () => ask("share", [], async ({text}) => {
  status.textContent = say(await copyAddress("#homework=" + await packed(text)));
}));
by("share").addEventListener("click", () => ask("share", [], ({text}) => save("homework.yaml", text)));
by("keep").addEventListener("click", () => {
  const lines = Object.entries(answers()).map(([id, text]) => JSON.stringify(id) + ": " + JSON.stringify(text));
  save("answers.yaml", lines.join("\n") + "\n");
});

// --- questions without end -----------------------------------------------------------------------------------------

const seed = String(crypto.getRandomValues(new Uint32Array(1))[0]);
let drawn = null;
let right = 0;
let tried = 0;

function draw() {
  ask("draw", [seed, Number(level.value), lang], ({facts, asked, form}) => {
    let fresh = true;
    drawn = new Question(say("your_answer"), [...facts, asked], form, answer => {
      ask("judge_drawn", [answer, lang], cell => {
        drawn.show(cell);
        if (fresh) count(cell.done);
        fresh = false;
      });
    });
    by("drawn").replaceChildren(drawn.body);
    by("reveal").hidden = false;
  });
}

function count(isRight) {
  tried += 1;
  right += isRight ? 1 : 0;
  by("streak").textContent = say("streak", {right, tried});
}

by("next").addEventListener("click", draw);
level.addEventListener("change", draw);
by("reveal").addEventListener("click", () => ask("reveal_drawn", [lang], ({answer, derivation}) => {
  drawn.clear();
  drawn.hints.append(element("li", say("the_answer", {answer})));
  drawn.derive(derivation);
  by("reveal").hidden = true;
}));

// --- links ---------------------------------------------------------------------------------------------------------

/** Begin with the homework that the address holds or names, and a drawn question. */
async function arrive() {
  const asks = new URLSearchParams(location.hash.slice(1));
  if (asks.has("homework")) {
    try {
      ask("open_text", [await unpacked(asks.get("homework")), lang], opened);
    } catch {
      complain([{message: say("broken"), hint: say("whole"), inText: false}]);
    }
  } else if ([...sample.options].some(option => option.value && option.value === asks.get("sample"))) {
    sample.value = asks.get("sample");
    ask("open_sample", [sample.value, lang], opened);
  }
  if (["1", "2", "3"].includes(asks.get("level"))) level.value = asks.get("level");
  if (!drawn) draw();
}

by("other").addEventListener("click", event => {
  event.currentTarget.href = event.currentTarget.getAttribute("href").split("#")[0] + location.hash;
});
addEventListener("hashchange", arrive);
arrive();
