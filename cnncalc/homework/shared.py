"""A homework as students get it: its questions with digests of the right answers, and judging by them.

The network of a question is in the file, as it is in the homework; what is claimed of it is left out, and so are
comments: nothing that can be read there is an answer.
"""

from __future__ import annotations

import json
import secrets
import zlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path

from cnncalc.homework.answers import read_answer
from cnncalc.homework.digests import digests, form_of
from cnncalc.homework.grade import BLANK, RIGHT, GradedCell, grade
from cnncalc.homework.questions import Homework, Question
from cnncalc.homework.sheets.read import Answer
from cnncalc.spec.shipped import specs_folder
from cnncalc.spec.variant_text import own_text
from cnncalc.text.printable import escape_json, printable
from cnncalc.text.source import Source
from cnncalc.text.yaml_flow import flow
from cnncalc.text.yaml_tree import Located, parse_yaml
from cnncalc.text.yaml_tree import Mapping as WrittenMapping

_HEAD = """\
# For students, made by cnncalc share: digests say that an answer is right, and none stands here to be read.
# Open it on the practice page of the playground; cnncalc check --homework grades by it too."""
_KEPT = ("input", "set", "batch", "dtype", "points")
"""What is copied as the homework has it."""


def shared_text(homework: Homework, salt: str = "") -> str:
    """Write the file to share, with a salt of its own unless one is given."""
    salt = salt or secrets.token_hex(8)
    questions = [line for question in homework.questions for line in _lines(question, salt)]
    head = (_HEAD, f"title: {_quoted(homework.title)}", f"salt: {_quoted(salt)}", "questions:")
    return "\n".join((*head, *questions)) + "\n"


def _lines(question: Question, salt: str) -> Iterator[str]:
    yield from question_lines(question)
    yield f"    digests: [{', '.join(digests(question, salt))}]"


def question_lines(question: Question) -> Iterator[str]:
    """Write a question as a homework file has it, its network with it where that is no network that ships."""
    entries = dict(_entries(question))
    for place, (key, value) in enumerate(entries.items()):
        yield f"  {' ' if place else '-'} {key}: {value}"


def _entries(question: Question) -> Iterator[tuple[str, str]]:
    """Give the keys of a question with their values, each in one line."""
    given: Mapping[str, Located] = {} if question.written is None else question.written.given
    yield "id", _quoted(question.id or "")
    yield "text", _quoted(question.text)
    yield _network(question, given)
    yield "layer", _quoted(question.layer)
    yield "quantity", question.quantity
    yield from ((key, flow(given[key])) for key in _KEPT if key in given)
    scoring = question.scoring
    yield "digits", str(scoring.digits)
    if scoring.parts:
        yield "parts", "true"
    if scoring.partial:
        yield "partial", _quoted({name: str(kept) for name, kept in scoring.partial.items()})
    if question.accept:
        yield "accept", _quoted(list(question.accept))


def _network(question: Question, given: Mapping[str, Located]) -> tuple[str, str]:
    """Name the network where every cnncalc knows it; write it down where it is a file of the homework's author."""
    net = question.answer_key.net
    if "spec" in given and isinstance(given["spec"], WrittenMapping):
        return "spec", _without_claims(given["spec"])
    if net.model is not None:
        from cnncalc.models.writers import write_graph

        return "spec", _flow_of(write_graph(net.graph, net.title, "yaml").text)
    if specs_folder() in Path(net.spec.source.name).parents:
        return "network", _quoted(net.name)
    return "spec", _flow_of(own_text(net.spec))


def _flow_of(text: str) -> str:
    tree = parse_yaml(Source("spec", text)).tree
    assert isinstance(tree, WrittenMapping), text
    return _without_claims(tree)


def _without_claims(tree: WrittenMapping) -> str:
    """Write a spec in one line, without what is claimed of it and the budgets that it is held to."""
    telling = ("claims", "budget")
    return flow(
        tree._replace(
            entries=tuple(entry for entry in tree.entries if entry[0].text not in telling)
        )
    )


def _quoted(value: object) -> str:
    return escape_json(json.dumps(value, ensure_ascii=False))


def address(page: str, text: str) -> str:
    """Give the address at which a practice page opens a file to share; the part behind `#` goes to no server."""
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    packed = packer.compress(text.encode("utf-8")) + packer.flush()
    return f"{printable(page)}#homework={urlsafe_b64encode(packed).decode('ascii').rstrip('=')}"


def judge_answers(homework: Homework, answers: Mapping[str, str]) -> tuple[GradedCell, ...]:
    """Judge answers by the ids of their questions: by digests where those say right, else by the networks.

    Nothing is worked out of a network where every answer is among the digests.
    """
    answered = [
        (question, Answer(answers.get(question.id or "", ""), ""))
        for question in homework.questions
    ]
    judged = [_by_digests(question, answer, homework.salt) for question, answer in answered]
    if all(judged):
        return tuple(filter(None, judged))
    graded, _ = grade(answered)
    return tuple(known or cell for known, cell in zip(judged, graded, strict=True))


def _by_digests(question: Question, answer: Answer, salt: str) -> GradedCell | None:
    """Judge an answer without its network: right, or nothing answered; None where the digests do not know it."""
    reading = read_answer(question.quantity, answer.text)
    if reading.is_blank:
        return GradedCell(question, answer, reading, BLANK)
    form = form_of(question, reading, salt)
    return None if form is None else GradedCell(question, answer, reading, RIGHT, form=form)


__all__ = ["address", "judge_answers", "shared_text"]
