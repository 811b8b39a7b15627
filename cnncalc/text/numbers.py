"""Numbers and shapes as people write them, to exact values with their written precision, and back.

`61.1M` is not 61,100,000: it stands for 61,050,000 to 61,150,000, half of its last digit either way, both ends in.
A number in full (`34,944`, also `61,000,000`) stands for itself alone. What cannot be read raises ValueError, with a
sentence for whoever wrote it. Of `(3*3*3)*64 = 1,728`, and of `1,728 = (3*3*3)*64`, the number is read and the
calculation kept; a calculation alone is the number that it makes, exactly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from cnncalc.text.exact import Exact, half, ratio, whole
from cnncalc.text.messages import Phrase, message
from cnncalc.text.signs import comparison_in, plain_signs, quoted, split_relations, without_notes

Match = Literal["exact", "rounded", "cut"]
Style = Literal["full", "short", "MB", "MiB"]
Base = Literal[1000, 1024]

MAX_POWER = 30
MAX_AXES = 8

_FRACTION = re.compile(r"([+-]?[0-9]+) ?/ ?(0*[1-9][0-9]*)")
_NUMBER = re.compile(
    r"(?P<sign>[+-]?) ?"
    r"(?P<whole>[1-9][0-9]{0,2}(?P<mark>[, '_])[0-9]{3}(?:(?P=mark)[0-9]{3})*(?![0-9])|[0-9]+|(?=\.[0-9]))"
    r"(?:\.(?P<decimals>[0-9]*))?"
    r"(?:(?:e| ?[x×*] ?10 ?(?:\^|\*\*) ?)(?P<exponent>[+-]?[0-9]+))?"
    r" ?(?P<rest>.*)",
    re.IGNORECASE,
)
_KOREAN = re.compile(r"(?P<number>[0-9][0-9,. 십백천만억조]*[십백천만억조][0-9,. ]*)(?P<rest>.*)")
_MYRIADS = {"조": 10**12, "억": 10**8, "만": 10**4, "": 1}
_TENS = {"천": 1000, "백": 100, "십": 10, "": 1}
_POINTED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+")
"""What may be thousands as Germans write them, or a decimal."""
_WORKING_BEHIND = re.compile(
    r"^([-+.,0-9e]+ ?[A-Za-z]*) \(([-+*/×x^. ,0-9]*[0-9)] ?[-+*/×x][-+*/×x^. ,0-9]*)\)$"
)
"""A calculation in brackets behind its result: `34,944 (34,848 + 96)`."""
_LOST_POWER = re.compile(r"[0-9.]+ ?[x×*] ?10[0-9]{1,2}")
_CALCULATION = re.compile(r"[\w)\]] ?[x×*/+^-] ?[0-9(]|[(\[]", re.IGNORECASE)
_ARITHMETIC = re.compile(r"[-+*/^(). 0-9]+")
_POWER = re.compile(r"([0-9]+|\([-+*/ 0-9]+\)) ?(?:\^|\*\*) ?([0-9]{1,2})(?![0-9])")
_BY = re.compile(r" ?(?:(?<![a-wyz])x|[×*]| by ) ?", re.IGNORECASE)
_AXIS = re.compile(r"[1-9][0-9]*|[1-9][0-9]{0,2}(?:,[0-9]{3})+")
_AXIS_UNIT = re.compile(
    r"(?<=[0-9]) ?(?:px|pixels?|픽셀|ch|channels?|채널|units?|유닛|neurons?|뉴런|nodes?|노드|(?:feature )?maps?|개)"
    r"(?= ?(?:$|[,x×*)\]]))",
    re.IGNORECASE,
)
"""What stands behind the size of an axis: `55x55x96 channels`, `19 px`, `4096 뉴런`."""
_MAPS_OF = re.compile(
    r"^([0-9]+) (?:feature |activation )?(?:maps|channels|채널) (?:of|,) ", re.IGNORECASE
)
_SQUARED = re.compile(r"([0-9]+)\^2(?![0-9])")
_BATCH = re.compile(r"None|\?|-1|batch(?:_size)?", re.IGNORECASE)
_NAMED_AXIS = re.compile(r"([^\W\d_]+) ?[=:]? ?([0-9]+)")
_AXIS_NAMES = {
    name: rank
    for rank, names in enumerate(
        ("d depth 깊이", "h height 높이", "w width 너비 폭", "c ch channel channels 채널")
    )
    for name in names.split()
}

_CHANNELS = len("dhw")
"""The place of the channels among the axes that have names."""

_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
_SUFFIXES = {"": "", "thousand": "K", "million": "M", "billion": "G", "trillion": "T"}
_SUFFIXES |= {suffix.lower(): suffix for suffix in ("Ki", "Mi", "Gi", "Ti", "K", "M", "G", "T")}
_UNIT_WORDS = {
    "": "개 회 번",
    "bytes": "b byte bytes 바이트",
    "FLOPs": "flop flops",
    "MACs": "mac macs madd madds mult-add mult-adds multiply-add multiply-adds multiply-accumulates",
    "ops": "op ops operation operations 연산",
    "params": "param params parameter parameters 파라미터 매개변수",
    "weights": "weight weights 가중치",
    "biases": "bias biases 편향",
    "values": "value values element elements node nodes neuron neurons 노드 뉴런 값",
}
_UNITS = {"": ""} | {word: unit for unit, words in _UNIT_WORDS.items() for word in words.split()}

_OPERATIONS = frozenset({"macs", "flops"})
UNIT_QUANTITIES: dict[str, frozenset[str]] = {
    "bytes": frozenset({"memory"}),
    "FLOPs": _OPERATIONS,  # what papers call FLOPs is MACs as often as not
    "MACs": _OPERATIONS,
    "ops": _OPERATIONS,
    "params": frozenset({"params", "weights", "biases"}),
    "weights": frozenset({"params", "weights"}),
    "biases": frozenset({"params", "biases"}),
    "values": frozenset({"activations", "params", "weights", "biases"}),
}
"""The quantities that a number written with a unit may be of."""


class WrittenNumber(NamedTuple):
    """A number as written: its exact value, and how much of it the writing claims."""

    text: str
    value: Exact
    step: Exact  # one unit of the last digit written; 0 for a number in full
    suffix: str = ""  # K M G T (powers of 1000) or Ki Mi Gi Ti (of 1024)
    unit: str = ""  # a key of UNIT_QUANTITIES
    working: str = ""  # what stands on the other side of the relation sign
    computed: Exact | None = (
        None  # what the calculation beside it makes, if it is one with plain numbers
    )

    @property
    def contradicts_itself(self) -> bool:
        """Whether the calculation written beside the number makes another one: `4×14×512 = 100K`."""
        return self.computed is not None and (
            agreement(self, self.computed, readings_of(self, places=True)) is None
        )

    @property
    def full(self) -> bool:
        """Whether the number is written in full, and so is exact."""
        return not self.step

    @property
    def digits(self) -> int:
        """The significant digits written: 3 of `0.0612M`, none of `0.0M`; of a number in full, all of its digits."""
        coefficient = abs(int(ratio(self.value, self.step or 1)))
        return len(str(coefficient)) if coefficient else 0

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

    def is_of(self, quantity: str) -> bool:
        """Whether the unit written, if there is one, is a unit of this quantity."""
        return not self.unit or quantity in UNIT_QUANTITIES[self.unit]

    def has_digits(self, least: int, exact: Exact) -> bool:
        """Whether enough digits are written: `least` significant ones, or all that `exact` has where it has fewer."""
        return self.full or self.digits >= min(least, _significant(exact))

    def with_base(self, base: Base) -> WrittenNumber:
        """Read the same digits with a suffix that is a power of `base`: `Ki` for `K`, or the other way round."""
        suffix = self.suffix[:1] + ("i" if base == 1024 and self.suffix else "")
        new, old = _multiplier(suffix), _multiplier(self.suffix)
        value = ratio(self.value * new, old)
        step = ratio(self.step * new, old)
        return self._replace(value=value, step=step, suffix=suffix)

    def with_zeros_as_places(self) -> WrittenNumber:
        """Take the zeros at the end for holders of a place: `800K` is 8 times 100K. A decimal keeps its zeros."""
        if not self.step or "." in self.text or not self.value:
            return self
        digits, step = self.value // self.step, self.step
        while digits % 10 == 0:
            digits, step = digits // 10, step * 10
        return self._replace(step=step)


def read_number(text: str) -> WrittenNumber:
    """Read one number: `34,944`, `61.1M`, `3.8×10⁹`, `4.13 GFLOPs`, `6200만`, `params: 34944`, `11*11*3*96 + 96`.

    Raises ValueError with the reason where the text is no number, compares (`>= 5M`), or may be two (`34.944`).
    """
    plain = plain_signs(text)
    if sign := comparison_in(plain):
        raise ValueError(
            message(
                "'{sign}' in {text} compares; write the number itself",
                sign=sign,
                text=quoted(plain),
            )
        )
    pieces = split_relations(_WORKING_BEHIND.sub(r"\1 = \2", plain))
    parts = [without_notes(part) for part in pieces[::2]]
    place = _place_of_answer([part for part, _ in parts])
    answer, label = parts[place]
    written = _read_plain(text, answer) or _computed(text, answer)
    if written is None:
        raise ValueError(_why_not(answer, pieces[-2] if len(pieces) > 1 else ""))
    _bounded(answer, written.value)
    unit = written.unit or _UNITS.get(label.lower(), "")
    beside = pieces[: 2 * place - 1] if place else pieces[2:]
    calculation = _computed("", without_notes(beside[-1 if place else 0])[0]) if beside else None
    return written._replace(
        unit=unit,
        working=" ".join(beside),
        computed=None if calculation is None else calculation.value,
    )


def _place_of_answer(parts: list[str]) -> int:
    """Find the part that states the number: the last; where that is a calculation, the last that is a plain number."""
    last = len(parts) - 1
    if _CALCULATION.search(parts[last]) and _read_plain("", parts[last]) is None:
        plain = [at for at, part in enumerate(parts) if _read_plain("", part) is not None]
        return plain[-1] if plain else last
    return last


def matches(written: WrittenNumber, exact: Exact, base: Base | None = None) -> Match | None:
    """Say how `exact` gives the number written, or None; `base` reads the suffix as a power of 1000 or 1024.

    "rounded": within half of the last digit, both ends in. "cut": truncated towards zero it has the digits written.
    """
    if base:
        written = written.with_base(base)
    if exact == written.value:
        return "exact"
    if (
        not written.digits
    ):  # a zero is near nothing: 0T would be within half a trillion of everything
        return None
    if written.low <= exact <= written.high:
        return "rounded"
    return "cut" if written.cut_low < exact < written.cut_high else None


class Reading(NamedTuple):
    """A way to read a number: what K without an i is a power of, and whether zeros at its end only hold places."""

    base: Base = 1000
    places: bool = False


def readings_of(
    written: WrittenNumber, *, binary: bool = True, places: bool = False
) -> tuple[Reading, ...]:
    """Return the ways in which a number may be read, the plainest first.

    `binary` also tries a suffix as a power of 1024, `places` also takes zeros at the end for holders of places.
    """
    has_bases = binary and written.suffix and not written.suffix.endswith("i")
    bases: tuple[Base, ...] = (1000, 1024) if has_bases else (1000,)
    return tuple(Reading(base, zeros) for zeros in (False, True)[: 1 + places] for base in bases)


AS_WRITTEN = (Reading(),)
"""The one reading of who takes a number at its word."""


class Agreement(NamedTuple):
    """How a value gives a number as written: exactly, rounded or cut, when the number is read so."""

    match: Match
    base: Base = 1000
    places: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is what the digits say: exact or rounded, K as it is written, zeros as digits."""
        return self.match != "cut" and self.base == 1000 and not self.places


def agreement(
    written: WrittenNumber, exact: Exact, readings: Iterable[Reading] = AS_WRITTEN
) -> Agreement | None:
    """Find the plainest of some readings in which `exact` gives the number written, or None."""
    agreements = [
        Agreement(match, *reading)
        for reading in readings
        if (match := matches(read_so(written, reading), exact)) is not None
    ]
    return min(agreements, key=_plainness, default=None)


def read_so(written: WrittenNumber, reading: Reading) -> WrittenNumber:
    """Return a number as a reading takes it; a suffix with an i says itself what it is a power of."""
    if written.suffix and not written.suffix.endswith("i"):
        written = written.with_base(reading.base)
    return written.with_zeros_as_places() if reading.places else written


def reach(written: WrittenNumber, readings: Iterable[Reading]) -> tuple[Exact, Exact]:
    """Return the least and the greatest value that may give the number written, in some readings of it.

    What lies between them need not give it: `agreement` says that.
    """
    read = [read_so(written, reading) for reading in readings]
    ends = [end for one in read for end in (one.low, one.high, one.cut_low, one.cut_high)]
    return min(ends), max(ends)


_READINGS: dict[Match, int] = {"exact": 0, "rounded": 1, "cut": 2}


def _plainness(agreement: Agreement) -> tuple[bool, bool, int, int]:
    return agreement.match == "cut", agreement.places, _READINGS[agreement.match], agreement.base


def distance(written: WrittenNumber, exact: Exact) -> float:
    """How far the number written is from `exact`, as a part of it: 0.01 is one percent too much."""
    difference = written.value - exact
    if not exact:
        return float("inf") * difference if difference else 0.0
    return float(difference / exact if exact > 0 else difference / -exact)


def read_shape(text: str) -> tuple[int, ...]:
    """Read a shape in the order written: `55×55×96`, `[96,55,55]`, `6@28x28`, `4096`, `torch.Size([96, 55, 55])`.

    `(None, 55, 55, 96)` is without its batch; named axes (`H=55 W=55 C=96`) are put in the order height, width,
    channels; of `55x55x96 = 290,400` the shape is read. Raises ValueError with the reason where there is none.
    """
    plain = plain_signs(text)
    if sign := comparison_in(plain):
        raise ValueError(
            message(
                "'{sign}' in {text} compares; write the shape itself", sign=sign, text=quoted(plain)
            )
        )
    if named := _named_axes(plain):
        return named
    plain = _AXIS_UNIT.sub("", _MAPS_OF.sub(r"\1@", _SQUARED.sub(r"\1×\1", plain)))
    pieces = split_relations(plain)
    parts = [without_notes(part)[0].removeprefix("torch.Size") for part in pieces[::2]]
    if not parts[-1]:
        raise ValueError(
            _missing(message("a shape such as 55x55x96"), pieces[-2] if len(pieces) > 1 else "")
        )
    for part in reversed(parts[:-1] if parts[-1].replace(",", "").isdigit() else []):
        shape = _shape_or_none(part)
        if shape is not None and len(shape) > 1:
            return shape
    return _one_shape(parts[-1])


def without_batch(text: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return a shape without the batch that PyTorch prints: of `torch.Size([4, 96, 55, 55])` the last three."""
    return shape[1:] if "torch.Size" in text else shape


def _shape_or_none(part: str) -> tuple[int, ...] | None:
    try:
        return _one_shape(part)
    except ValueError:
        return None


def _one_shape(answer: str) -> tuple[int, ...]:
    """Read a shape that stands alone. Raises ValueError."""
    pieces = _axes(answer)
    if len(pieces) > MAX_AXES:
        raise ValueError(
            message(
                "{text} has {count} axes; the limit is {limit}",
                text=quoted(answer),
                count=len(pieces),
                limit=MAX_AXES,
            )
        )
    if len(pieces) > 1 and _BATCH.fullmatch(pieces[0]):
        pieces = pieces[1:]
    for piece in pieces:
        if not _AXIS.fullmatch(piece):
            raise ValueError(
                message(
                    "{text} is not a shape such as 55x55x96: {what}",
                    text=quoted(answer),
                    what=_wrong_axis(piece),
                )
            )
    shape = tuple(int(piece.replace(",", "")) for piece in pieces)
    _bounded(answer, max(shape))
    return shape


def _wrong_axis(piece: str) -> Phrase:
    if not piece:
        return message("an axis is missing")
    return message("{text} is not a positive whole number", text=quoted(piece))


def _named_axes(plain: str) -> tuple[int, ...] | None:
    """Return the sizes of axes that are named one by one, channels last; None where they are not.

    Beside a height and a width alone a depth is the channels: `W=55, H=55, D=96`.
    """
    named = _NAMED_AXIS.findall(plain)
    ranks = [_AXIS_NAMES.get(name.lower()) for name, _ in named]
    known = [rank for rank in ranks if rank is not None]
    rest = _NAMED_AXIS.sub("", plain).strip(" ,×x()[]")
    if rest or len(named) < 2 or len(set(known)) != len(named):
        return None
    if _CHANNELS not in known:
        known = [rank or _CHANNELS for rank in known]
    sizes = sorted(zip(known, (int(size) for _, size in named), strict=True))
    return tuple(size for _, size in sizes) if all(size for _, size in sizes) else None


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


def _read_plain(text: str, number: str) -> WrittenNumber | None:
    """Return a number that is written out, not calculated; None for anything else.

    Raises ValueError for one in doubt.
    """
    if parts := _FRACTION.fullmatch(number):
        return WrittenNumber(text, ratio(int(parts[1]), int(parts[2])), 0)
    if korean := _KOREAN.fullmatch(number):
        return _in_myriads(text, korean["number"], korean["rest"])
    match = _NUMBER.fullmatch(number)
    known = _suffix_and_unit(match["rest"]) if match else None
    if not match or not known:
        return _after_its_unit(text, number)
    _refuse_doubtful(number, match)
    decimals, exponent = match["decimals"] or "", int(match["exponent"] or 0)
    coefficient = int(match["sign"] + re.sub("[^0-9]", "", match["whole"]) + decimals)
    power = exponent - len(decimals)
    numerator, denominator = _multiplier(known[0]) * 10 ** max(power, 0), 10 ** max(-power, 0)
    value = ratio(coefficient * numerator, denominator)
    if match["rest"] == "B" and value.denominator != 1:
        raise ValueError(_no_billion(number))
    full = not (decimals or known[0] or match["exponent"])
    return WrittenNumber(text, value, 0 if full else ratio(numerator, denominator), *known)


def _refuse_doubtful(number: str, match: re.Match[str]) -> None:
    """Raise ValueError for a number out of bounds, and for one that may be thousands or a decimal."""
    decimals, exponent = match["decimals"] or "", match["exponent"] or "0"
    if len(exponent) > 4 or abs(int(exponent)) > MAX_POWER or len(decimals) > MAX_POWER:
        raise ValueError(_too_far(number))
    if _POINTED.fullmatch(number):
        raise ValueError(_pointed(number))


def _pointed(number: str) -> Phrase:
    """Ask whether a point separates thousands, as Germans write them, or decimals."""
    plain = number.replace(".", "")
    if number.count(".") == 1:
        plain = message("{first} or {second}", first=plain, second=number[:-1])
    return message(
        "{text} may be {thousands} or a decimal: write {plain}",
        text=quoted(number),
        thousands=number.replace(".", ","),
        plain=plain,
    )


def _after_its_unit(text: str, number: str) -> WrittenNumber | None:
    """Return a number behind its unit: `params 34944`, `파라미터 34,944개`."""
    word, _, bare = number.partition(" ")
    unit = _UNITS.get(word.lower(), "")
    written = _read_plain(text, bare) if unit and bare[:1].isdigit() else None
    return (
        None if written is None or written.unit not in ("", unit) else written._replace(unit=unit)
    )


def _in_myriads(text: str, number: str, rest: str) -> WrittenNumber | None:
    """Return a number in Korean units, `6200만`, `1억 3,836만`, `138백만 개`; None where the units do not descend."""
    known = _suffix_and_unit(rest)
    value: Exact = 0
    step: Exact = 0
    above = 10**16
    groups = re.findall(r"([^조억만]*)([조억만]?)", number.replace(",", "").strip())[:-1]
    for digits, unit in groups:
        worth = _MYRIADS[unit]
        part = _in_tens(digits)
        if part is None or worth >= above:
            return None
        value, step, above = value + part[0] * worth, part[1] * worth, worth
    if known is None or known[0]:
        return None
    full = above == 1 and step == 1
    return WrittenNumber(text, whole(value), 0 if full else whole(step), "", known[1])


def _in_tens(text: str) -> tuple[Exact, Exact] | None:
    """Return a number below a myriad in Korean units, and the worth of its last digit: `6천2백` is 6,200 and 100."""
    value: Exact = 0
    step: Exact = 1
    above = 10**5
    if not text.strip():
        return None
    for digits, unit in re.findall(r"([^천백십]*)([천백십]?)", text)[:-1]:
        worth = _TENS[unit]
        if worth >= above or not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,6})?", digits.strip()):
            return None
        decimals = digits.strip().partition(".")[2]
        step = ratio(worth, 10 ** len(decimals))
        value, above = value + int(digits.strip().replace(".", "")) * step, worth
    return value, step


def _computed(text: str, answer: str) -> WrittenNumber | None:
    """Return the number that a calculation with plain numbers makes, exactly; a unit may follow it."""
    from cnncalc.text.expressions import ExpressionError, parse_expression

    parts = re.fullmatch(r"(.*[0-9)]) ?([^\W\d]*)", answer)
    unit = _UNITS.get(parts[2].lower()) if parts else None
    if parts is None or unit is None or _LOST_POWER.fullmatch(answer):
        return None
    plain = re.sub(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))", "", parts[1])
    plain = re.sub(r" ?(?:×|(?<=[0-9) ])x(?=[ 0-9(])) ?", "*", plain)
    if not _ARITHMETIC.fullmatch(plain) or not _CALCULATION.search(plain):
        return None
    plain = _POWER.sub(lambda power: "*".join([power[1]] * int(power[2])) or "1", plain)
    try:
        value = parse_expression(plain).evaluate({})
    except ExpressionError:
        return None
    return (
        None if isinstance(value, (bool, str, tuple)) else WrittenNumber(text, value, 0, "", unit)
    )


def _suffix_and_unit(rest: str) -> tuple[str, str] | None:
    """Return what `GFLOPs` says: G and FLOPs.

    None for a word unknown; `Mb` is megabits, though `mb` is only careless.
    """
    rest = re.sub(r"^개(?:의 ?| (?=.))", "", rest)
    for spelling, suffix in _SUFFIXES.items():
        word = rest[len(spelling) :].strip()
        unit = unit_of(word) if rest.lower().startswith(spelling) else None
        if unit is not None:
            return None if word == "b" and not (suffix and rest.islower()) else (suffix, unit)
    return None


def unit_of(words: str) -> str | None:
    """Return the unit that a word is, also with words behind it: `params in total`; None for a word that is none."""
    first, _, note = words.partition(" ")
    unit = _UNITS.get(words.lower())
    if unit is None and len(first) > 1 and not re.search("[0-9]", note):
        unit = _UNITS.get(first.lower())
    return unit


def _axes(answer: str) -> list[str]:
    """Return the axes of a shape, as text. Raises ValueError for one number that may be two."""
    bracketed = answer[:1] + answer[-1:] in ("()", "[]")
    inner = answer[1:-1].strip().removesuffix(",") if bracketed else answer
    if inner[:1] + inner[-1:] in ("()", "[]"):  # torch.Size([96, 55, 55])
        return _axes(inner)
    inner = re.sub(r"^([0-9]+) ?@", r"\1×", inner)
    if _BY.search(inner):
        return _BY.split(inner)
    pair = None if bracketed else re.fullmatch("([1-9][0-9]{0,2}),([0-9]{3})", inner)
    if pair and pair[2][0] != "0":
        raise ValueError(
            message(
                "'{text}' may be one axis or two: write {first} or {second}",
                text=inner,
                first=pair[1] + pair[2],
                second=f"{pair[1]}x{pair[2]}",
            )
        )
    return (
        [inner] if pair else re.split(r" ?, ?" if "," in inner else " ", inner)
    )  # 4,096 can only be one axis


def _why_not(number: str, relation: str) -> Phrase:
    """Say why a text is not one number, and what to write."""
    shown = quoted(number)
    match = _NUMBER.fullmatch(number)
    rest = match["rest"] if match else ""
    if not number:
        return _missing(message("a number"), relation)
    if "%" in number:
        return message("{text} is a percentage; write the number itself", text=shown)
    if _CALCULATION.search(number):
        return message(_NO_RESULT, text=shown)
    if re.search("[0-9],[0-9]", number):
        point = number.replace(",", ".")
        may_be_decimal = point.count(".") == 1
        return message(
            _DECIMAL_COMMA if may_be_decimal else _COMMA, text=shown, point=quoted(point)
        )
    if _POINTED.fullmatch(number):
        return _pointed(number)
    if number.count(".") > 1:
        return message(_POINTS, text=shown)
    if rest[:1] in ("b", "B") or rest[-1:] == "b":
        return _no_billion(number)
    if rest[:1].isalpha():
        return message(_UNKNOWN_WORD, rest=quoted(rest), text=shown)
    return message("{text} is not a number such as 34,944, 34.9K or 1.5e8", text=shown)


_NO_RESULT = "{text} is a shape or a calculation that cannot be worked out; write its result"
_COMMA = "{text}: a comma separates groups of three digits; write the digits without it"
_DECIMAL_COMMA = (
    "{text}: a comma separates groups of three digits; write the digits without it, "
    "or {point} for a decimal"
)
_POINTS = "{text} has more than one decimal point; thousands are separated by a comma"
_UNKNOWN_WORD = (
    "{rest} in {text} is not known here: K M G T or Ki Mi Gi Ti, then B, FLOPs, MACs or params"
)


def _missing(expected: Phrase, relation: str) -> Phrase:
    if not relation:
        return message("{expected} is missing", expected=expected)
    return message(
        "{expected} is missing after the last '{relation}'", expected=expected, relation=relation
    )


def _no_billion(number: str) -> Phrase:
    return message(
        "{text}: B is whole bytes and b may be bits; for a billion write G", text=quoted(number)
    )


def _too_far(number: str) -> Phrase:
    return message(
        "{text} is beyond the limit of {limit}, or finer than {least}",
        text=quoted(number),
        limit=f"10^{MAX_POWER}",
        least=f"10^-{MAX_POWER}",
    )


def _bounded(number: str, value: Exact) -> None:
    if not -(10**MAX_POWER) <= value <= 10**MAX_POWER:
        raise ValueError(_too_far(number))


def _significant(value: Exact) -> int:
    """Return the significant digits of a value; trailing zeros are none. A fraction has as many as one likes."""
    return len(str(abs(value)).rstrip("0")) if isinstance(value, int) else MAX_POWER


def _multiplier(suffix: str) -> int:
    return int((1024 if suffix.endswith("i") else 1000) ** _POWERS[suffix[:1]])


def _rounded(size: Exact, unit: int, digits: int) -> str:
    """Return a size in units, halves up. Without a decimal it would read as exact, so a fraction keeps one."""
    if unit == 1 and size.denominator == 1:
        return f"{size.numerator:,}"
    decimals = max(digits - len(str(int(size // unit))), 1 if unit == 1 else 0)
    if size and size < 1:  # 0.0 would claim that there is nothing
        decimals += len(str(int(1 / size))) - 1
    elif unit == 1 and decimals == 3:  # 34.944 could be read as thousands
        decimals = 4
    whole, part = divmod(int((2 * size * 10**decimals + unit) // (2 * unit)), 10**decimals)
    return f"{whole:,}" + (f".{part:0{decimals}d}" if decimals else "")
