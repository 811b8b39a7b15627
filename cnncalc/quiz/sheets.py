"""From a quiz, or from a homework of one's own, to the sheet that every format is written from.

What a sheet takes for right, and what it says to a wrong answer, is what `cnncalc check` says: each is graded here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cnncalc.counts.printed import index
from cnncalc.exports.sheet import AskedQuestion, DrawnFrom, QuestionSheet, Response, RightAnswer
from cnncalc.homework.grade import FULL_MARKS, GradedCell, mark_alone
from cnncalc.homework.questions import Homework, Question, is_accepted
from cnncalc.homework.report import UNEXPLAINED, Telling, derivation, hint
from cnncalc.homework.shared import question_lines as own_lines
from cnncalc.homework.variant import Value
from cnncalc.quiz.from_network import layer_question
from cnncalc.quiz.prove import Item, Quiz, Wrong, in_order, names_answer, offered
from cnncalc.quiz.question_text import question_lines as drawn_lines
from cnncalc.quiz.style import Style
from cnncalc.quiz.wording import Wording, asked_of, network_fact, show_answer
from cnncalc.spec.part import TOTAL
from cnncalc.text.exact import half
from cnncalc.text.numbers import WrittenNumber, read_number


def quiz_sheet(quiz: Quiz, style: Style, *, has_answers: bool = True) -> QuestionSheet:
    """Make the sheet of a quiz; one for a format without answers need not say how they come about."""
    asked = tuple(_drawn(quiz, number, style, has_answers) for number in range(len(quiz.items)))
    title = style.quiz_title(quiz.student)
    return QuestionSheet(title, asked, style.lang, quiz.student, UNEXPLAINED.text(style.lang))


def _drawn(quiz: Quiz, number: int, style: Style, has_answers: bool) -> AskedQuestion:
    """Put a question of a quiz on a sheet."""
    item = quiz.items[number]
    words, choices = _words(item.wording, style.lang), item_choices(item, style)
    asked = _asked(item.question, words, choices)
    if has_answers:
        asked = _told(asked, item.question, style.lang)
        asked = asked._replace(homework=_homework_text(drawn_lines(item, style.lang)))
    drawn = DrawnFrom(quiz.seed, quiz.level, number, quiz.student)
    return asked._replace(drawn=None if quiz.network else drawn)


def _homework_text(lines: Iterable[str]) -> str:
    """Write a homework file of one question."""
    return "\n".join(("questions:", *lines)) + "\n"


def item_choices(item: Item, style: Style) -> tuple[str, ...]:
    """Return the choices of a quiz's question as it is shown; none where the answer is written."""
    offers = style.offers(prefers_choices=item.prefers_choices, is_shape=item.is_shape)
    return tuple(item.choices) if item.offered and offers else ()


def homework_sheet(homework: Homework, style: Style) -> QuestionSheet:
    """Make the sheet of a homework; a question without a text is put in words as a quiz does."""
    asked = tuple(_own(question, style) for question in homework.questions)
    title = style.homework_title(homework.title)
    return QuestionSheet(title, asked, style.lang, "", UNEXPLAINED.text(style.lang))


def _own(question: Question, style: Style) -> AskedQuestion:
    """Put a question of a homework on a sheet."""
    wording = _own_wording(question)
    *facts, asked, form = _words(wording, style.lang)
    if question.text.strip():
        *facts, asked = (" ".join(line.split()) for line in question.text.strip().splitlines())
    answer = _text(question, question.keyed.right or 0)
    choices: tuple[str, ...] = ()
    if style.offers(prefers_choices=False, is_shape="x" in answer):
        distinct = [
            Wrong(response.text, response.slips) for response in _responses(question, style.lang)
        ]
        words = question.text or wording.text("en")
        texts = [wrong.text for wrong in offered(question, words, distinct)]
        choices = tuple(in_order((answer, *texts))) if texts else ()
    put = _told(_asked(question, (*facts, asked, form), choices), question, style.lang)
    return put._replace(homework=_homework_text(own_lines(question)))


def _own_wording(question: Question) -> Wording:
    """Put a homework's question in words: the network, the layer where words can say it, what is asked."""
    answer_key = question.answer_key
    net, right = answer_key.net, question.keyed.right
    assert right is not None
    report = answer_key.report
    asked, form = asked_of(question.layer, question.quantity, right, report.batch, report.dtype)
    described = layer_question(net, question.layer, question.quantity)
    wording = Wording(described.facts(net) if described is not None else (), asked, form)
    if not wording.facts or names_answer(wording, show_answer(question.quantity, right)):
        return Wording((network_fact(net.title, net.graph.input),), asked, form)
    return wording


def _words(wording: Wording, lang: str) -> tuple[str, ...]:
    """Return the facts, what is asked, and the form of the answer."""
    said = (*wording.facts, wording.asked, wording.form)
    return tuple(message.text(lang) for message in said)


def _asked(question: Question, words: tuple[str, ...], choices: tuple[str, ...]) -> AskedQuestion:
    """Put a question with its words and choices on a sheet."""
    *facts, asked, form = words
    assert question.keyed.right is not None
    right = (RightAnswer(_text(question, question.keyed.right)),)
    name, points = question.id or "", question.points
    return AskedQuestion(name, tuple(facts), asked, form, right, (), choices, points)


def _told(asked: AskedQuestion, question: Question, lang: str) -> AskedQuestion:
    """Add all that is right to a question on a sheet, what is said to wrong answers, and the derivation."""
    right = asked.right if asked.choices else tuple(_right(question))
    if asked.choices:
        said = [_response(question, text, lang) for text in asked.choices if text != asked.answer]
    else:
        said = [
            response for response in _responses(question, lang) if not _is_right(response, right)
        ]
    derived = derivation(question, lang)
    return asked._replace(right=right, responses=tuple(said), derivation=derived)


# --- what is right --------------------------------------------------------------------------------------------------


def _right(question: Question) -> Iterator[RightAnswer]:
    """Yield the right answer, then what else gets full marks: another order, an accepted convention or source."""
    keyed = question.keyed
    assert keyed.right is not None
    yield RightAnswer(_text(question, keyed.right))
    if isinstance(keyed.right, tuple) and "x" in _text(question, keyed.right):
        other = (*keyed.right[-1:], *keyed.right[:-1])
        if (
            other != keyed.right
            and mark_alone(question, _text(question, other)).status in FULL_MARKS
        ):
            yield RightAnswer(_text(question, other))
    counted = keyed.key.alternatives(question.layer, question.quantity) if question.accept else {}
    values = [counted[name] for name in question.accept if name in counted]
    texts = [_text(question, value) for value in values if _can_be_written(value)]
    for text in dict.fromkeys((*texts, *_printed(question))):
        if mark_alone(question, text).status in FULL_MARKS and text != _text(question, keyed.right):
            yield _as_right(text)


def _printed(question: Question) -> Iterator[str]:
    """Yield what the sources that a question accepts print for it."""
    for known in index().values() if question.accept else ():
        for printing in known.printings:
            here = printing.place == question.layer and printing.quantity == question.quantity
            if here and is_accepted(printing, question.accept):
                yield printing.text
        if known.name in question.accept and question.layer == TOTAL:
            yield from (
                f"{value:,}" for name, value in known.totals.items() if name == question.quantity
            )


def _as_right(text: str) -> RightAnswer:
    """Read a number as it is printed: in full, with half of a unit of its last digit as tolerance."""
    number = _number(text)
    if number is None:
        return RightAnswer(text)
    return RightAnswer(f"{number.value:,}", half(number.step))


def _number(text: str) -> WrittenNumber | None:
    """Read a number; None for a shape."""
    return None if "x" in text else read_number(text)


def _is_right(response: Response, right: Iterable[RightAnswer]) -> bool:
    """Whether an answer that a slip gives is within the tolerance of a right one."""
    given = _number(response.text)
    for accepted in right:
        known = _number(accepted.text)
        if given is None or known is None:
            if response.text == accepted.text:
                return True
        elif -accepted.tolerance <= given.value - known.value <= accepted.tolerance:
            return True
    return False


# --- what is said to wrong answers ----------------------------------------------------------------------------------


def _responses(question: Question, lang: str) -> Iterator[Response]:
    """Yield a response to each number that a slip of the quantity's own, or a convention, gives."""
    keyed = question.keyed
    counted = keyed.key.alternatives(question.layer, question.quantity)
    for value in dict.fromkeys((*keyed.own.by_value, *counted.values())):
        if not _can_be_written(value):
            continue
        cell = mark_alone(question, _text(question, value))
        diagnosis = cell.diagnosis
        is_explained = bool(diagnosis.slips or diagnosis.convention or diagnosis.where)
        if is_explained and cell.status not in FULL_MARKS:
            yield _said(cell, lang)


def _response(question: Question, text: str, lang: str) -> Response:
    """Return what is said to one wrong answer."""
    return _said(mark_alone(question, text), lang)


def _said(cell: GradedCell, lang: str) -> Response:
    message = hint(cell, Telling(hints=True, lang=lang))
    return Response(cell.answer.text, message, cell.diagnosis.slips, cell.credit)


def _text(question: Question, value: Value) -> str:
    return show_answer(question.quantity, value)


def _can_be_written(value: Value) -> bool:
    """Whether a wrong answer is a whole number, or sizes, that somebody may write."""
    if isinstance(value, tuple):
        return min(value, default=0) >= 0
    return value >= 0 and value.denominator == 1


__all__ = ["homework_sheet", "item_choices", "quiz_sheet"]
