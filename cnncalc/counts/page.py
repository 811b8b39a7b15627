"""Conventions, what a number may be, and why counts differ: as tables and as the documents that JSON shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from cnncalc.spec.graph import show_inputs
from cnncalc.spec.quantities import BY_NAME
from cnncalc.tables.documents import inputs_document
from cnncalc.tables.page import Page
from cnncalc.tables.table import Column, Table
from cnncalc.text.exact import show
from cnncalc.text.numbers import Written, format_number
from cnncalc.text.suggest import listing

if TYPE_CHECKING:
    from cnncalc.counts.identify import Candidate, Fit, Identified, Near, Printed
    from cnncalc.counts.reconcile import Equation, LayerDifference, Reconciled, Side
    from cnncalc.report.conventions import Convention, Term

MOST_FITS = 20
MOST_MEANINGS = 8


# --- conventions -----------------------------------------------------------------------------------------------------


def conventions_page(listed: Sequence[Convention], *, one: bool, lang: str = "en") -> Page:
    """Make the page of the conventions, or of the terms of one."""
    return Page(
        lambda: conventions_document(listed),
        lambda: (
            convention_table(listed[0], lang=lang) if one else conventions_table(listed, lang=lang)
        ),
    )


def identify_page(identified: Identified, *, lang: str = "en") -> Page:
    """Make the page of what a number may be."""
    return Page(
        lambda: identify_document(identified), lambda: identify_table(identified, lang=lang)
    )


def reconcile_page(done: Reconciled, *, by_layer: bool = False) -> Page:
    """Make the page of why counts differ: as equations, or layer by layer."""
    from cnncalc.counts.reckoning import render
    from cnncalc.counts.reconcile import per_layer

    if by_layer:
        listed = per_layer(done)
        return Page(lambda: reconcile_document(done, listed), lambda: per_layer_table(done, listed))
    return Page(
        lambda: reconcile_document(done, None),
        lambda: reconcile_table(done),
        lambda width: render(done, width),
    )


def conventions_table(listed: Iterable[Convention], *, lang: str = "en") -> Table:
    """Every convention: its name, its unit, what it counts, who uses it."""
    columns = (
        Column("name", "convention", "규약", "text"),
        Column("unit", "unit", "단위", "text"),
        Column("title", "what counts", "세는 것", "text"),
        Column("parameters", "parameters", "파라미터", "text", 2),
        Column("used_by", "used by", "사용처", "text", 3),
    )
    rows = tuple(
        (one.name, one.unit, one.title, one.parameter_words, one.used_by) for one in listed
    )
    notes = ("cnncalc conventions NAME shows one; --convention NAME counts by it",)
    return Table(
        f"{len(rows)} conventions, the simplest first", columns, rows, notes=notes, lang=lang
    )


def convention_table(convention: Convention, *, lang: str = "en") -> Table:
    """One convention, term by term, in words."""
    columns = (
        Column("counts", "counts as", "항목", "text"),
        Column("what", "what", "내용", "text"),
        Column("measure", "measured as", "측정", "text", 2),
    )
    terms = [("parameters", one) for one in convention.parameters]
    terms += [(convention.unit, one) for one in convention.operations]
    rows = tuple(
        (counts, one.words, one.formula_words if one.label else "") for counts, one in terms
    )
    notes = (
        f"used by: {convention.used_by}",
        f"source: {convention.source}",
        *(f"note: {note}" for note in convention.notes),
    )
    return Table(f"{convention.name}: {convention.title}", columns, rows, notes=notes, lang=lang)


def conventions_document(listed: Iterable[Convention]) -> dict[str, Any]:
    """Conventions with their terms."""
    return {
        "conventions": [
            {
                "name": one.name,
                "title": one.title,
                "unit": one.unit,
                "used_by": one.used_by,
                "source": one.source,
                "parameters": [_term_document(term) for term in one.parameters],
                "operations": [_term_document(term) for term in one.operations],
                "notes": list(one.notes),
            }
            for one in listed
        ]
    }


def _term_document(term: Term) -> dict[str, Any]:
    return {
        "what": term.words,
        "ops": None if term.ops is None else sorted(term.ops),
        "tags": sorted(term.tags),
        "without": sorted(term.without),
        "measure": term.text,
        "weight": term.weight,
    }


# --- identify --------------------------------------------------------------------------------------------------------


def identify_table(found: Identified, *, lang: str = "en") -> Table:
    """What a number may be; where nothing has it, what is nearest. The notes say what it means, and who prints it."""
    fits = shown_fits(found)
    if not fits:
        return _near_table(found, lang)
    columns = (
        Column("quantity", "quantity", "물리량", "text"),
        Column("place", "of", "위치", "text"),
        Column("value", "value", "값"),
        Column("short", "that is", "간략", "text", 4),
        Column("reading", "reading", "표기", "text"),
        Column("convention", "by convention", "규약", "text", 2),
    )
    rows = tuple(
        (
            _names(one),
            _places(one),
            one.value,
            _short(one.value, one.unit),
            _reading(found.written, one),
            listing(_conventions(one), 4),
        )
        for one in fits[:MOST_FITS]
    )
    notes = [f"{len(fits) - MOST_FITS} more are left out; --layer LAYER asks for one"] * (
        len(fits) > MOST_FITS
    )
    return Table(
        sentence(found),
        columns,
        rows,
        notes=(*notes, *_meanings(fits[:MOST_FITS]), *_asides(found)),
        lang=lang,
    )


def shown_fits(found: Identified) -> tuple[Fit, ...]:
    """What fits; where something is of the unit that the number is written with, only that."""
    suited = tuple(one for one in found.fits if one.unit_fits)
    return suited or found.fits


def sentence(found: Identified) -> str:
    """The answer in one line."""
    net, text = found.net, found.written.text
    where = f"{net.title}, {show_inputs(net.graph.inputs)}"
    if found.place not in (None, "total"):
        where = f"{found.place} of {where}"
    if any(one.unit_fits for one in found.fits):
        return f"what is {text} in {where}"
    if found.fits:
        return f"no {found.written.unit} of {where} give {text}; something else does"
    return f"nothing of {where} gives {text}" + ("; the nearest" if found.near else "")


def _near_table(found: Identified, lang: str) -> Table:
    columns = (
        Column("quantity", "quantity", "물리량", "text"),
        Column("place", "of", "위치", "text"),
        Column("value", "value", "값"),
        Column("short", "that is", "간략", "text"),
        Column("distance", f"{found.written.text} is", "차이", "text"),
    )
    rows = tuple(
        (
            _name(one.candidate),
            one.candidate.place,
            one.candidate.value,
            _short(one.candidate.value, one.candidate.unit),
            off(one.distance),
        )
        for one in found.near
    )
    meanings = dict.fromkeys(
        f"{_name(one.candidate)}: {one.candidate.meaning}" for one in found.near
    )
    return Table(sentence(found), columns, rows, notes=(*meanings, *_asides(found)), lang=lang)


def off(distance: float) -> str:
    """How far a number is from a value, in words: `57.5 % more`."""
    if not distance:
        return "the same"
    percent = 100 * abs(distance)
    digits = f"{percent:.1f}" if percent >= 0.1 else f"{percent:.2g}"
    return f"{digits} % {'more' if distance > 0 else 'less'}"


def _name(candidate: Candidate) -> str:
    if candidate.convention is not None:
        return f"{BY_NAME[candidate.quantity].title} by {candidate.convention}"
    return BY_NAME[candidate.quantity].title


def _names(fit: Fit) -> str:
    """The quantities that have the value where it is simplest: those without a convention, else `operations`."""
    here = [one for one in fit.named if one.place == fit.simplest.place]
    plain = [one for one in here if one.convention is None] or here
    return listing(list(dict.fromkeys(BY_NAME[one.quantity].title for one in plain)), 2)


def _places(fit: Fit) -> str:
    return listing(list(dict.fromkeys(one.place for one in fit.named)), 1)


def _conventions(fit: Fit) -> list[str]:
    if fit.simplest.key == ("params", None):  # those that say otherwise agree by chance
        return []
    here = [
        one.convention
        for one in fit.named
        if one.place == fit.simplest.place and one.convention is not None
    ]
    return list(dict.fromkeys(here))


def _short(value: int, unit: str) -> str:
    if unit != "bytes":
        return format_number(value, "short")
    return f"{format_number(value, 'MB', 4)} ({format_number(value, 'MiB')})"


def _reading(written: Written, fit: Fit) -> str:
    text = fit.reading
    if fit.base == 1024:
        power = {"K": "", "M": "²", "G": "³", "T": "⁴"}[written.suffix]
        text += f", {written.suffix} = 1024{power}"
    return text if fit.unit_fits else f"{text}, but no {written.unit}"


def _meanings(fits: Iterable[Fit]) -> Iterator[str]:
    """What the quantities shown mean, each once."""
    found: dict[str, str] = {}
    for fit in fits:
        here = [one for one in fit.named if one.place == fit.simplest.place]
        for one in here:
            if one.convention is None or one is fit.simplest:
                found.setdefault(_name(one), f"{_name(one)}: {one.meaning}{_called(one, here)}")
    yield from list(found.values())[:MOST_MEANINGS]


def _called(candidate: Candidate, here: Iterable[Candidate]) -> str:
    """Which conventions call the same number otherwise: what papers print as FLOPs."""
    if candidate.convention is not None or candidate.unit != "operations":
        return ""
    by_unit: dict[str, list[str]] = {}
    for one in here:
        unit = one.meaning.partition(":")[0]
        if one.convention is not None and unit != _name(candidate):
            by_unit.setdefault(unit, []).append(one.convention)
    return "".join(
        f"; {unit} in the words of {listing(names, 3)}" for unit, names in by_unit.items()
    )


def _asides(found: Identified) -> Iterator[str]:
    for relative in found.family:
        one = relative.fit
        yield (
            f"another network of the family fits: {relative.net.name} ({relative.net.title}), "
            f"{_names(one)} {one.value:,}, {_reading(found.written, one)}"
        )
    yield from (printed_words(one) for one in found.printed)


def printed_words(printed: Printed) -> str:
    """Who prints a number."""
    claim = printed.claim
    why = f" ({claim.why})" if claim.why else ""
    cited = printed.net.spec.cited
    source = cited if claim.source in cited else claim.source
    return f"{claim.written.text} is printed as the {claim.quantity} of {printed.net.name}: {source}{why}"


def identify_document(found: Identified) -> dict[str, Any]:
    """What a number may be, all of it."""
    written = found.written
    return {
        "network": found.net.name,
        "input": inputs_document(found.net.graph.inputs),
        "number": written.text,
        "value": show(written.value),
        "low": show(written.low),
        "high": show(written.high),
        "suffix": written.suffix,
        "unit": written.unit,
        "layer": found.place,
        "matches": [_fit_document(one) for one in found.fits],
        "near": [_near_document(one) for one in found.near],
        "family": [
            {"network": one.net.name, "title": one.net.title, **_fit_document(one.fit)}
            for one in found.family
        ],
        "printed": [_printed_document(one) for one in found.printed],
    }


def _fit_document(fit: Fit) -> dict[str, Any]:
    return {
        "value": fit.value,
        "unit": fit.unit,
        "reading": fit.reading,
        "base": fit.base,
        "unit_fits": fit.unit_fits,
        "named": [_candidate_document(one) for one in fit.named],
    }


def _candidate_document(candidate: Candidate) -> dict[str, Any]:
    return {
        "layer": candidate.place,
        "quantity": candidate.quantity,
        "convention": candidate.convention,
        "meaning": candidate.meaning,
    }


def _near_document(near: Near) -> dict[str, Any]:
    return {
        **_candidate_document(near.candidate),
        "value": near.candidate.value,
        "unit": near.candidate.unit,
        "distance": near.distance,
    }


def _printed_document(printed: Printed) -> dict[str, Any]:
    claim = printed.claim
    return {
        "network": printed.net.name,
        "quantity": claim.quantity,
        "text": claim.written.text,
        "source": claim.source,
        "erratum": claim.why if claim.story == "erratum" else None,
    }


# --- reconcile -------------------------------------------------------------------------------------------------------


def equation_text(equation: Equation) -> str:
    """An equation in one line: `torchinfo 4,089,238,376 = MACs 4,089,184,256 + fc biases 1,000`."""
    side, base = equation.side, equation.base
    parts = "".join(
        f" {'−' if one.amount < 0 else '+'} {one.what} {abs(one.amount):,}"
        for one in equation.parts
    )
    return f"{side.label} {side.total:,} = {base.label} {base.total:,}{parts}"


def reconcile_table(done: Reconciled) -> Table:
    """The equations, a row for each term."""
    columns = (
        Column("side", "count", "항목", "text"),
        Column("of", "of", "대상", "text"),
        Column("what", "what", "내용", "text"),
        Column("layers", "layers", "계층 수"),
        Column("amount", "amount", "양"),
    )
    rows: list[tuple[Any, ...]] = []
    for one in (*done.equations, *done.parameters):
        about = (one.side.given, one.side.counted)
        rows.append((*about, one.base.label, None, one.base.total))
        rows += [(*about, part.what, len(part.layers), part.amount) for part in one.parts]
        rows.append((*about, f"= {one.side.label}", None, one.side.total))
    return Table(f"{done.net.title}, {show_inputs(done.net.graph.inputs)}", columns, tuple(rows))


def per_layer_table(
    done: Reconciled, listed: Iterable[LayerDifference], *, lang: str = "en"
) -> Table:
    """The layers that the first and the last side count differently; layers of equal counts are left out."""
    equation = done.equations[0]
    first, second = equation.side.label, equation.base.label
    columns = (
        Column("name", "layer", "계층", "text"),
        Column("op", "op", "종류", "text", 3),
        Column("first", first, first),
        Column("second", second, second),
        Column("difference", "difference", "차이"),
        Column("why", "why", "이유", "text", 2),
    )
    rows = tuple(
        (
            one.name,
            one.op,
            one.first,
            one.second,
            one.first - one.second,
            "; ".join(part.what for part in one.parts),
        )
        for one in listed
    )
    alike = equation.side.total - sum(row[2] for row in rows)
    totals = (
        "total",
        "",
        equation.side.total,
        equation.base.total,
        equation.side.total - equation.base.total,
        "",
    )
    if alike:
        rows = (*rows, ("the others", "", alike, alike, 0, ""))
    title = f"{done.net.title}, {show_inputs(done.net.graph.inputs)}"
    return Table(title, columns, rows, totals, lang=lang)


def reconcile_document(
    done: Reconciled, listed: Iterable[LayerDifference] | None = None
) -> dict[str, Any]:
    """The sides, the equations, and with `listed` the layers."""
    document: dict[str, Any] = {
        "network": done.net.name,
        "input": inputs_document(done.net.graph.inputs),
        "layer": done.place,
        "sides": [_side_document(one) for one in done.sides],
        "equations": [_equation_document(one) for one in (*done.equations, *done.parameters)],
    }
    if listed is not None:
        document["layers"] = [
            {
                "layer": one.name,
                "op": one.op,
                "first": one.first,
                "second": one.second,
                "parts": [{"what": part.what, "amount": part.amount} for part in one.parts],
            }
            for one in listed
        ]
    return document


def _side_document(side: Side) -> dict[str, Any]:
    variant, fit = side.variant, side.fit
    return {
        "given": side.given,
        "counted": side.counted,
        "convention": side.convention.name,
        "total": side.total,
        "reading": fit.reading if fit else None,
        "base": fit.base if fit else None,
        "also": list(side.also),
        "distance": side.distance,
        "variant": variant
        and {
            "network": variant.net.name,
            "title": variant.net.title,
            "total": variant.total,
            "changes": None
            if variant.changes is None
            else [{**one._asdict(), "layers": list(one.layers)} for one in variant.changes],
            "printed": [_printed_document(one) for one in variant.printed],
        },
    }


def _equation_document(equation: Equation) -> dict[str, Any]:
    return {
        "side": equation.side.given,
        "counted": equation.side.counted,
        "convention": equation.side.convention.name,
        "total": equation.side.total,
        "base": equation.base.convention.name,
        "base_total": equation.base.total,
        "equation": equation_text(equation),
        "parts": [
            {
                "what": one.what,
                "ops": list(one.ops),
                "amount": one.amount,
                "layers": list(one.layers),
            }
            for one in equation.parts
        ],
    }
