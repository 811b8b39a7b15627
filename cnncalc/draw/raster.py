"""SVG to PNG and PDF, by libraries that are installed with the extra `draw`."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import ModuleType

from cnncalc.text.source import single_problem

ZOOM = 2
"""Pixels of a PNG for each pixel of the SVG, along each axis."""


def converter(ending: str) -> Callable[[str], bytes] | None:
    """Say what makes a file with this ending from an SVG; None for an SVG itself.

    Raises SpecError for another ending, or where the library is not installed.
    """
    if ending.lower() == ".svg":
        return None
    make = _CONVERTERS.get(ending.lower())
    if make is None:
        hint = f"use one of {', '.join(PICTURES)}"
        raise single_problem("-o", ending, f"a picture is not written as '{ending}'", hint, "file")
    return make()


def _png() -> Callable[[str], bytes]:
    library = _library("resvg_py", "PNG")
    return lambda svg: bytes(library.svg_to_bytes(svg_string=svg, zoom=ZOOM))


def _pdf() -> Callable[[str], bytes]:
    library = _library("svg2pdf_py", "PDF")
    fonts = library.FontDatabase.system()
    return lambda svg: bytes(library.svg_to_pdf(svg, fonts, library.ConversionOptions()))


_CONVERTERS = {".png": _png, ".pdf": _pdf}

PICTURES = (".svg", *_CONVERTERS)
"""How the names of pictures end."""


def _library(name: str, kind: str) -> ModuleType:
    try:
        return import_module(name)
    except ImportError:
        hint = "pip install 'cnncalc[draw]', or write an .svg"
        raise single_problem("-o", kind, f"a {kind} needs {name}", hint, "extra") from None


__all__ = ["PICTURES", "converter"]
