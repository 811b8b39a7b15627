"""What grammars share: numbers as people write them, hostile signs, and how a text or bytes are spoilt."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

Make = Callable[[random.Random, Path], list[str]]
"""A grammar: it writes the files that it needs into the folder, and returns the command line."""

# fmt: off
NUMBERS = (
    "0", "1", "2", "3", "5", "7", "11", "64", "-1", "1.5", "1/2", "9" * 30, "1e9", "010", "", "x", "3x3", "[1,2]",
    "same", "\u0663", "0x10", "1_000", "nan", "inf", "-0", "1e400", "٣٤", "½", "²", "null", "true",
    "1e999999999", "1/0", "1e-999",
)
NASTY = (
    "\x1b[31m", "\x00", "\u202e", "\u200b", "\ud7ff", "\ufeff", "\x85", "\u2028", "=1+1", "<script>", "\\input{x}",
    "'", '"', "\n", "\r", "\t", "{", "}", "[", "]", "&a", "*a", "|", ">", "#", "%", ":", ",", ";", "- ", "!!int", "<<",
    "../", "한글", "😀", "e\u0301", "\udcff", " " * 300, "a" * 5000,
)
QUANTITIES = (
    "params", "weights", "output", "macs", "flops", "memory", "activations", "biases", "receptive_field",
)
# fmt: on
TOKENS = re.compile(r"[\w.]+|\s+|[^\w\s]")


def number(rng: random.Random) -> str:
    """Return a number as people write it, or what they write for one."""
    plain = str(rng.choice((rng.randrange(10), rng.randrange(10**6), rng.randrange(10**12))))
    forms = (
        plain, f"{int(plain):,}", plain + rng.choice(("K", "M", "G", "Ki", "MB", "GiB", " MACs", "만", "억")),
        f"{rng.random() * 1000:.3f}M", f"{plain}*{rng.randrange(20)}+{rng.randrange(9)}", f"{plain} = {plain}",
        "x".join(str(rng.randrange(300)) for _ in range(rng.randrange(1, 5))), rng.choice(NUMBERS), rng.choice(NASTY),
        f"({rng.randrange(99)}, {rng.randrange(99)}, None)", f"torch.Size([{rng.randrange(9)}, {rng.randrange(99)}])",
    )  # fmt: skip
    return rng.choice(forms)


def spoiled(rng: random.Random, text: str, chance: float = 0.25) -> str:
    """Return the text, with this chance in a few places changed."""
    if rng.random() >= chance or not text:
        return text
    return rng.choice((with_signs, with_tokens, with_lines))(rng, text)


def with_signs(rng: random.Random, text: str) -> str:
    """Return the text with a few characters taken out, and others in their place."""
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(text) + 1)
        put = rng.choice((rng.choice(NASTY), rng.choice(NUMBERS), text[at : at + 20]))
        text = text[:at] + put + text[at + rng.randrange(6) :]
    return text


def with_tokens(rng: random.Random, text: str) -> str:
    """Return the text with a few words or signs repeated, left out, or exchanged for others of it."""
    tokens = TOKENS.findall(text) or ["x"]
    for _ in range(rng.randrange(1, 4)):
        at, other = rng.randrange(len(tokens)), rng.randrange(len(tokens))
        how = rng.randrange(5)
        if how == 0 and len(tokens) > 1:
            del tokens[at]
        elif how == 1:
            tokens.insert(at, tokens[other])
        elif how == 2:
            tokens[at] = rng.choice(NUMBERS)
        else:
            tokens[at], tokens[other] = tokens[other], tokens[at]
    return "".join(tokens)


def with_lines(rng: random.Random, text: str) -> str:
    """Return the text with a line repeated, left out, moved, or cut."""
    lines = text.split("\n")
    at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    how = rng.randrange(4)
    if how == 0 and len(lines) > 1:
        del lines[at]
    elif how == 1:
        lines.insert(at, lines[other])
    elif how == 2:
        lines[at], lines[other] = lines[other], lines[at]
    else:
        lines[at] = lines[at][: rng.randrange(len(lines[at]) + 1)]
    return "\n".join(lines)


def spoiled_bytes(rng: random.Random, data: bytes, chance: float = 0.5) -> bytes:
    """Return the bytes, with this chance some of them changed, repeated, or cut off."""
    raw = bytearray(data)
    if rng.random() >= chance or not raw:
        return data
    how = rng.randrange(4)
    if how < 2:
        for _ in range(rng.randrange(1, 9)):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
    elif how == 2:
        at, other = rng.randrange(len(raw)), rng.randrange(len(raw))
        raw[at:at] = raw[other : other + rng.randrange(1, 64)]
    else:
        del raw[rng.randrange(len(raw)) :]
    return bytes(raw)


def write(folder: Path, name: str, text: str | bytes) -> str:
    """Write an input file; its path."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else as_bytes(text))
    return str(path)


def as_bytes(text: str) -> bytes:
    """Return a text as UTF-8; what a byte outside it stood for is that byte again."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def as_word(text: str) -> str:
    """Return a text as it can stand in a command line: with no zero byte."""
    return text.replace("\0", "")


def mostly(
    rng: random.Random, usual: Sequence[str], odd: Sequence[str] = NUMBERS, chance: float = 0.04
) -> str:
    """Return one of the usual values, with this chance one of the others."""
    return rng.choice(odd if rng.random() < chance else usual)


def options(rng: random.Random, known: Sequence[tuple[str, ...]], chance: float = 0.4) -> list[str]:
    """Return some of the options, each with its value if it has one."""
    return [word for words in known if rng.random() < chance for word in words]
