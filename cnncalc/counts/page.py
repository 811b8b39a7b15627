"""Conventions, what a number may be, and why counts differ: as tables and as the documents that JSON shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from cnncalc.counts.judge import printing_words
from cnncalc.spec.graph import show_inputs
from cnncalc.spec.quantities import BY_NAME
from cnncalc.tables.documents import inputs_document
from cnncalc.tables.page import Page
from cnncalc.tables.table import Column, Table
from cnncalc.text.exact import show
from cnncalc.text.messages import in_language, message, said, translate
from cnncalc.text.numbers import WrittenNumber, format_number
from cnncalc.text.source import display_width
from cnncalc.text.suggest import listing

if TYPE_CHECKING:
    from cnncalc.counts.identify import Candidate, Fit, Identified, Near
    from cnncalc.counts.printed import Printing
    from cnncalc.counts.reconcile import (
        ChangedField,
        Equation,
        FamilyMember,
        LayerDifference,
        Reason,
        Reconciled,
        Side,
    )
    from cnncalc.report.conventions import Convention, Term

MAX_FITS = 20
MAX_MEANINGS = 8


# --- conventions -----------------------------------------------------------------------------------------------------


def conventions_page(listed: Sequence[Convention], *, alone: bool, lang: str = "en") -> Page:
    """Make the page of the conventions, or of the terms of one."""
    return Page(
        lambda: conventions_document(listed),
        lambda: (
            convention_table(listed[0], lang=lang)
            if alone
            else conventions_table(listed, lang=lang)
        ),
    )


def identify_page(identified: Identified, *, lang: str = "en") -> Page:
    """Make the page of what a number may be."""
    return Page(
        lambda: identify_document(identified), lambda: identify_table(identified, lang=lang)
    )


def reconcile_page(done: Reconciled, *, by_layer: bool = False, lang: str = "en") -> Page:
    """Make the page of why counts differ: as equations, or layer by layer."""
    from cnncalc.counts.reconcile import per_layer

    if by_layer:
        listed = per_layer(done)
        return Page(
            lambda: reconcile_document(done, listed),
            lambda: per_layer_table(done, listed, lang=lang),
        )
    return Page(
        lambda: reconcile_document(done, None),
        lambda: reconcile_table(done, lang),
        lambda width: render(done, width, lang),
    )


def conventions_table(listed: Iterable[Convention], *, lang: str = "en") -> Table:
    """Every convention: its name, its unit, what it counts, who uses it."""
    columns = (
        Column("name", "name", "text"),
        Column("version", "version", "text", 4),
        Column("unit", "unit", "text"),
        Column("title", "what counts", "text"),
        Column("parameters", "parameters", "text", 2),
        Column("used_by", "used by", "text", 3),
    )
    rows = tuple(
        (
            convention.name,
            convention.version,
            convention.unit,
            translate(convention.title, lang),
            said(convention.parameter_words, lang),
            convention.used_by,
        )
        for convention in listed
    )
    notes = (translate("cnncalc conventions NAME shows one; --convention NAME counts by it", lang),)
    title = translate("{count} conventions, the simplest first", lang, count=len(rows))
    return Table(title, columns, rows, notes=notes, lang=lang)


def convention_table(convention: Convention, *, lang: str = "en") -> Table:
    """One convention, term by term, in words."""
    columns = (
        Column("counts", "counts as", "text"),
        Column("what", "what", "text"),
        Column("measure", "measured as", "text", 2),
    )
    terms = [(translate("parameters", lang), parameter) for parameter in convention.parameters]
    terms += [(convention.unit, operation) for operation in convention.operations]
    rows = tuple(
        (counts, said(term.words, lang), term.formula_words if term.label else "")
        for counts, term in terms
    )
    notes = (
        translate("used by: {users}", lang, users=convention.used_by),
        translate("source: {source}", lang, source=convention.source),
        *(translate("note: {note}", lang, note=note) for note in convention.notes),
    )
    return Table(
        f"{convention.name}: {translate(convention.title, lang)}",
        columns,
        rows,
        notes=notes,
        lang=lang,
    )


def conventions_document(listed: Iterable[Convention]) -> dict[str, Any]:
    """Conventions with their terms."""
    return {
        "conventions": [
            {
                "name": convention.name,
                "title": convention.title,
                "version": convention.version or None,
                "unit": convention.unit,
                "used_by": convention.used_by,
                "source": convention.source,
                "parameters": [_term_document(term) for term in convention.parameters],
                "operations": [_term_document(term) for term in convention.operations],
                "notes": list(convention.notes),
            }
            for convention in listed
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


def identify_table(identified: Identified, *, lang: str = "en") -> Table:
    """Return what a number may be; where nothing has it, what is nearest.

    The notes say what it means, and who prints it.
    """
    fits = shown_fits(identified)
    if not fits:
        return _near_table(identified, lang)
    columns = (
        Column("quantity", "quantity", "text"),
        Column("place", "of", "text"),
        Column("value", "value"),
        Column("short", "that is", "text", 5),
        Column("reading", "reading", "text", 3),
        Column("convention", "by convention", "text"),
    )
    rows = tuple(
        (
            _names(fit, lang),
            _places(fit),
            fit.value,
            _short(fit.value, fit.unit),
            _reading(identified.written, fit, lang),
            listing(_conventions(fit), 4),
        )
        for fit in fits[:MAX_FITS]
    )
    more = len(fits) - MAX_FITS
    left_out = translate("{more} more are left out; --layer LAYER asks for one", lang, more=more)
    notes = [left_out] * (more > 0)
    return Table(
        sentence(identified, lang),
        columns,
        rows,
        notes=(*notes, *_asides(identified, lang), *_meanings(fits[:MAX_FITS], lang)),
        lang=lang,
    )


def shown_fits(identified: Identified) -> tuple[Fit, ...]:
    """Return what fits; where something is of the unit that the number is written with, only that."""
    suited = tuple(fit for fit in identified.fits if fit.unit_fits)
    return suited or identified.fits


def sentence(identified: Identified, lang: str = "en") -> str:
    """Answer in one line; where the number is not of this network, begin with whose it is."""
    net, number = identified.net, identified.written.text
    where = f"{net.title}, {show_inputs(net.graph.inputs, lang)}"
    if identified.place not in (None, "total"):
        where = translate("{layer} of {network}", lang, layer=identified.place, network=where)
    if any(fit.unit_fits for fit in identified.fits):
        return translate("what is {number} in {where}", lang, number=number, where=where)
    whose = next(_whose(identified, lang, brief=True), "")
    if identified.fits:
        pattern = "no {unit} of {where} give {number}; something else does"
        said = translate(pattern, lang, unit=identified.written.unit, where=where, number=number)
    else:
        said = translate("nothing of {where} gives {number}", lang, where=where, number=number)
        said += translate("; the nearest", lang) if identified.near else ""
    return f"{whose}; {said}" if whose else said


def _near_table(identified: Identified, lang: str) -> Table:
    number = identified.written.text
    columns = (
        Column("quantity", "quantity", "text"),
        Column("place", "of", "text"),
        Column("value", "value"),
        Column("short", "that is", "text", 5),
        Column("distance", message("{number} is", number=number), "text"),
    )
    rows = tuple(
        (
            _name(near.candidate, lang),
            near.candidate.place,
            near.candidate.value,
            _short(near.candidate.value, near.candidate.unit),
            relative_error(near.distance, lang),
        )
        for near in identified.near
    )
    meanings = dict.fromkeys(_meaning(near.candidate, lang) for near in identified.near)
    notes = (*_asides(identified, lang), *meanings)
    return Table(sentence(identified, lang), columns, rows, notes=notes, lang=lang)


def relative_error(distance: float, lang: str = "en") -> str:
    """How far a number is from a value, in words: `57.5 % more`."""
    if not distance:
        return translate("the same", lang)
    percent = 100 * abs(distance)
    digits = f"{percent:.1f}" if percent >= 0.1 else f"{percent:.2g}"
    pattern = "{percent} % more" if distance > 0 else "{percent} % less"
    return translate(pattern, lang, percent=digits)


def _title(quantity: str, lang: str) -> str:
    """Return what a sentence calls a quantity."""
    return translate(BY_NAME[quantity].title, lang)


def _name(candidate: Candidate, lang: str) -> str:
    title = _title(candidate.quantity, lang)
    if candidate.convention is None:
        return title
    pattern = "{quantity} by {convention}"
    return translate(pattern, lang, quantity=title, convention=candidate.convention)


def _names(fit: Fit, lang: str) -> str:
    """Return the quantities that have the value where it is simplest: those without a convention, else `operations`."""
    here = [candidate for candidate in fit.named if candidate.place == fit.simplest.place]
    plain = [candidate for candidate in here if candidate.convention is None] or here
    return listing(list(dict.fromkeys(_title(candidate.quantity, lang) for candidate in plain)), 2)


def _places(fit: Fit) -> str:
    return listing(list(dict.fromkeys(candidate.place for candidate in fit.named)), 1)


def _conventions(fit: Fit) -> list[str]:
    if fit.simplest.key == ("params", None):  # those that say otherwise agree by chance
        return []
    here = [
        candidate.convention
        for candidate in fit.named
        if candidate.place == fit.simplest.place and candidate.convention is not None
    ]
    return list(dict.fromkeys(here))


def _short(value: int, unit: str) -> str:
    if unit != "bytes":
        return format_number(value, "short")
    return f"{format_number(value, 'MB', 4)} ({format_number(value, 'MiB')})"


def _reading(written: WrittenNumber, fit: Fit, lang: str) -> str:
    text = translate(fit.reading, lang)
    if fit.base == 1024:
        power = {"K": "", "M": "²", "G": "³", "T": "⁴"}[written.suffix]
        text += f", {written.suffix} = 1024{power}"
    if fit.unit_fits:
        return text
    return translate("{reading}, but no {unit}", lang, reading=text, unit=written.unit)


def _meaning(candidate: Candidate, lang: str) -> str:
    """Return what a quantity is; of a convention's operations, what the convention calls them and what it counts."""
    return f"{_name(candidate, lang)}: {in_language(candidate.meaning, lang)}"


def _meanings(fits: Iterable[Fit], lang: str) -> Iterator[str]:
    """Yield what the quantities shown mean, each once."""
    meanings: dict[str, str] = {}
    for fit in fits:
        here = [candidate for candidate in fit.named if candidate.place == fit.simplest.place]
        for candidate in here:
            if candidate.convention is None or candidate is fit.simplest:
                said = f"{_meaning(candidate, lang)}{_called(candidate, here, lang)}"
                meanings.setdefault(_name(candidate, lang), said)
    yield from list(meanings.values())[:MAX_MEANINGS]


def _called(candidate: Candidate, here: Iterable[Candidate], lang: str) -> str:
    """Which conventions call the same number otherwise: what papers print as FLOPs."""
    if candidate.convention is not None or candidate.unit != "operations":
        return ""
    by_unit: dict[str, list[str]] = {}
    for other in here:
        unit = other.meaning.partition(":")[0]
        if other.convention is not None and unit != _name(candidate, "en"):
            by_unit.setdefault(unit, []).append(other.convention)
    pattern = "; {unit} in the words of {conventions}"
    return "".join(
        translate(pattern, lang, unit=unit, conventions=listing(names, 3))
        for unit, names in by_unit.items()
    )


def _asides(identified: Identified, lang: str) -> Iterator[str]:
    """Who prints the number, and whose it is where it is not of this network, each once."""
    yield from dict.fromkeys(_whose(identified, lang))


def _whose(identified: Identified, lang: str, *, brief: bool = False) -> Iterator[str]:
    """Who prints the number, and the other networks of the family that have it."""
    yield from (printing_words(printing, brief=brief).text(lang) for printing in identified.printed)
    pattern = "another network of the family fits: {name} ({title}), {quantity} {value}, {reading}"
    for relative in identified.family:
        fit = relative.fit
        yield translate(
            pattern,
            lang,
            name=relative.net.name,
            title=relative.net.title,
            quantity=_names(fit, lang),
            value=f"{fit.value:,}",
            reading=_reading(identified.written, fit, lang),
        )


def identify_document(identified: Identified) -> dict[str, Any]:
    """Return what a number may be, all of it."""
    written = identified.written
    return {
        "network": identified.net.name,
        "input": inputs_document(identified.net.graph.inputs),
        "number": written.text,
        "value": show(written.value),
        "low": show(written.low),
        "high": show(written.high),
        "suffix": written.suffix,
        "unit": written.unit,
        "layer": identified.place,
        "matches": [_fit_document(fit) for fit in identified.fits],
        "near": [_near_document(near) for near in identified.near],
        "family": [
            {
                "network": relative.net.name,
                "title": relative.net.title,
                **_fit_document(relative.fit),
            }
            for relative in identified.family
        ],
        "printed": [_printed_document(printing) for printing in identified.printed],
    }


def _fit_document(fit: Fit) -> dict[str, Any]:
    return {
        "value": fit.value,
        "unit": fit.unit,
        "reading": fit.reading,
        "base": fit.base,
        "unit_fits": fit.unit_fits,
        "named": [_candidate_document(candidate) for candidate in fit.named],
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


def _printed_document(printed: Printing) -> dict[str, Any]:
    return {
        "network": printed.network,
        "layer": printed.place,
        "quantity": printed.quantity,
        "text": printed.text,
        "source": printed.source,
        "erratum": printed.why if printed.kind == "erratum" else None,
    }


# --- reconcile -------------------------------------------------------------------------------------------------------


def equation_text(equation: Equation) -> str:
    """Return an equation in one line: `torchinfo 4,089,238,376 = MACs 4,089,184,256 + fc biases 1,000`."""
    side, base = equation.side, equation.base
    parts = "".join(
        f" {'−' if part.amount < 0 else '+'} {part.what} {abs(part.amount):,}"
        for part in equation.parts
    )
    return f"{side.label} {side.total:,} = {base.label} {base.total:,}{parts}"


def reconcile_table(done: Reconciled, lang: str = "en") -> Table:
    """Return the equations, a row for each term."""
    columns = (
        Column("side", "count", "text"),
        Column("of", "of", "text"),
        Column("what", "what", "text"),
        Column("layers", "layers"),
        Column("amount", "amount"),
    )
    rows: list[tuple[Any, ...]] = []
    for equation in (*done.equations, *done.parameters):
        about = (equation.side.given, equation.side.counted)
        rows.append((*about, equation.base.label, None, equation.base.total))
        rows += [(*about, part.what, len(part.layers), part.amount) for part in equation.parts]
        rows.append((*about, f"= {equation.side.label}", None, equation.side.total))
    title = f"{done.net.title}, {show_inputs(done.net.graph.inputs, lang)}"
    return Table(title, columns, tuple(rows), lang=lang)


def per_layer_table(
    done: Reconciled, listed: Iterable[LayerDifference], *, lang: str = "en"
) -> Table:
    """Return the layers that the first and the last side count differently; layers of equal counts are left out."""
    equation = done.equations[0]
    first, second = equation.side.label, equation.base.label
    columns = (
        Column("name", "layer", "text"),
        Column("op", "op", "text", 3),
        Column("first", first),
        Column("second", second),
        Column("difference", "difference"),
        Column("why", "why", "text", 2),
    )
    rows = tuple(
        (
            layer.name,
            layer.op,
            layer.first,
            layer.second,
            layer.first - layer.second,
            "; ".join(part.what for part in layer.parts),
        )
        for layer in listed
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
    title = f"{done.net.title}, {show_inputs(done.net.graph.inputs, lang)}"
    return Table(title, columns, rows, totals, lang=lang)


def reconcile_document(
    done: Reconciled, listed: Iterable[LayerDifference] | None = None
) -> dict[str, Any]:
    """Return the sides, the equations, and with `listed` the layers."""
    document: dict[str, Any] = {
        "network": done.net.name,
        "input": inputs_document(done.net.graph.inputs),
        "layer": done.place,
        "sides": [_side_document(side) for side in done.sides],
        "equations": [
            _equation_document(equation) for equation in (*done.equations, *done.parameters)
        ],
    }
    if listed is not None:
        document["layers"] = [
            {
                "layer": layer.name,
                "op": layer.op,
                "first": layer.first,
                "second": layer.second,
                "parts": [{"what": part.what, "amount": part.amount} for part in layer.parts],
            }
            for layer in listed
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
            else [
                {**change._asdict(), "layers": list(change.layers)} for change in variant.changes
            ],
            "printed": [_printed_document(printing) for printing in variant.printed],
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
                "what": part.what,
                "ops": list(part.ops),
                "amount": part.amount,
                "layers": list(part.layers),
            }
            for part in equation.parts
        ],
    }


# --- reconcile, as text ----------------------------------------------------------------------------------------------

Line = tuple[str, int | None, str]
"""What, how many, and where; or a sentence, with no number."""


def render(done: Reconciled, width: int = 80, lang: str = "en") -> str:
    """Write each count below its name as the base and what is added to it, a term a line, the numbers in one column.

    Sentences are folded to `width` columns.
    """
    where = f"{done.net.title}, {show_inputs(done.net.graph.inputs, lang)}"
    if done.place != "total":
        where = translate("{layer} of {network}", lang, layer=done.place, network=where)
    lines: list[Line] = [(where, None, "")]
    equations = {id(equation.side): equation for equation in done.equations}
    for side in done.sides:
        block = list(_side(done, side, equations.get(id(side)), lang))
        lines += [("", None, ""), *block] if block else []
    for parameter in done.parameters:
        lines += [("", None, ""), *_equation(parameter, lang)]
    return "\n".join(_aligned(lines, width))


def _side(done: Reconciled, side: Side, equation: Equation | None, lang: str) -> Iterator[Line]:
    if side.variant is not None:
        yield from _variant(done, side, side.variant, lang)
        return
    named = side.fit is None and side.distance is None
    if not named:
        yield f"{side.given} {_is(side, lang)}", None, ""
    if equation is None:
        other = translate(done.sides[-1].counted, lang)
        counted = translate(side.counted, lang)
        note = translate("{counted}, not {other}", lang, counted=counted, other=other)
        yield f"  {side.label}", side.total, note
    elif equation.side is not equation.base:
        yield from _equation(equation, lang)
    elif not named or len(done.sides) == 1:
        yield f"  {side.label}", side.total, ""


def _is(side: Side, lang: str) -> str:
    """Return what a number is."""
    if side.fit is None:
        if not side.distance:
            pattern = "is no count of this network: the nearest, {label}, has another unit"
            return translate(pattern, lang, label=side.label)
        pattern = "is no count of this network: it is {distance} than the nearest, {label}"
        distance = relative_error(side.distance, lang)
        return translate(pattern, lang, distance=distance, label=side.label)
    whole = side.label == side.unit or (
        side.counted == "parameters" and side.convention.has_usual_parameters
    )
    unit = translate(side.unit, lang)
    whose = (
        translate(side.label, lang)
        if whole
        else translate("the {unit} of {label}", lang, unit=unit, label=side.label)
    )
    reading = translate(side.fit.reading, lang)
    said = translate("is {whose}, {reading}", lang, whose=whose, reading=reading)
    return said + _too("; {conventions} too", side, lang)


def _too(pattern: str, side: Side, lang: str) -> str:
    """Which other conventions give the number, if any does."""
    names = listing(side.also, 3)
    return translate(pattern, lang, conventions=names) if side.also else ""


def _equation(equation: Equation, lang: str) -> Iterator[Line]:
    side, base = equation.side, equation.base
    unit = "" if side.label == side.unit else translate(side.unit, lang)
    yield translate(side.label, lang), side.total, unit
    same = "" if equation.parts else translate(", the same", lang)
    yield f"  = {translate(base.label, lang)}{same}", base.total, ""
    for part in equation.parts:
        sign = "−" if part.amount < 0 else "+"
        yield f"  {sign} {said(part.what, lang)}", abs(part.amount), _where(part, lang)


def _where(part: Reason, lang: str) -> str:
    if len(part.layers) == 1:
        return part.layers[0]
    ops = listing(part.ops, 3)
    return translate("{count} layers: {ops}", lang, count=len(part.layers), ops=ops)


def _variant(done: Reconciled, side: Side, variant: FamilyMember, lang: str) -> Iterator[Line]:
    title = variant.net.title
    pattern = "{number} is of another network: {title}"
    yield translate(pattern, lang, number=side.given, title=title), None, ""
    reading = translate(side.fit.reading, lang) if side.fit else ""
    unit = translate(side.unit, lang)
    also = _too(" ({conventions} too)", side, lang)
    yield f"{variant.net.name}", variant.total, f"{unit}, {reading}{also}"
    yield f"  = {done.net.name}", side.total, translate(side.label, lang)
    changed = {layer for change in variant.changes or () for layer in change.layers}
    where = (
        translate("{count} layers that differ", lang, count=len(changed))
        if changed
        else translate("other layers", lang)
    )
    sign = "−" if variant.total < side.total else "+"
    yield f"  {sign} {where}", abs(variant.total - side.total), ""
    for change in variant.changes or ():
        yield f"      {_change(change, lang)}", None, ""
    for printed in variant.printed:
        yield f"  {printing_words(printed).text(lang)}", None, ""


def _change(change: ChangedField, lang: str) -> str:
    pattern = "{what}: {field} {there} there, {here} here: {layers}"
    given = {**change._asdict(), "layers": listing(change.layers, 1)}
    return translate(pattern, lang, **given)


def _aligned(lines: list[Line], width: int) -> Iterator[str]:
    left = max((display_width(what) for what, number, _ in lines if number is not None), default=0)
    right = max((len(f"{number:,}") for _, number, _ in lines if number is not None), default=0)
    for what, number, where in lines:
        if number is None:
            yield _folded(what, width)
        else:
            yield f"{what}{' ' * (left - display_width(what))}  {number:>{right},}  {where}".rstrip()


def _folded(text: str, width: int) -> str:
    """Return a sentence over several lines, the further ones set in."""
    from textwrap import wrap

    start = " " * (len(text) - len(text.lstrip()))
    lines = wrap(
        text.lstrip(),
        max(width, 40),
        initial_indent=start,
        subsequent_indent=f"{start}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines)
