"""What cnncalc says in two languages: the English stands in the code, its Korean in `ko.yaml` beside this file.

    translate("{count} not shown", lang, count=3)

The English sentence is the key, so that the code reads as it speaks and English costs no look-up. A test holds that
every message has its Korean, with the same places for values.

Where a sentence is made long before anybody knows in which language it will be read (an op's note, a step of a
derivation), a `Phrase` travels in its place: an English text to everybody who does not ask.

    note = message("{layer} makes the shape", layer="conv5")
    said(note, "ko")
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, reduce
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "ko")
"""The languages that `--lang` takes."""

CATALOGUE = Path(__file__).with_name("ko.yaml")


def translate(message: str, lang: str = "en", /, **values: object) -> str:
    """Say a message in a language, with its values in place; English stands where the catalogue lacks it.

    Values that are messages are said in that language too.
    """
    if lang == "en":
        return message.format(**values) if values else message
    text = catalogue().get(message, message)
    if not values:
        return text
    return with_particles(
        text.format(**{name: said(value, lang) for name, value in values.items()})
    )


_PARTICLES = re.compile(
    r"(?<=([0-9가-힣]))(?:(은|이|을|과)\((는|가|를|와)\)|\((으|이)\)(?=로|라고))"
)
_NAMES_OF_DIGITS = "영일이삼사오육칠팔구"


def with_particles(text: str) -> str:
    """Choose the Korean particles that fit the numbers and words before them: `34,944은(는)` is `34,944는`.

    Behind Latin letters, whose sound is not known, both forms stay.
    """
    return _PARTICLES.sub(_particle, text) if "(" in text else text


def _particle(match: re.Match[str]) -> str:
    before, closed, open_, linking = match.groups()
    syllable = _NAMES_OF_DIGITS[int(before)] if before.isdigit() else before
    final = (ord(syllable) - ord("가")) % 28
    if linking:
        return "" if not final or (linking == "으" and final == _RIEUL) else linking
    return closed if final else open_


_RIEUL = 8
"""The place of ㄹ among the final consonants: 로 follows it as it follows a vowel."""


class Phrase(str):
    """A sentence and the values in it, which can be said in any language later; by itself it is the English text."""

    __slots__ = ("sentence", "values")

    sentence: str
    values: Mapping[str, object]

    def text(self, lang: str) -> str:
        """Say it in a language."""
        return translate(self.sentence, lang, **self.values)


def message(sentence: str, /, **values: object) -> Phrase:
    """Make a message of an English sentence of the catalogue with `{places}`, and what stands in them."""
    made = Phrase(translate(sentence, **values))
    made.sentence, made.values = sentence, values
    return made


def phrase(text: str) -> Phrase:
    """Return a message as it is, and make one of a plain sentence."""
    return text if isinstance(text, Phrase) else message(text)


def joined(texts: Sequence[Phrase], sentence: str, /) -> Phrase:
    """Join messages, one or more, two by two by a sentence of a `first` and a `second`."""
    return reduce(lambda first, second: message(sentence, first=first, second=second), texts)


def listed(texts: Sequence[str]) -> Phrase:
    """List texts, messages or not, one or more, with commas."""
    return joined([message("{text}", text=text) for text in texts], "{first}, {second}")


def said(text: Any, lang: str) -> Any:
    """Say a message in a language; whatever else it is, a name or a number, stays as it is."""
    return text.text(lang) if isinstance(text, Phrase) else text


def in_language(text: str, lang: str) -> str:
    """Say a message, or a plain sentence of the catalogue, in a language; what is neither stays as it is."""
    return text.text(lang) if isinstance(text, Phrase) else translate(text, lang)


@cache
def catalogue() -> dict[str, str]:
    """Read the Korean sentence for each English one."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    entries: dict[str, str] = yaml.load(CATALOGUE.read_text(encoding="utf-8"), Loader=loader)
    return entries


__all__ = [
    "LANGUAGES",
    "Phrase",
    "catalogue",
    "in_language",
    "joined",
    "listed",
    "message",
    "phrase",
    "said",
    "translate",
]
