"""Drawing a quiz: from the kinds of questions of a level, or from the layers of a network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count as counted
from itertools import islice
from typing import Any

from cnncalc.exports.sheet import DrawnFrom
from cnncalc.homework.key import AnswerKey
from cnncalc.homework.questions import Question
from cnncalc.network import Network, load, loads
from cnncalc.ops.shapes import left_over
from cnncalc.quiz.from_network import LayerQuestion, asked_in
from cnncalc.quiz.prove import Item, Proof, Quiz, about_network, numbers_in, prove
from cnncalc.quiz.seeded_random import SeededRandom
from cnncalc.quiz.templates import DrawnQuestion, QuestionTemplate, quiz_templates
from cnncalc.quiz.wording import Wording, asked_of, block_fact, input_fact, layer_facts
from cnncalc.text.source import SpecError, single_problem

MAX_QUESTIONS = 200
MAX_DRAWS = 500
"""Networks drawn for one question; all kinds of questions are taken within a few."""

_VERSION = "cnncalc quiz 1"


def make_quiz(
    seed: object,
    count: int = 10,
    level: int = 1,
    *,
    network: str | None = None,
    input: str | None = None,
    set: Mapping[str, Any] | None = None,
    student: str = "",
) -> Quiz:
    """Draw a quiz: the same seed, level and student give the same questions everywhere, of fewer those of more.

    With `network` the questions are about its layers, as it is with `input` and `set`. Raises SpecError for a count or
    level out of bounds, an unknown network, and one that does not have so many questions.
    """
    (quiz,) = make_quizzes(seed, (student,), count, level, network=network, input=input, set=set)
    return quiz


def make_quizzes(
    seed: object,
    students: Iterable[str],
    count: int = 10,
    level: int = 1,
    *,
    network: str | None = None,
    input: str | None = None,
    set: Mapping[str, Any] | None = None,
) -> Iterator[Quiz]:
    """Draw the quiz of each student, as `make_quiz` does; a question about a network is proven once for all.

    Raises SpecError as `make_quiz` does.
    """
    _check("--count", count, 1, MAX_QUESTIONS)
    _check("--level", level, 1, max(quiz_templates().levels))
    asking = None if network is None else _Asking(network, input, dict(set or {}))
    for student in students:
        origin = (_VERSION, seed, student, level)
        if asking is None:
            items = tuple(islice(_from_templates(origin, level), count))
        else:
            items = asking.items(SeededRandom(*origin), count, level)
        yield Quiz(items, str(seed), level, student, network or "")


def _check(option: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise single_problem(
            option, str(value), f"{option} is from {least} to {most}, not {value}", "", "option"
        )


# --- from kinds of questions ----------------------------------------------------------------------------------------


def endless(seed: object, level: int = 1) -> Iterator[Item]:
    """Draw questions without end: those of `make_quiz`, then more, new ones as long as there are some.

    Raises SpecError for a level that there is not.
    """
    _check("--level", level, 1, max(quiz_templates().levels))
    return _from_templates((_VERSION, seed, "", level), level)


def another(drawn: DrawnFrom, variant: object) -> Item:
    """Draw another question of the kind of one that stands in a quiz; each variant is its own."""
    seed, level, number, student = drawn
    templates = quiz_templates().levels[level]
    order = SeededRandom(_VERSION, seed, student, level).shuffled(range(len(templates)))
    origin = (_VERSION, seed, f"{student} variant {variant}", level)
    return _new_item(templates[order[number % len(templates)]], origin, number, set())


def _from_templates(origin: tuple[object, ...], level: int) -> Iterator[Item]:
    templates = quiz_templates().levels[level]
    order = SeededRandom(*origin).shuffled(range(len(templates)))
    seen: set[str] = set()
    for number in counted():
        item = _new_item(templates[order[number % len(templates)]], origin, number, seen)
        seen.add(item.wording.text("en"))
        yield item


def _new_item(
    template: QuestionTemplate, origin: tuple[object, ...], number: int, seen: set[str]
) -> Item:
    """Draw a question until it can be proven and is new; one that is not new where there is no other."""
    item: Item | None = None
    for draw in range(MAX_DRAWS):
        random = SeededRandom(*origin, number, draw)
        drawn = _item(template.draw(random), f"q{number + 1}", random)
        item = drawn or item
        if drawn is not None and drawn.wording.text("en") not in seen:
            return drawn
    assert item is not None, f"no {template.name} could be proven"
    return item


def _item(drawn: DrawnQuestion, label: str, random: SeededRandom) -> Item | None:
    """Return a drawn question as an item, where its sizes go together and it can be proven."""
    try:
        net = loads(drawn.spec)
    except SpecError:
        return None
    if drawn.fits is not None and _fits(net) is not drawn.fits:
        return None
    answer_key = AnswerKey(net, batch=drawn.batch, dtype=drawn.dtype)
    question = Question(label, "", answer_key, drawn.layer, drawn.quantity)
    wording = _wording(net, question, drawn)
    about = {"spec": drawn.spec}
    if wording is None:
        return None
    proof = prove(question, wording, drawn.inseparable)
    return None if proof is None else proof.item(about, random)


def _fits(net: Network) -> bool:
    """Whether every window of the layers fits a whole number of times."""
    return not any(
        left_over(size, window)
        for node in net.graph.nodes[1:]
        for size, window in zip(node.shapes[0], node.op.windows(node.shapes[0]), strict=False)
    )


def _wording(net: Network, question: Question, drawn: DrawnQuestion) -> Wording | None:
    right = question.keyed.right
    if right is None:
        return None
    graph = net.graph
    below = f"{drawn.layer}/" if drawn.layer in graph.scopes else ""
    facts = layer_facts(graph, range(1, len(graph.nodes)), below)
    if below:
        facts = (block_fact(drawn.layer), *facts)
    asked, form = asked_of(drawn.layer, drawn.quantity, right, drawn.batch, drawn.dtype)
    return Wording((input_fact(graph.input), *facts), asked, form)


# --- from a network -------------------------------------------------------------------------------------------------


class _Asking:
    """Asks about the layers of a network, one student or many: what does not depend on the student is done once."""

    def __init__(self, name: str, input: str | None, settings: dict[str, Any]) -> None:
        if name == "-":
            raise single_problem(
                "--network",
                name,
                "the key names the network, and standard input has no name",
                "save the spec to a file",
                "option",
            )
        self.name = name
        self.net = load(name, input, settings)
        self.settings = settings
        self.about = about_network(name, input, settings)
        self._answer_keys: dict[int, AnswerKey] = {}
        self._proofs: dict[LayerQuestion, Proof | None] = {}

    def items(self, random: SeededRandom, count: int, level: int) -> tuple[Item, ...]:
        """Draw questions, none of whose answers stands in another's words."""
        items: list[Item] = []
        given: set[str] = set()
        for item in self._drawn(random, level):
            words, answer = numbers_in(item.wording.text("en")), item.answer.replace(",", "")
            telling = item.is_shape or len(answer) > 3  # a small number stands for many things
            if (telling and answer in given) or any(_tells(words, other) for other in items):
                continue
            given |= words
            items.append(item._replace(question=item.question._replace(id=f"q{len(items) + 1}")))
            if len(items) == count:
                return tuple(items)
        raise single_problem(
            "--count",
            str(count),
            f"from this seed {self.name} gives {len(items)} questions of level "
            f"{level} whose slips can be told apart and that do not answer one another",
            "ask for fewer, or another level",
            "option",
        )

    def _drawn(self, random: SeededRandom, level: int) -> Iterator[Item]:
        for asked in random.shuffled(asked_in(self.net, level)):
            if asked not in self._proofs:
                self._proofs[asked] = self._proof(asked)
            proof = self._proofs[asked]
            if proof is not None:
                yield proof.item(self.about, random)

    def _proof(self, asked: LayerQuestion) -> Proof | None:
        answer_key = self._answer_keys.get(asked.batch)
        if answer_key is None:
            answer_key = AnswerKey(self.net, batch=asked.batch, settings=self.settings)
            self._answer_keys[asked.batch] = answer_key
        question = Question("", "", answer_key, asked.layer, asked.quantity)
        right = question.keyed.right
        if right is None:
            return None
        dtype = answer_key.report.dtype
        said, form = asked_of(asked.layer, asked.quantity, right, asked.batch, dtype)
        wording = Wording(asked.facts(self.net), said, form)
        return prove(question, wording, quiz_templates().inseparable)


def _tells(words: set[str], other: Item) -> bool:
    answer = other.answer.replace(",", "")
    return (other.is_shape or len(answer) > 3) and answer in words


__all__ = ["MAX_QUESTIONS", "another", "endless", "make_quiz", "make_quizzes"]
