"""What cnncalc says in two languages: the English stands in the code, its Korean in `ko.yaml` beside this file.

    translate("{count} not shown", lang, count=3)

The English sentence is the key, so that the code reads as it speaks and English costs no look-up. A test holds that
every message has its Korean, with the same places for values.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

LANGUAGES = ("en", "ko")
"""The languages that `--lang` takes."""

CATALOGUE = Path(__file__).with_name("ko.yaml")


def translate(message: str, lang: str = "en", /, **values: object) -> str:
    """Say a message in a language, with its values in place; English stands where the catalogue lacks it."""
    text = message if lang == "en" else catalogue().get(message, message)
    return text.format(**values) if values else text


@cache
def catalogue() -> dict[str, str]:
    """Read the Korean sentence for each English one."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    entries: dict[str, str] = yaml.load(CATALOGUE.read_text(encoding="utf-8"), Loader=loader)
    return entries


__all__ = ["LANGUAGES", "catalogue", "translate"]
