"""Whose a submission is: from what a course system made of the file's name, from the name, or from the folder's."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import NamedTuple

from cnncalc.text.printable import printable

_MOODLE = re.compile(
    r"(?P<name>.+?)_(?P<user>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<given>.*)"
)
"""`Kim Jun_1001_assignsubmission_file_`, a folder; in older versions of Moodle the file follows at once."""
_CANVAS = re.compile(
    r"(?P<name>.+?)(?:_LATE)?_(?P<user>\d{2,})_(?P<attempt>\d{4,})_(?P<given>.+?)(?:-\d+)?(?P<ending>\.\w+)?"
)
"""`kimjun_LATE_1001_20034_answers-1.csv`: name, user, attachment, and the student's own name for the file."""
_NOT_IN_FILES = re.compile(r'[<>:"/\\|?*\u2400-\u2421\ufffd]')
"""What names of files cannot have: signs of paths, and the symbols that stand for what cannot be seen."""
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_MAX_STEM_BYTES = 180
"""A file's name may have 255 bytes; an ending, and what a temporary name adds, take the rest."""


class Sender(NamedTuple):
    """Who handed a file in, as a course system says it in the file's path.

    `user` is the system's number for the student, `given` the student's own name for the file, and a higher `attempt`
    is a later one of the same file.
    """

    name: str
    user: str
    given: str
    attempt: int = 0


def sender_of(parts: tuple[str, ...]) -> Sender | None:
    """Read who handed a file in from its path, as Moodle or Canvas makes it; None for any other path."""
    for place, part in enumerate(parts):
        moodle = _MOODLE.fullmatch(part)
        if moodle:
            return Sender(
                moodle["name"], moodle["user"], moodle["given"] or "/".join(parts[place + 1 :])
            )
    canvas = _CANVAS.fullmatch(parts[-1])
    if canvas is None:
        return None
    given = canvas["given"] + (canvas["ending"] or "")
    return Sender(canvas["name"], canvas["user"], given, int(canvas["attempt"]))


def readable(path: str) -> str:
    """Give a path as text that can be written: a name that is no UTF-8 as CP949 where it is that, else escaped."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        raw = os.fsencode(path)
        try:
            return raw.decode("cp949")
        except UnicodeDecodeError:
            return raw.decode("utf-8", "backslashreplace")
    return path


def student_of(path: str) -> str | None:
    """Name the student after a file, without its ending; None for standard input."""
    return None if path == "-" else readable(PurePath(path).stem)


def student_names(paths: Iterable[str]) -> dict[str, str | None]:
    """Name the students of a class's files, no two alike.

    Files of one name are told apart by the nearest folder that differs, as in a course system's download of
    `Kim_1001_assignsubmission_file_/homework.csv` for each student; files of one folder by their endings. What these
    do not tell apart keeps its whole path.
    """
    names: dict[str, str | None] = {path: student_of(path) for path in paths}
    for alike in _alike(names):
        for path, name in zip(alike, _told_apart(alike), strict=True):
            names[path] = name
    for alike in _alike(names):
        names.update({path: readable(path) for path in alike})
    return names


def _alike(names: Mapping[str, str | None]) -> list[list[str]]:
    """Group the paths whose students' files would have one name."""
    groups: dict[str, list[str]] = {}
    for path, name in names.items():
        if name is not None:
            groups.setdefault(file_stem(name).casefold(), []).append(path)
    return [group for group in groups.values() if len(group) > 1]


def _told_apart(paths: list[str]) -> list[str]:
    """Name each path after the nearest folder, or the ending, in which all differ; else after the whole path."""
    parts = [PurePath(readable(path)).parts for path in paths]
    if len({names[:-1] for names in parts}) == 1:
        return [names[-1] for names in parts]
    for level in range(2, min(map(len, parts)) + 1):
        folders = [names[-level] for names in parts]
        if len(set(folders)) == len(paths):
            return [_student_folder(folder) for folder in folders]
    return [readable(path) for path in paths]


def _student_folder(folder: str) -> str:
    """Name a student after a folder: `Kim_1001_assignsubmission_file_` of Moodle is Kim's."""
    sender = sender_of((folder, ""))
    return folder if sender is None else sender.name


def file_stem(student: str) -> str:
    """Make a file's name, without its ending, that every system takes: signs of paths and of no shape become `_`."""
    stem = _NOT_IN_FILES.sub("_", printable(unicodedata.normalize("NFC", student))).strip(" .")
    if not stem or _DEVICES.fullmatch(stem):
        stem = f"_{stem}"
    return stem.encode("utf-8", "replace")[:_MAX_STEM_BYTES].decode("utf-8", "ignore")


def free_name(stem: str, taken: set[str]) -> str:
    """Give a name that no other file has, on systems too that do not tell case apart."""
    name, number = stem, 1
    while name.casefold() in taken:
        number += 1
        name = f"{stem}_{number}"
    taken.add(name.casefold())
    return name


__all__ = [
    "Sender",
    "file_stem",
    "free_name",
    "readable",
    "sender_of",
    "student_names",
    "student_of",
]
