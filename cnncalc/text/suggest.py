"""What to say about a word that is not known, and how to list names that may be many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from cnncalc.text.messages import joined, message

MAX_WORD = 60
"""Nothing is looked for that is near a longer text: it is not a name mistyped."""
_NO_ALIASES: Mapping[str, str] = {}


def suggest(
    word: str, known: Iterable[str], otherwise: str = "", aliases: Mapping[str, str] = _NO_ALIASES
) -> str:
    """Suggest what was meant: `did you mean 'conv'?`, or `otherwise`, where `{}` stands for all known names.

    `aliases` gives the known name for words in lower case that people use for it elsewhere.
    """
    names = tuple(dict.fromkeys(known))
    meant = aliases.get(word.lower()) or nearest(word, names)
    if meant:
        return did_you_mean(meant)
    return message(otherwise.replace("{}", "{names}"), names=", ".join(names))


def suggest_any(
    word: str, known: Iterable[str], otherwise: str, aliases: Mapping[str, str] = _NO_ALIASES
) -> str:
    """Suggest up to three names, such as those of layers: `did you mean conv1 or conv2?`, or `otherwise`.

    `aliases` gives the name for those known that are other words for one.
    """
    close = dict.fromkeys(aliases.get(name, name) for name in nearest_all(word, known, 6))
    return did_you_mean_any(list(close)[:3]) if close else otherwise


def did_you_mean(name: str) -> str:
    """Ask whether a name was meant."""
    return message("did you mean '{name}'?", name=name)


def did_you_mean_any(names: Sequence[str]) -> str:
    """Ask whether one of several names was meant."""
    either = joined([message("{name}", name=name) for name in names], "{first} or {second}")
    return message("did you mean {names}?", names=either)


def listing(names: Sequence[str], most: int) -> str:
    """List names, with how many are left out past the first `most`: `a, b and 4 more`."""
    more = len(names) - most
    shown = ", ".join(names[:most])
    return message("{names} and {more} more", names=shown, more=more) if more > 0 else shown


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Find the known name closest to `word` in spelling, or None; `cutoff` is from 0 (any) to 1 (equal)."""
    close = nearest_all(word, known, 1, cutoff)
    return close[0] if close else None


def nearest_all(word: str, known: Iterable[str], most: int = 3, cutoff: float = 0.6) -> list[str]:
    """Find up to `most` known names close to `word` in spelling, the closest first."""
    if len(word) > MAX_WORD:
        return []
    return _close_matches(word.lower(), tuple(known), most, cutoff)


@lru_cache(maxsize=64)
def _close_matches(word: str, known: tuple[str, ...], most: int, cutoff: float) -> list[str]:
    """Find the names closest to a word; of names equally close the first come first."""
    import difflib

    by_fold = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word, list(by_fold), len(by_fold) or 1, cutoff=cutoff)
    order = {name: place for place, name in enumerate(by_fold)}

    def distance(name: str) -> tuple[float, int]:
        matcher = difflib.SequenceMatcher(None, name, word)
        return -matcher.ratio(), order[name]

    return [by_fold[name] for name in sorted(close, key=distance)[:most]]
