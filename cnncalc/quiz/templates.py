"""Kinds of questions, read from `specs/quiz/templates.yaml`: small networks of random sizes, and what is asked of them.

A template may turn out unfit: where its sizes do not go together, or two slips give one number. Another is drawn then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from string import Template as Text
from typing import NamedTuple

from cnncalc.homework.slips import SLIPS
from cnncalc.ops.fields import Names, Template, compile_value
from cnncalc.quiz.seeded_random import SeededRandom
from cnncalc.spec.quantities import ASKED
from cnncalc.spec.shipped import data_files
from cnncalc.text.expressions import Environment, Value
from cnncalc.text.records import (
    MAPPING,
    SCALAR,
    TEXT,
    WRITTEN,
    Form,
    Key,
    Record,
    RecordFields,
    Schema,
    by_name,
    each,
    listed,
    refuse,
    whole,
    word,
    written,
    yes_or_no,
)
from cnncalc.text.source import Problem, Source, Span, SpecError
from cnncalc.text.suggest import suggest
from cnncalc.text.yaml_tree import Located, Mapping, Scalar, Sequence, read_source

_RANGE = re.compile(r"([0-9]{1,9})\.\.([0-9]{1,9})")

Lists = dict[str, tuple[int, ...]]


class DrawnQuestion(NamedTuple):
    """A question as drawn: the spec, on one line of YAML, and what is asked of which of its layers."""

    spec: str
    layer: str
    quantity: str
    batch: int
    dtype: str
    fits: bool | None
    inseparable: tuple[tuple[str, ...], ...]


class Draw(NamedTuple):
    """How one value is drawn: from `choices` of which `where` holds, with that value under the draw's own name.

    Not `is_drawn`, the only choice is worked out and takes no random number. Where `unless` holds it is `otherwise`.
    """

    name: str
    choices: tuple[Template, ...]
    is_drawn: bool
    where: Template | None = None
    unless: Template | None = None
    otherwise: Template | None = None

    def value(self, random: SeededRandom, env: Environment) -> Value:
        """Return the value, with those drawn before it in `env`."""
        if self.unless is not None and self.otherwise is not None and self.unless.evaluate(env):
            return self.otherwise.evaluate(env)
        values = [choice.evaluate(env) for choice in self.choices]
        if self.where is not None:
            values = [value for value in values if self.where.evaluate({**env, self.name: value})]
        return random.pick(values) if self.is_drawn else values[0]


class NetworkTemplate(NamedTuple):
    """A kind of small network: its draws in order, its spec with $NAME for what is drawn, and the layer to ask about.

    `inseparable` are slips that no sizes of it tell apart. `fits` wants every window to fit a whole number of times,
    or (False) one not to.
    """

    draws: tuple[Draw, ...]
    spec: str
    layer: str
    batch: str
    dtype: str
    fits: bool | None
    inseparable: tuple[tuple[str, ...], ...]


class QuestionTemplate(NamedTuple):
    """A quantity to ask of a kind of network; its name is as written, such as `params of conv`."""

    name: str
    quantity: str
    network: NetworkTemplate

    def draw(self, random: SeededRandom) -> DrawnQuestion:
        """Draw the sizes."""
        network = self.network
        env: dict[str, Value] = {}
        for draw in network.draws:
            env[draw.name] = draw.value(random, env)
        spec, batch, dtype = (
            Text(text).substitute(env) for text in (network.spec, network.batch, network.dtype)
        )
        return DrawnQuestion(
            spec, network.layer, self.quantity, int(batch), dtype, network.fits, network.inseparable
        )


class QuizTemplates(NamedTuple):
    """What a quiz may ask, by level, and the slips that some sizes do not tell apart."""

    levels: dict[int, tuple[QuestionTemplate, ...]]
    inseparable: tuple[tuple[str, ...], ...]


# --- reading ---------------------------------------------------------------------------------------------------------


DRAW = Record(
    "a draw",
    Key(
        "from",
        written({"type": ["string", "integer", "array"]}),
        "a list, FIRST..LAST or a list's name to draw from, or an expression",
        required=True,
        example="such as from: [3, 5, 7]",
    ),
    Key("where", WRITTEN, "a condition that what may be drawn meets, such as pad < kernel"),
    Key("unless", WRITTEN, "a condition under which nothing is drawn"),
    Key("otherwise", WRITTEN, "the value then"),
    bare="from",
)


def _draws(located: Mapping | None, lists: Lists, problems: list[Problem]) -> tuple[Draw, ...]:
    """Read the draws of a template; each sees those before it."""
    draws: list[Draw] = []
    for key, value in located.entries if located is not None else ():
        fields = DRAW.read(value, problems)
        if fields is not None and fields.complete:
            names = frozenset(draw.name for draw in draws)
            draws.append(_draw(key.text, fields, lists, names, problems))
    return tuple(draws)


def _draw(
    name: str, fields: RecordFields, lists: Lists, names: frozenset[str], problems: list[Problem]
) -> Draw:
    def compiled(key: str, known: frozenset[str]) -> Template | None:
        located = fields[key]
        return None if located is None else compile_value(located, Names(known), problems)

    if (fields["unless"] is None) != (fields["otherwise"] is None):
        span = fields.span_of("unless", "otherwise")
        hint = "such as unless: stride == 1, otherwise: 4 * width"
        problems.append(Problem(span, "value", "unless and otherwise go together", hint))
    choices = _choices(fields["from"], lists, names, problems)
    return Draw(
        name,
        (compile_value(fields["from"], Names(names), problems),) if choices is None else choices,
        choices is not None,
        compiled("where", names | {name}),
        compiled("unless", names),
        compiled("otherwise", names),
    )


def _choices(
    located: Located, lists: Lists, names: frozenset[str], problems: list[Problem]
) -> tuple[Template, ...] | None:
    """Read what is drawn from; None where it is an expression."""
    if isinstance(located, Sequence):
        return compile_value(located, Names(names, words=True), problems).items
    text = located.text.strip() if isinstance(located, Scalar) else ""
    ends = _RANGE.fullmatch(text)
    if ends is None and text not in lists:
        return None
    values = range(int(ends[1]), int(ends[2]) + 1) if ends else lists[text]
    if not values:
        refuse(located, problems, f"{text} has no numbers", "such as 12..64")
    return tuple(Template(located, value) for value in values)


TEMPLATE = Record(
    "a template",
    Key(
        "draw",
        Form(MAPPING.read, by_name(DRAW.form).schema),
        "how each value is drawn, in order",
        required=True,
    ),
    Key("spec", TEXT, "the network, with $NAME for what is drawn", "", required=True),
    Key("layer", TEXT, "the layer or block that is asked about, or total", "", required=True),
    Key("batch", TEXT, "examples in a batch, for memory", "1"),
    Key("dtype", TEXT, "the type of its numbers, for memory", "float32"),
    Key(
        "fits",
        yes_or_no("fits is true or false"),
        "whether every window fits a whole number of times",
    ),
    Key("inseparable", each(TEXT), "slips that no sizes of it tell apart", ()),
    missing="a template needs {}",
)
QUIZ = Record(
    "a quiz's templates",
    Key(
        "lists",
        by_name(each(whole("a list is of whole numbers, such as [3, 5, 7]"))),
        "lists that draws name",
        {},
    ),
    Key(
        "inseparable",
        by_name(each(word(SLIPS, "there is no slip '{}'"))),
        "slips that some sizes do not tell apart, by a name that templates use",
        {},
    ),
    Key(
        "levels",
        listed(
            listed(SCALAR, "a level is a list of questions", "such as [params of conv]"),
            "levels are a list, of a list of questions each",
        ),
        "the questions of each level, from 1 on: QUANTITY of TEMPLATE",
        (),
        required=True,
        example="such as levels: [[params of conv]]",
    ),
    Key(
        "templates",
        by_name(TEMPLATE.form),
        "the networks that are asked about",
        {},
        required=True,
        example="such as templates: {conv: {...}}",
    ),
)


def _network(fields: RecordFields, file: RecordFields, problems: list[Problem]) -> NetworkTemplate:
    """Read a template; `file` has the lists and slips that it names."""
    draws = _draws(fields["draw"], file["lists"], problems)
    names = [key.text for key, _ in fields["draw"].entries] if fields["draw"] else []
    for key in ("spec", "batch", "dtype"):
        problems += _unfilled(Text(fields[key]), names, fields.span_of(key))
    known = file["inseparable"]
    for name in (name for name in fields["inseparable"] if name not in known):
        message, hint = f"no inseparable slips are called '{name}'", suggest(name, known)
        problems.append(Problem(fields.span_of("inseparable"), "name", message, hint))
    return NetworkTemplate(
        draws,
        fields["spec"],
        fields["layer"],
        fields["batch"],
        fields["dtype"],
        fields["fits"],
        tuple(known[name] for name in fields["inseparable"] if name in known),
    )


def _unfilled(text: Text, names: list[str], span: Span) -> Iterator[Problem]:
    """Find the names in a text that are not drawn, and dollar signs without a name."""
    for name in (name for name in text.get_identifiers() if name not in names):
        hint = suggest(name, names, "it can be {}")
        yield Problem(span, "name", f"${name} is not drawn", hint)
    if not text.is_valid():
        yield Problem(span, "name", "a $ without a name", "a dollar sign itself is $$")


def _questions(
    items: tuple[Scalar, ...], networks: dict[str, NetworkTemplate], problems: list[Problem]
) -> tuple[QuestionTemplate, ...]:
    """Read the questions of a level."""
    questions = []
    for item in items:
        quantity, _, name = item.text.strip().partition(" of ")
        if quantity not in ASKED:
            message = f"there is no quantity '{quantity}'"
            refuse(item, problems, message, suggest(quantity, ASKED, "it can be {}"))
        elif name not in networks:
            message = f"there is no template '{name}'"
            refuse(item, problems, message, suggest(name, networks, "there are {}"))
        else:
            questions.append(QuestionTemplate(item.text.strip(), quantity, networks[name]))
    return tuple(questions)


def read_templates(source: Source) -> QuizTemplates:
    """Read a file of templates. Raises SpecError with all that is wrong with it."""
    file, problems = QUIZ.read_file(source)
    networks = {
        name: _network(template, file, problems) for name, template in file["templates"].items()
    }
    levels = {
        level: _questions(items, networks, problems)
        for level, items in enumerate(file["levels"], start=1)
    }
    if problems:
        raise SpecError(problems)
    return QuizTemplates(levels, tuple(file["inseparable"].values()))


@cache
def quiz_templates() -> QuizTemplates:
    """Read the templates that ship."""
    return read_templates(read_source(data_files("quiz")["templates"]))


def schema() -> Schema:
    """Give the JSON Schema of a file of templates."""
    return QUIZ.document_schema("cnncalc quiz templates")
