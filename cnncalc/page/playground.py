"""What the pages of `site/` say, in English; `tools/build_site.py` writes it into the pages of both languages."""

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
    "practice": "Practice",
    "spec": "Spec",
    "report": "Report",
    "completions": "What may stand here",
    "back": "Show the spec again",
    "loading": "Loading Python; the first time this takes a while",
    "noscript": "The playground needs JavaScript.",
}
"""What stands on the page from the start."""
SAID = {
    "loading": SHOWN["loading"],
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

A_NUMBER = "Answer with a number, such as 12,345 or 12.3K."
"""What a homework's question says of the form of its answer, where that is no shape."""
STUDENT_SHOWN = {
    "title": "cnncalc practice",
    "loading": SHOWN["loading"],
    "noscript": "The practice page needs JavaScript.",
    "playground": "Playground",
    "homework": "Homework",
    "sample": "A homework to try",
    "choose_homework": "choose a homework",
    "open": "Open a homework",
    "link": SHOWN["link"],
    "share": "Save to share",
    "keep": "Save my answers",
    "drawn": "Questions without end",
    "level": "Level",
    "one": "1: one layer",
    "two": "2: more to it",
    "three": "3: blocks and chains",
    "next": "Next question",
    "reveal": "Show the answer",
    "about": "What this page keeps, and what it does not",
    "nothing_leaves": (
        "Everything is worked out in this browser, which also keeps your answers. None of them leaves "
        "this machine, and nobody is told how often you tried."
    ),
    "no_key": (
        "A homework that was saved to share, or whose link was copied here, holds no answer to read: "
        "a right answer is known by its salted digest. Hints come from the network, which the "
        "question gives anyway."
    ),
    "no_secret": (
        "That keeps a glance from seeing the key. It keeps no secret: whoever works the network out, "
        "here in the playground or with cnncalc, has the answer, and so has whoever lets a program "
        "try all numbers. It is for practice, not for an exam."
    ),
}
"""What stands on the student's page from the start."""
STUDENT_SAID = {
    "loading": SHOWN["loading"],
    "failed": SAID["failed"],
    "slow": SAID["slow"],
    "large": SAID["large"],
    "copied": "The link is copied; it holds the homework, and no answer in clear.",
    "address": "The address of this page now holds the homework, and no answer in clear.",
    "broken": SAID["broken"],
    "whole": SAID["whole"],
    "ready": "Ready",
    "problems": SAID["problems"],
    "answer": "Answer to {id}",
    "your_answer": "Your answer",
    "points": "{points} points",
    "check": "Check",
    "hint": "A hint",
    "network": "The network",
    "comes_about": "How it comes about",
    "score": "{score} of {max}",
    "streak": "{right} of {tried} right at the first try",
    "the_answer": "The answer is {answer}.",
    "sealed": "This homework holds digests, and no answer in clear.",
    "open_key": "This homework is as its author wrote it. A link or a file saved from here holds digests.",
}
"""What the script of the student's page says."""

__all__ = ["A_NUMBER", "SAID", "SHOWN", "STUDENT_SAID", "STUDENT_SHOWN"]
