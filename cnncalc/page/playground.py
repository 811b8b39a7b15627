"""What the playground of `site/` says, in English; `tools/build_site.py` writes it into the pages of both languages."""

from __future__ import annotations

SHOWN = {
    "title": "cnncalc playground",
    "start": "Start from",
    "choose": "choose a network",
    "input": "Input",
    "as_written": "as written",
    "input_help": "another input than the spec's: one number for every side, or the whole shape",
    "open": "Open a model file",
    "link": "Copy link",
    "spec": "Spec",
    "report": "Report",
    "back": "Show the spec again",
    "loading": "Loading Python; the first time this takes a while",
    "noscript": "The playground needs JavaScript.",
}
"""What stands on the page from the start."""
SAID = {
    "loading": SHOWN["loading"],
    "report": SHOWN["report"],
    "spec": SHOWN["spec"],
    "problems": "{count} to fix",
    "done": "Worked out in {ms} ms",
    "failed": "Python gave up, and starts anew with the next change: {message}",
    "slow": "no answer for a minute",
    "large": "{name} is too large",
    "read": "{name} was read here; it has not left this machine.",
    "unread": "{name} cannot be read.",
    "copied": "The link is copied; it holds the spec.",
    "address": "The address of this page now holds the spec.",
    "broken": "the link is not whole",
    "whole": "ask for it again; it ends in a long word",
}
"""What the script says, by its word for it; `{...}` are places for values."""

__all__ = ["SAID", "SHOWN"]
