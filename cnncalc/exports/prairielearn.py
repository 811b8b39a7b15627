"""Questions for PrairieLearn, which grade with cnncalc as they run: a folder for each.

`info.json` names the question, `question.html` shows it, `server.py` hands PrairieLearn's `generate` and `grade` to
`cnncalc.quiz.live`. What is shown goes through `params`, where PrairieLearn escapes it. A question with choices is a
`pl-multiple-choice`, any other a `pl-string-input`. A drawn question gives every student a variant of its kind; one of
a homework is the same for all.
"""

from __future__ import annotations

import hashlib
import json
from pprint import pformat
from typing import Any
from uuid import UUID

from cnncalc.exports.sheet import CHOICE, AskedQuestion, QuestionSheet
from cnncalc.homework.students import file_stem

ANSWER = "answer"
"""What the answer is called among those of a question."""

_HTML = """\
<pl-question-panel>
  <ul>{{#params.facts}}<li>{{.}}</li>{{/params.facts}}</ul>
  <p><b>{{params.asked}}</b> {{params.form}}</p>
</pl-question-panel>
{{#params.has_choices}}
<pl-multiple-choice answers-name="answer" order="fixed" aria-label="{{params.asked}}">
  {{#params.choices}}<pl-answer correct="{{correct}}">{{text}}</pl-answer>{{/params.choices}}
</pl-multiple-choice>
{{/params.has_choices}}
{{^params.has_choices}}
<pl-string-input answers-name="answer" remove-leading-trailing="true" show-help-text="false"
  aria-label="{{params.asked}}"></pl-string-input>
{{/params.has_choices}}
<pl-submission-panel>
  {{#feedback.message}}<p>{{feedback.message}}</p>{{/feedback.message}}
</pl-submission-panel>
<pl-answer-panel><p>{{correct_answers.derivation}}</p></pl-answer-panel>
"""

_SERVER = """\
# Written by cnncalc quiz --format prairielearn. The course's Python needs cnncalc (pip install cnncalc).
from cnncalc.quiz.live import ask, judge

QUESTION = {question}


def generate(data):
    ask(data, QUESTION)


def grade(data):
    judge(data)
"""


def render(sheet: QuestionSheet) -> dict[str, str]:
    """Return the files of all folders, by their paths."""
    files: dict[str, str] = {}
    for number, question in enumerate(sheet.questions, 1):
        folder = file_stem(question.id).replace(" ", "-")
        if f"{folder}/info.json" in files:
            folder = f"{folder}-{number}"
        files[f"{folder}/info.json"] = _info(question, sheet)
        files[f"{folder}/question.html"] = _HTML
        files[f"{folder}/server.py"] = _server(question, sheet.lang)
    return files


def _info(question: AskedQuestion, sheet: QuestionSheet) -> str:
    """Return what PrairieLearn knows of a question, as its schema infoQuestion.json has it."""
    info = {
        "uuid": _uuid(sheet.title, question.id, question.text),
        "title": f"{' '.join(sheet.title.split())}: {question.id}",
        "topic": "Convolutional networks",
        "tags": ["cnncalc"],
        "type": "v3",
        "singleVariant": question.drawn is None,
    }
    return json.dumps(info, ensure_ascii=True, indent=2) + "\n"


def _uuid(*parts: str) -> str:
    """Return the same UUID for the same question, so that a second export changes the first."""
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).digest()
    return str(UUID(bytes=digest[:16], version=4))


def _server(question: AskedQuestion, lang: str) -> str:
    drawn = question.drawn
    if drawn is None:
        known = described(question, lang)
    else:
        ask = "choice" if question.kind == CHOICE else "open"
        known = {"drawn": drawn._asdict(), "lang": lang, "ask": ask}
    return _SERVER.format(question=pformat(known, width=100, sort_dicts=False))


def described(asked: AskedQuestion, lang: str) -> dict[str, Any]:
    """Describe a question as data: what is shown of it, what grades it, and the right answer.

    Which choice is right stands with the choices: `pl-multiple-choice` takes the right answer's place for itself.
    """
    choices = [{"text": text, "correct": text == asked.answer} for text in asked.choices]
    right = {} if choices else {ANSWER: asked.answer}
    return {
        "params": {
            "facts": list(asked.facts),
            "asked": asked.asked,
            "form": asked.form,
            "has_choices": bool(choices),
            "choices": choices,
            "homework": asked.homework,
            "lang": lang,
        },
        "correct_answers": {**right, "derivation": asked.derivation},
    }


__all__ = ["ANSWER", "described", "render"]
