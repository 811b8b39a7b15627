"""A located tree back to YAML, in one line: what was written, without its comments and its layout."""

from __future__ import annotations

import json

from cnncalc.text.yaml_tree import Located, Scalar, Sequence


def flow(located: Located) -> str:
    """Write a value in one line, as YAML reads it back: plain words plain, all others in quotes."""
    if isinstance(located, Scalar):
        plain = located.plain and not set(located.text) & set(",[]{}#")
        return located.text if plain else json.dumps(located.text, ensure_ascii=False)
    if isinstance(located, Sequence):
        return f"[{', '.join(map(flow, located.items))}]"
    return f"{{{', '.join(f'{flow(key)}: {flow(value)}' for key, value in located.entries)}}}"


__all__ = ["flow"]
