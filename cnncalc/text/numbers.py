"""Numbers and shapes as people write them, to exact values with their written precision, and back.

`61.1M` is not 61,100,000: it stands for 61,050,000 to 61,150,000, half of its last digit either way, both ends in.
A number in full (`34,944`, also `61,000,000`) stands for itself alone. What cannot be read raises ValueError, with a
sentence for whoever wrote it. Nothing is calculated: of `(3*3*3)*64 = 1,728` the right side is read, the left one kept.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from cnncalc.text.exact import Exact, half, ratio, whole

Match = Literal["exact", "rounded", "cut"]
Style = Literal["full", "short", "MB", "MiB"]
Base = Literal[1000, 1024]

LONGEST_TEXT = 200
LARGEST_POWER = 30
MOST_AXES = 8

_LATEX = {
    r"\times": "×",
    r"\cdot": "×",
    r"\approx": "≈",
    r"\sim": "~",
    r"\to": "→",
    r"\rightarrow": "→",
    r"\,": " ",
}
_LATEX |= dict.fromkeys((r"\text", r"\mathrm", r"\mathbf", r"\left", r"\right"), "")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_SIGNS: dict[int, int | None] = {
    wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)
}  # full-width ASCII
_SIGNS |= str.maketrans("−✕✖⨯∗⋅·≃≅≒∼’ʼ′", "-××××××≈≈≈~'''", "${}\u200b\u2060\ufeff")
_RELATION = re.compile(r"(.*)(=>|[=≈→⇒])(.*)")  # the last one
_ABOUT = re.compile(
    r"^(?:약|대략|about|approximately|approx\.?|around|ca\.?|~) ?(?=[-+.0-9])", re.IGNORECASE
)
_FRACTION = re.compile(r"([+-]?[0-9]+) ?/ ?(0*[1-9][0-9]*)")
_NUMBER = re.compile(
    r"(?P<sign>[+-]?) ?"
    r"(?P<whole>[1-9][0-9]{0,2}(?P<mark>[, '_])[0-9]{3}(?:(?P=mark)[0-9]{3})*(?![0-9])|[0-9]+|(?=\.[0-9]))"
    r"(?:\.(?P<decimals>[0-9]*))?"
    r"(?:(?:e| ?[x×*] ?10 ?(?:\^|\*\*) ?)(?P<exponent>[+-]?[0-9]+))?"
    r" ?(?P<rest>.*)",
    re.IGNORECASE,
)
_CALCULATION = re.compile(r"[\w)\]] ?[x×*/+^-] ?[0-9(]|[(\[]", re.IGNORECASE)
_BY = re.compile(r" ?(?:(?<![a-wyz])x|[×*]) ?", re.IGNORECASE)
_AXIS = re.compile(r"[1-9][0-9]*|[1-9][0-9]{0,2}(?:,[0-9]{3})+")

_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
_SUFFIXES = {"": "", "thousand": "K", "million": "M", "billion": "G", "trillion": "T"}
_SUFFIXES |= {suffix.lower(): suffix for suffix in ("Ki", "Mi", "Gi", "Ti", "K", "M", "G", "T")}
_UNIT_WORDS = {
    "": "개",
    "bytes": "b byte bytes 바이트",
    "FLOPs": "flop flops",
    "MACs": "mac macs madd madds mult-add mult-adds multiply-add multiply-adds",
    "ops": "op ops operation operations 연산",
    "params": "param params parameter parameters 파라미터 매개변수",
    "weights": "weight weights 가중치",
    "biases": "bias biases 편향",
    "values": "value values element elements node nodes neuron neurons 노드 뉴런",
}
_UNITS = {"": ""} | {word: unit for unit, words in _UNIT_WORDS.items() for word in words.split()}


class Written(NamedTuple):
    """A number as written: its exact value, and how much of it the writing claims."""

    text: str
    value: Exact
    step: Exact  # one unit of the last digit written; 0 for a number in full
    suffix: str = ""  # K M G T (powers of 1000) or Ki Mi Gi Ti (of 1024)
    unit: str = ""  # a key of _UNIT_WORDS
    working: str = ""  # what stands before the last relation sign
    approximate: bool = False  # written with "about", "약", "~" or "≈"; it widens nothing

    @property
    def full(self) -> bool:
        """Whether the number is written in full, and so is exact."""
        return not self.step

    @property
    def half(self) -> Exact:
        """Half of one unit of the last digit written."""
        return half(self.step)

    @property
    def low(self) -> Exact:
        """The least value that rounds to what is written; it is accepted itself."""
        return whole(self.value - self.half)

    @property
    def high(self) -> Exact:
        """The greatest value that rounds to what is written; it is accepted itself."""
        return whole(self.value + self.half)

    @property
    def cut_low(self) -> Exact:
        """The lower end of what is cut to the digits written: the value itself where it is positive."""
        return self.value if self.value > 0 else whole(self.value - self.step)

    @property
    def cut_high(self) -> Exact:
        """The upper end of what is cut to the digits written; a positive number's is the first that is not."""
        return self.value if self.value < 0 else whole(self.value + self.step)

    def with_base(self, base: Base) -> Written:
        """Read the same digits with a suffix that is a power of `base`: `Ki` for `K`, or the other way round."""
        suffix = self.suffix[:1] + ("i" if base == 1024 and self.suffix else "")
        new, old = _multiplier(suffix), _multiplier(self.suffix)
        value = ratio(self.value * new, old)
        step = ratio(self.step * new, old)
        return self._replace(value=value, step=step, suffix=suffix)


def read_number(text: str) -> Written:
    """Read one number: `34,944`, `61.1M`, `3.8×10⁹`, `4.13 GFLOPs`, `약 112.9M`, `(3*3*3)*64 = 1,728`, `25/18`."""
    working, relation, answer = _answer(text)
    number = _ABOUT.sub("", answer)
    if parts := _FRACTION.fullmatch(number):
        written = Written(text, ratio(int(parts[1]), int(parts[2])), 0)
    else:
        written = Written(text, *_suffixed(number, relation))
    _bounded(number, written.value)
    return written._replace(working=working, approximate=number != answer or relation == "≈")


def matches(written: Written, exact: Exact, base: Base | None = None) -> Match | None:
    """Say how `exact` gives the number written, or None; `base` reads the suffix as a power of 1000 or 1024.

    "rounded": within half of the last digit, both ends in. "cut": truncated towards zero it has the digits written.
    """
    if base:
        written = written.with_base(base)
    if exact == written.value:
        return "exact"
    if written.low <= exact <= written.high:
        return "rounded"
    return "cut" if written.cut_low < exact < written.cut_high else None


def distance(written: Written, exact: Exact) -> float:
    """How far the number written is from `exact`, as a part of it: 0.01 is one percent too much."""
    difference = written.value - exact
    if not exact:
        return float("inf") * difference if difference else 0.0
    return float(difference / exact if exact > 0 else difference / -exact)


def read_shape(text: str) -> tuple[int, ...]:
    """Read a shape in the order written: `55×55×96`, `(55, 55, 96)`, `[96,55,55]`, `55 55 96`, `6@28x28`, `4096`."""
    _, relation, answer = _answer(text)
    if not answer:
        raise ValueError(_missing("a shape such as 55x55x96", relation))
    pieces = _axes(answer)
    if len(pieces) > MOST_AXES:
        raise ValueError(f"{_quoted(answer)} has {len(pieces)} axes; the limit is {MOST_AXES}")
    for piece in pieces:
        if not _AXIS.fullmatch(piece):
            what = (
                f"{_quoted(piece)} is not a positive whole number"
                if piece
                else "an axis is missing"
            )
            raise ValueError(f"{_quoted(answer)} is not a shape such as 55x55x96: {what}")
    shape = tuple(int(piece.replace(",", "")) for piece in pieces)
    _bounded(answer, max(shape))
    return shape


def format_number(value: Exact, style: Style = "full", digits: int = 3) -> str:
    """Write a number: "full" `61,100,840` or `25/18`, "short" `61.1M`, "MB" `60.95 MB`, "MiB" `58.1 MiB`.

    `digits` significant ones; more where the whole part needs them, because a 0 for a digit unknown would claim it.
    """
    if style == "full":
        return (
            f"{value.numerator:,}"
            if value.denominator == 1
            else f"{value.numerator}/{value.denominator}"
        )
    if style not in ("short", "MB", "MiB"):
        raise ValueError(f"'{style}' is not a style of number: full, short, MB or MiB")
    sign, size = ("-", -value) if value < 0 else ("", value)
    base = 1024 if style == "MiB" else 1000
    power = next((power for power in range(4) if size < base ** (power + 1)), 4)
    number = _rounded(size, base**power, digits)
    if power < 4 and number.partition(".")[0] == f"{base:,}":  # 999,999 is 1.00M, not 1,000K
        power += 1
        number = _rounded(size, base**power, digits)
    suffix = list(_POWERS)[power]
    if style == "short":
        return sign + number + suffix
    return f"{sign}{number} " + (f"{suffix}{style[1:]}" if power else "bytes")


def _answer(text: str) -> tuple[str, str, str]:
    """The text in plain signs as the working, the last relation sign, and the answer after it."""
    if len(text) > LONGEST_TEXT:
        raise ValueError(
            f"{_quoted(text)} is {len(text)} characters long; the limit is {LONGEST_TEXT}"
        )
    plain = re.sub(
        r"\\(?:[a-z]+|,)", lambda command: _LATEX.get(command[0], command[0]), text
    ).translate(_SIGNS)
    plain = re.sub("[⁰¹²³⁴-⁹⁺⁻]+", lambda power: "^" + power[0].translate(_SUPERSCRIPTS), plain)
    plain = " ".join(plain.split()).replace("~=", "≈")
    plain = re.sub(r"^(\*\*|`) ?(.*?) ?\1$", r"\2", plain)  # Markdown
    sides = _RELATION.fullmatch(plain)
    return (sides[1].strip(), sides[2], sides[3].strip()) if sides else ("", "", plain)


def _suffixed(number: str, relation: str) -> tuple[Exact, Exact, str, str]:
    """The value of a number, of one unit of its last digit (0 where it is in full), its suffix and its unit."""
    match = _NUMBER.fullmatch(number)
    known = _suffix_and_unit(match["rest"]) if match else None
    if not match or not known:
        raise ValueError(_why_not(number, relation, match["rest"] if match else ""))
    decimals, exponent = match["decimals"] or "", int(match["exponent"] or 0)
    if abs(exponent) > LARGEST_POWER or len(decimals) > LARGEST_POWER:
        raise ValueError(_too_far(number))
    coefficient = int(match["sign"] + re.sub("[^0-9]", "", match["whole"]) + decimals)
    power = exponent - len(decimals)
    numerator, denominator = _multiplier(known[0]) * 10 ** max(power, 0), 10 ** max(-power, 0)
    value = ratio(coefficient * numerator, denominator)
    if match["rest"] == "B" and value.denominator != 1:
        raise ValueError(_no_billion(number))
    full = not (decimals or known[0] or match["exponent"])
    return value, 0 if full else ratio(numerator, denominator), *known


def _suffix_and_unit(rest: str) -> tuple[str, str] | None:
    """What `GFLOPs` says: G and FLOPs. None for a word unknown; `Mb` is megabits, though `mb` is only careless."""
    for spelling, suffix in _SUFFIXES.items():
        word = rest[len(spelling) :].strip()
        if rest.lower().startswith(spelling) and word.lower() in _UNITS:
            return (
                None
                if word == "b" and not (suffix and rest.islower())
                else (suffix, _UNITS[word.lower()])
            )
    return None


def _axes(answer: str) -> list[str]:
    """The axes of a shape, as text."""
    bracketed = answer[0] + answer[-1] in ("()", "[]")
    inner = answer[1:-1].strip().removesuffix(",") if bracketed else answer
    inner = re.sub(r"^([0-9]+) ?@", r"\1×", inner)
    if _BY.search(inner):
        return _BY.split(inner)
    pair = None if bracketed else re.fullmatch("([1-9][0-9]{0,2}),([0-9]{3})", inner)
    if pair and pair[2][0] != "0":
        raise ValueError(
            f"'{inner}' may be one axis or two: write {pair[1]}{pair[2]} or {pair[1]}x{pair[2]}"
        )
    return (
        [inner] if pair else re.split(r" ?, ?" if "," in inner else " ", inner)
    )  # 4,096 can only be one axis


def _why_not(number: str, relation: str, rest: str) -> str:
    """Say why a text is not one number, and what to write."""
    shown = _quoted(number)
    if not number:
        return _missing("a number", relation)
    if "%" in number:
        return f"{shown} is a percentage; write the number itself"
    if _CALCULATION.search(number):
        return f"{shown} is a shape or a calculation, not one number; write its result, after an = if you like"
    if re.search("[0-9],[0-9]", number):
        point = number.replace(",", ".")
        decimal = f", or {_quoted(point)} for a decimal" if point.count(".") == 1 else ""
        return f"{shown}: a comma separates groups of three digits; write the digits without it{decimal}"
    if number.count(".") > 1:
        return f"{shown} has more than one decimal point; thousands are separated by a comma"
    if rest[:1] in ("b", "B") or rest[-1:] == "b":
        return _no_billion(number)
    if rest[:1].isalpha():
        return f"{_quoted(rest)} in {shown} is not known here: K M G T or Ki Mi Gi Ti, then B, FLOPs, MACs or params"
    return f"{shown} is not a number such as 34,944, 34.9K or 1.5e8"


def _missing(expected: str, relation: str) -> str:
    return f"{expected} is missing" + (f" after the last '{relation}'" if relation else "")


def _no_billion(number: str) -> str:
    return f"{_quoted(number)}: B is whole bytes and b may be bits; for a billion write G"


def _too_far(number: str) -> str:
    return f"{_quoted(number)} is beyond the limit of 10^{LARGEST_POWER}, or finer than 10^-{LARGEST_POWER}"


def _bounded(number: str, value: Exact) -> None:
    if not -(10**LARGEST_POWER) <= value <= 10**LARGEST_POWER:
        raise ValueError(_too_far(number))


def _quoted(text: str) -> str:
    return f"'{text}'" if len(text) <= 60 else f"'{text[:60]}...'"


def _multiplier(suffix: str) -> int:
    return int((1024 if suffix.endswith("i") else 1000) ** _POWERS[suffix[:1]])


def _rounded(size: Exact, unit: int, digits: int) -> str:
    """A size in units, halves up. Without a decimal it would read as exact, so a fraction keeps one."""
    if unit == 1 and size.denominator == 1:
        return f"{size.numerator:,}"
    decimals = max(digits - len(str(int(size // unit))), 1 if unit == 1 else 0)
    whole, part = divmod(int((2 * size * 10**decimals + unit) // (2 * unit)), 10**decimals)
    return f"{whole:,}" + (f".{part:0{decimals}d}" if decimals else "")
