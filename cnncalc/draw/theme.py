"""Colours. Families differ in lightness too, so that a picture printed in grey is read as one in colour."""

from __future__ import annotations

from collections.abc import Mapping

Theme = Mapping[str, str]

FAMILIES = (
    "input",
    "conv",
    "pool",
    "dense",
    "norm",
    "pointwise",
    "merge",
    "reshape",
    "attention",
    "scope",
    "opaque",
)

THEMES: dict[str, Theme] = {
    "light": {
        "page": "#ffffff",
        "ink": "#1a1a1a",
        "soft": "#555555",
        "line": "#333333",
        "frame": "#f4f5f7",
        "edge": "#9aa0a8",
        "input": "#e8e8e8",
        "conv": "#f4c27a",
        "pool": "#d9705f",
        "dense": "#7fb5e6",
        "norm": "#cfe3c4",
        "pointwise": "#cfe3c4",
        "merge": "#e4e7ec",
        "reshape": "#d8cdea",
        "attention": "#f2b8c6",
        "opaque": "#c9c9c9",
        "scope": "#a9cfc4",
        "accent": "#175ea8",
        "mark": "#b3261e",
        "bar": "#5b8fc7",
    },
    "dark": {
        "page": "#15181c",
        "ink": "#f2f2f2",
        "soft": "#b4b9c0",
        "line": "#d0d4da",
        "frame": "#1f242a",
        "edge": "#66707c",
        "input": "#2d3136",
        "conv": "#8a5d17",
        "pool": "#8a3325",
        "dense": "#2a5f8f",
        "norm": "#48683a",
        "pointwise": "#48683a",
        "merge": "#343b44",
        "reshape": "#5d4b80",
        "attention": "#7d3a4d",
        "opaque": "#55595f",
        "scope": "#2c6256",
        "accent": "#8ec1f5",
        "mark": "#ff9d8f",
        "bar": "#4f86c0",
    },
}


def custom_properties(name: str) -> str:
    """Give the colours of a theme as CSS custom properties, which a page's own style sheet uses."""
    return f"color-scheme:{name};" + "".join(
        f"--{key}:{value};" for key, value in THEMES[name].items()
    )


def style_sheet(name: str) -> str:
    """Give the style sheet of a picture in a theme; its rules reach no further than pictures of that theme."""
    return scoped(picture_rules(THEMES[name]), name)


def picture_rules(theme: Theme) -> dict[str, str]:
    """Give the rules of a network's picture, by selector, with the colours of a theme."""
    return {
        ".page": f"fill:{theme['page']}",
        "text": f"fill:{theme['ink']}",
        ".shape,.subtitle,.name": f"fill:{theme['soft']}",
        ".label,.title": "font-weight:bold",
        ".box path,.box circle": f"stroke:{theme['line']};stroke-width:1;stroke-linejoin:round",
        ".flow,.skip,.side": f"fill:none;stroke:{theme['line']};stroke-width:1.2",
        ".skip": "stroke-dasharray:5 2",
        ".side": "stroke-dasharray:2 2",
        ".head": f"fill:{theme['line']}",
        ".frame rect": f"fill:{theme['frame']};stroke:{theme['edge']}",
        **{f".{family}": f"fill:{theme[family]}" for family in FAMILIES},
        ".lid": "fill-opacity:.65",
        ".face": "fill-opacity:.85",
    }


def chart_rules(theme: Theme) -> dict[str, str]:
    """Give the rules of a chart, by selector, with the colours of a theme."""
    return {
        ".page": f"fill:{theme['page']}",
        "text": f"font-size:10px;fill:{theme['soft']}",
        ".curve-text": f"fill:{theme['accent']}",
        ".peak-text": f"fill:{theme['mark']};font-weight:bold",
        ".heading": f"font-size:14px;font-weight:bold;fill:{theme['ink']}",
        ".bars": f"fill:{theme['bar']}",
        ".curve": f"stroke:{theme['accent']};stroke-width:1.5;fill:none",
        ".grid": f"stroke:{theme['edge']};stroke-width:.5;stroke-dasharray:2 3;fill:none",
        ".ground": f"stroke:{theme['edge']};fill:none",
        ".area": f"fill:{theme['bar']};fill-opacity:.55;stroke:none",
        ".peak": f"fill:{theme['mark']}",
        ".input-size": f"stroke:{theme['mark']};stroke-dasharray:4 3;fill:none",
        ".input-square": f"fill:{theme['input']};stroke:{theme['line']}",
        ".field": f"fill:none;stroke:{theme['accent']}",
        ".leader": f"stroke:{theme['edge']};stroke-width:.6;fill:none",
        ".dot": f"fill:{theme['bar']};fill-opacity:.6;stroke:{theme['line']}",
    }


def scoped(rules: Mapping[str, str], scope: str) -> str:
    """Write rules as a style sheet that reaches no further than elements of the class `scope`."""
    return "".join(
        f"{','.join(f'.{scope} {part}' for part in selectors.split(','))}{{{rule}}}"
        for selectors, rule in rules.items()
    )


def page_rules() -> str:
    """Write the rules of pictures and charts in a page, whose colours are its custom properties."""
    theme = {key: f"var(--{key})" for key in THEMES["light"]}
    return scoped(picture_rules(theme), "cnncalc") + scoped(chart_rules(theme), "chart")


__all__ = [
    "FAMILIES",
    "THEMES",
    "Theme",
    "chart_rules",
    "custom_properties",
    "page_rules",
    "scoped",
    "style_sheet",
]
