"""Homework files: questions about networks, each with its points and the conventions that it accepts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.homework.candidates import Task
from cnncalc.homework.key import TOTAL, Subject
from cnncalc.report.conventions import load_convention
from cnncalc.spec.file import QUANTITIES
from cnncalc.spec.shipped import data_file
from cnncalc.text.source import Problem, Source, Span, SpecError
from cnncalc.text.suggest import suggest
from cnncalc.text.yaml_tree import Located, Mapping, Scalar, Sequence, parse_yaml, read_source

if TYPE_CHECKING:
    from fractions import Fraction

    from cnncalc.api import Network
    from cnncalc.models.builder import Model
    from cnncalc.spec.file import Spec

KEYS: dict[str, str] = {
    "title": "what the homework is called",
    "accept": "conventions by which an answer is right too, in every question",
    "questions": "the questions, in order",
}
QUESTION_KEYS: dict[str, str] = {
    "id": "what an answer is filed under",
    "text": "the question, as a student reads it",
    "network": "a network's name or a spec's path",
    "spec": "or a spec itself",
    "input": "another input",
    "set": "other values for the network's parameters",
    "batch": "examples in a batch, for memory",
    "dtype": "of a value, for memory",
    "layer": "a layer or a block; the whole network unless given",
    "quantity": "what is asked for",
    "points": "what it is worth, 1 unless given",
    "accept": "conventions by which an answer is right too, beside the homework's",
}


class Question(NamedTuple):
    """A question: what is asked of which layer, its points, and the conventions accepted beside the right answer."""

    id: str | None
    text: str
    subject: Subject
    layer: str
    quantity: str
    points: int | Fraction = 1
    accept: tuple[str, ...] = ()

    @property
    def task(self) -> Task:
        """The question worked out."""
        return self.subject.task(self.layer, self.quantity)


class Homework(NamedTuple):
    """A title and questions."""

    title: str
    questions: tuple[Question, ...]

    @property
    def ids(self) -> list[str]:
        """The questions' ids in order."""
        return [question.id or "" for question in self.questions]


def load_homework(path: str, accept: Iterable[str] = ()) -> Homework:
    """Read a homework: a path, or the name of one in `specs/homework/`. Raises SpecError with all that is wrong.

    `accept` names further conventions by which every answer is right too.
    """
    shipped = data_file("homework", path)
    source = read_source(path if shipped is None else shipped)
    tree, problems = parse_yaml(source)
    if not isinstance(tree, Mapping):
        empty = Problem(
            Span(source, 1, 1, 1),
            "homework",
            "a homework is a mapping with a list of questions",
            "questions: [{id: q1, network: alexnet, layer: conv1, quantity: params}]",
        )
        raise SpecError(problems or [empty])
    return _Reader(source, tree, problems, tuple(accept)).homework()


class _Reader:
    def __init__(
        self, source: Source, tree: Mapping, problems: list[Problem], accept: tuple[str, ...]
    ) -> None:
        self.source = source
        self.tree = tree
        self.problems = problems
        self.accept = accept
        self.networks: dict[object, Network] = {}
        self.subjects: dict[object, Subject] = {}

    def problem(self, span: Span, message: str, hint: str = "", code: str = "homework") -> None:
        self.problems.append(Problem(span, code, message, hint))

    def homework(self) -> Homework:
        self.check_keys(self.tree, KEYS, "a homework")
        accept = (*self.conventions(self.tree.get("accept")), *self.accept)
        listed = self.tree.get("questions")
        questions: list[Question] = []
        if not isinstance(listed, Sequence) or not listed.items:
            self.problem(
                (listed or self.tree).span,
                "a homework has a list of questions",
                "questions: [{id: q1, network: alexnet, layer: conv1, quantity: params}]",
            )
        else:
            for number, item in enumerate(listed.items, 1):
                question = self.question(item, number, accept)
                if question is not None:
                    questions.append(question)
        self.check_ids(listed)
        if self.problems:
            raise SpecError(self.problems)
        return Homework(self.text(self.tree, "title"), tuple(questions))

    def check_keys(self, tree: Mapping, known: Iterable[str], what: str) -> None:
        for key, _ in tree.entries:
            if key.text not in known:
                hint = suggest(key.text, known, "the keys are {}")
                self.problem(key.span, f"'{key.text}' is not a key of {what}", hint, "unknown-key")

    def check_ids(self, listed: Located | None) -> None:
        """Two questions of one id cannot be told apart in a sheet."""
        seen: dict[str, Span] = {}
        for item in listed.items if isinstance(listed, Sequence) else ():
            label = item.get("id") if isinstance(item, Mapping) else None
            if isinstance(label, Scalar):
                first = seen.setdefault(label.text, label.span)
                if first is not label.span:
                    self.problem(
                        label.span,
                        f"the id '{label.text}' is given twice; the first is on line {first.line}",
                    )

    def question(self, item: Located, number: int, accept: tuple[str, ...]) -> Question | None:
        if not isinstance(item, Mapping):
            self.problem(
                item.span,
                "a question is a mapping",
                "such as {id: q1, network: alexnet, layer: conv1, quantity: params}",
            )
            return None
        before = len(self.problems)
        self.check_keys(item, QUESTION_KEYS, "a question")
        quantity = self.quantity(item)
        points = self.points(item.get("points"))
        own = self.conventions(item.get("accept"))
        subject = self.subject(item)
        if subject is None or quantity is None or len(self.problems) > before:
            return None
        layer = self.layer(item, subject, quantity)
        if layer is None:
            return None
        label = self.text(item, "id") or str(number)
        return Question(
            label,
            self.text(item, "text"),
            subject,
            layer,
            quantity,
            points,
            tuple(dict.fromkeys((*accept, *own))),
        )

    def text(self, tree: Mapping, key: str) -> str:
        located = tree.get(key)
        if located is None:
            return ""
        if not isinstance(located, Scalar):
            self.problem(located.span, f"{key} is a text")
            return ""
        return located.text.strip()

    def quantity(self, item: Mapping) -> str | None:
        located = item.get("quantity")
        if located is None:
            self.problem(
                item.span, "a question needs a quantity", f"one of {', '.join(QUANTITIES)}"
            )
            return None
        text = self.text(item, "quantity")
        if text in QUANTITIES:
            return text
        self.problem(
            located.span,
            f"there is no quantity '{text}'",
            suggest(text, QUANTITIES, "it can be {}"),
        )
        return None

    def points(self, located: Located | None) -> int | Fraction:
        from cnncalc.text.numbers import read_number

        if located is None:
            return 1
        try:
            value = read_number(located.text).value if isinstance(located, Scalar) else -1
        except ValueError:
            value = -1
        if value < 0:
            self.problem(located.span, "points are a number of at least 0")
            return 1
        return value

    def conventions(self, located: Located | None) -> tuple[str, ...]:
        if located is None:
            return ()
        found = []
        for item in located.items if isinstance(located, Sequence) else (located,):
            try:
                found.append(load_convention(item.text if isinstance(item, Scalar) else "").name)
            except SpecError as error:
                self.problem(
                    item.span, error.problems[0].message, error.problems[0].hint, "convention"
                )
        return tuple(found)

    def subject(self, item: Mapping) -> Subject | None:
        """The network that a question is about; equal ones are one, so that they are worked out once."""
        settings = self.settings(item.get("set"))
        batch = self.whole(item.get("batch"))
        dtype = self.text(item, "dtype") or "float32"
        network, spec = item.get("network"), item.get("spec")
        if (network is None) == (spec is None):
            self.problem(
                item.span, "a question has one of network and spec", "such as network: alexnet"
            )
            return None
        given = self.sizes(item.get("input"))
        name: object = self.text(item, "network") if network is not None else id(spec)
        key = (name, given, tuple(sorted(settings.items())), batch, dtype)
        if key not in self.subjects:
            before = len(self.problems)
            net = self.network(item, key[:3], given, settings)
            if net is None:
                return None
            try:
                self.subjects[key] = Subject(net, batch=batch, dtype=dtype, settings=settings)
            except SpecError as error:
                where = item.get("dtype") or item.get("batch") or item
                self.problem(where.span, error.problems[0].message, error.problems[0].hint)
            if len(self.problems) > before:
                return None
        return self.subjects[key]

    def network(
        self, item: Mapping, key: object, given: str, settings: dict[str, str]
    ) -> Network | None:
        from cnncalc.api import Network
        from cnncalc.network import find_network
        from cnncalc.spec.file import read_tree

        if key in self.networks:
            return self.networks[key]
        located = item.get("network") or item.get("spec")
        assert located is not None
        try:
            if isinstance(located, Scalar):
                spec: Spec | Model = find_network(self.beside(located.text.strip()))
            elif isinstance(located, Mapping) and item.get("spec") is not None:
                spec = read_tree(self.source, located)._replace(
                    name=self.text(located, "name") or "spec"
                )
            else:
                self.problem(
                    located.span,
                    "a network is a name or a path, a spec a mapping of keys such as input",
                )
                return None
            found = self.networks[key] = Network(spec, given or None, settings)
        except SpecError as error:
            for problem in error.problems:
                if problem.span.source is not self.source:
                    given_by = item.get(
                        problem.file.removeprefix("--")
                    )  # a problem of what --input or --set would say
                    problem = problem._replace(span=(given_by or located).span)
                self.problems.append(problem)
            return None
        return found

    def beside(self, name: str) -> str:
        """A path as it stands from here, else from the homework's folder."""
        path = Path(self.source.name).parent / name
        return (
            str(path)
            if name.endswith((".yaml", ".yml")) and not Path(name).exists() and path.exists()
            else name
        )

    def settings(self, located: Located | None) -> dict[str, str]:
        if located is None:
            return {}
        if not isinstance(located, Mapping):
            self.problem(located.span, "set is a mapping of parameters to values")
            return {}
        return {key.text: value.text for key, value in located.entries if isinstance(value, Scalar)}

    def sizes(self, located: Located | None) -> str:
        """An input's sizes as written, or as a list."""
        if isinstance(located, Sequence):
            return "x".join(item.text for item in located.items if isinstance(item, Scalar))
        return (
            "" if located is None else located.text.strip() if isinstance(located, Scalar) else "?"
        )

    def whole(self, located: Located | None) -> int:
        if located is None:
            return 1
        text: Any = located.text if isinstance(located, Scalar) else ""
        if not (text.isascii() and text.isdigit() and 0 < int(text) < 10**9):
            self.problem(located.span, "batch is a whole number of at least 1")
            return 1
        return int(text)

    def layer(self, item: Mapping, subject: Subject, quantity: str) -> str | None:
        located = item.get("layer")
        layer = self.text(item, "layer") or TOTAL
        span = (located or item).span
        try:
            right = subject.task(layer, quantity).right
        except SpecError as error:
            self.problem(
                span, error.problems[0].message, error.problems[0].hint, error.problems[0].code
            )
            return None
        if right is None:
            self.problem(span, f"{layer} has no {quantity.replace('_', ' ')} to ask for")
            return None
        return layer


__all__ = ["KEYS", "QUESTION_KEYS", "Homework", "Question", "load_homework"]
