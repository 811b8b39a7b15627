"""What a class handed in: files, folders and zip archives as course systems pack them, and whose each file is.

No file is left out without a word, and none is guessed to be somebody's: a name that two students could have, and one
that nobody has, are said, and a map file decides.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.classroom.roster import Roster, Student
from cnncalc.homework.sheets.files import read_sheet_file
from cnncalc.homework.sheets.labels import plain
from cnncalc.homework.sheets.rows import Rows, refuse, refuse_at
from cnncalc.homework.students import Sender, readable, sender_of, student_names
from cnncalc.text.messages import message
from cnncalc.text.source import SpecError
from cnncalc.text.yaml_tree import Located, Scalar, Sequence, parse_yaml, read_source
from cnncalc.text.yaml_tree import Mapping as YamlMapping

if TYPE_CHECKING:
    from cnncalc.text.archives import Member

GRADESCOPE_MAP = "submission_metadata.yml"
"""The file in which Gradescope's download says whose each of its folders is."""
LATER_COUNTS = message("a later attempt counts")

_FILE_HEADERS = frozenset(map(plain, ("file", "folder", "path", "submission", "파일", "폴더")))


class HandedIn(NamedTuple):
    """A file: its path, which may lead into an archive, and the parts of it that tell files of the class apart.

    `above` are the folders around those, the nearest first. `submitters` are what Gradescope calls whoever handed it
    in, each by several texts; `problem` says why it is not to be read.
    """

    path: str
    parts: tuple[str, ...]
    above: tuple[str, ...] = ()
    submitters: tuple[tuple[str, ...], ...] = ()
    problem: str = ""

    @property
    def sender(self) -> Sender | None:
        """Who handed it in, as Moodle or Canvas says it in the path."""
        return sender_of((*reversed(self.above), *self.parts))


# --- files ----------------------------------------------------------------------------------------------------------


def handed_in(words: Iterable[str]) -> list[HandedIn]:
    """List the files that words on the command line name, those in folders and archives too, each once."""
    words = list(dict.fromkeys(words))
    loose = [word for word in words if not _holds_others(word)]
    shared = _shared_folder(loose)
    found: dict[str, HandedIn] = {}
    for word in words:
        for each in [_loose(word, shared)] if word in loose else _inside(word):
            found.setdefault(each.path, each)
    return list(found.values())


def _holds_others(word: str) -> bool:
    if word == "-" or not word.lower().endswith(".zip"):
        return os.path.isdir(word)
    from cnncalc.text.archives import is_archive

    return os.path.isdir(word) or is_archive(word)


def _shared_folder(paths: list[str]) -> int:
    """Count the first parts that all paths have in common, their last ones left out."""
    parts = [PurePath(path).parts[:-1] for path in paths]
    together = zip(*parts, strict=False)
    return sum(1 for _ in takewhile(lambda level: len(set(level)) == 1, together))


def _loose(path: str, shared: int) -> HandedIn:
    parts = PurePath(path).parts
    return HandedIn(path, parts[shared:] or (path,), tuple(reversed(parts[:shared])))


def _inside(word: str) -> Iterator[HandedIn]:
    """List the files of a folder or an archive."""
    from cnncalc.text import archives

    try:
        listed = list(archives.walk(word) if os.path.isdir(word) else archives.members(word))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        yield HandedIn(word, (PurePath(word).name,), problem=reason)
        return
    kept = [member for member in listed if member.parts and not archives.hidden(member.parts)]
    if not kept:
        yield HandedIn(word, (PurePath(word).name,), problem=message("there is no file in it"))
    submitters = _gradescope(word, kept)
    for member in kept:
        if member.parts[-1] != GRADESCOPE_MAP:
            path = os.path.join(word, *member.parts)
            who = next((submitters[part] for part in member.parts if part in submitters), ())
            yield HandedIn(path, member.parts, (PurePath(word).stem,), who, member.problem)


def _gradescope(word: str, listed: list[Member]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Read whose each of Gradescope's folders is; nothing where it is not Gradescope's, or cannot be read."""
    place = next((file.parts for file in listed if file.parts[-1] == GRADESCOPE_MAP), None)
    if place is None:
        return {}
    try:
        tree, _ = parse_yaml(read_source(os.path.join(word, *place)))
    except SpecError:
        return {}
    entries = tree.entries if isinstance(tree, YamlMapping) else ()
    return {folder.text: tuple(_submitters(entry)) for folder, entry in entries}


def _submitters(entry: Located) -> Iterator[tuple[str, ...]]:
    """Yield what each submitter is called: number, address, name."""
    listed = entry.get(":submitters") if isinstance(entry, YamlMapping) else None
    for item in listed.items if isinstance(listed, Sequence) else ():
        if isinstance(item, YamlMapping):
            values = [item.get(key) for key in (":sid", ":email", ":name")]
            yield tuple(each.text for each in values if isinstance(each, Scalar) and each.text)


# --- whose they are -------------------------------------------------------------------------------------------------


class Owned(NamedTuple):
    """Files of one student; `student` None where nobody knows whose they are."""

    student: str | None
    files: tuple[HandedIn, ...]


def owned(files: list[HandedIn], roster: Roster | None, given: Mapping[str, str]) -> list[Owned]:
    """Put together the files of each student, in the order of the roster, then those that are nobody's, one by one.

    `given` is a map file: a file's path, name or folder, and the student.
    """
    if roster is None:
        return _by_name(files, given)
    by_student: dict[str, list[HandedIn]] = {key: [] for key in roster.keys}
    nobodys = []
    for file in files:
        students = list(_students(file, roster, given))
        for student in students:
            by_student[student.key].append(file)
        if not students:
            nobodys.append(Owned(None, (file,)))
    return [*(Owned(key, _latest(found)) for key, found in by_student.items() if found), *nobodys]


def _students(file: HandedIn, roster: Roster, given: Mapping[str, str]) -> Iterator[Student]:
    """Find whose a file is: as the map says, else as the course system says, else by folders and the file's name."""
    mapped = _mapped(file, given)
    if mapped is not None:
        yield roster.by_key[mapped]
        return
    if file.submitters:
        for names in file.submitters:
            yield from _first(map(roster.find, names))
        return
    sender = file.sender
    if sender is not None:
        by_number = (student for student in roster.students if _has_number(student, sender.user))
        yield from _first([next(by_number, None), roster.find(sender.name)])
        return
    texts = [*file.parts[:-1], PurePath(file.parts[-1]).stem]
    yield from _first(
        find(text)
        for find, found in (
            (roster.find, texts),
            (roster.find_within, texts),
            (roster.find, file.above),
        )
        for text in found
    )


def _first(found: Iterable[Student | None]) -> Iterator[Student]:
    student = next(filter(None, found), None)
    if student is not None:
        yield student


def _has_number(student: Student, number: str) -> bool:
    """Tell whether Canvas' own number is a student's, in a roster that is Canvas' gradebook."""
    return "SIS Login ID" in student.row and student.row.get("ID") == number


def _latest(files: list[HandedIn]) -> tuple[HandedIn, ...]:
    """Mark the earlier attempts of a file that was handed in again."""
    last: dict[str, int] = {}
    for file in files:
        if file.sender is not None:
            last[file.sender.given] = max(last.get(file.sender.given, 0), file.sender.attempt)
    return tuple(
        file._replace(problem=LATER_COUNTS)
        if file.sender is not None and file.sender.attempt < last[file.sender.given]
        else file
        for file in files
    )


def _by_name(files: list[HandedIn], given: Mapping[str, str]) -> list[Owned]:
    """Name students without a roster: by the map, by the course system, else as their files are called."""
    senders = {file.path: _told(file, given) for file in files}
    users: dict[str, set[str]] = {}
    for told in senders.values():
        if told is not None:
            users.setdefault(told[0], set()).add(told[1])
    names = student_names(path for path, told in senders.items() if told is None)
    together: dict[tuple[str, str], list[HandedIn]] = {}
    for file in files:
        told = senders[file.path]
        key = ("", file.path) if told is None else told
        together.setdefault(key, []).append(file)
    return [
        Owned(
            names[user] if not name else name if len(users[name]) == 1 else f"{name} ({user})",
            _latest(found),
        )
        for (name, user), found in together.items()
    ]


def _told(file: HandedIn, given: Mapping[str, str]) -> tuple[str, str] | None:
    """Say who handed a file in, a name and a number, without a roster; None where nothing but its path says it."""
    mapped = _mapped(file, given)
    if mapped is not None:
        return mapped, ""
    if file.submitters and file.submitters[0]:
        return " and ".join(names[-1] for names in file.submitters if names), ""
    return None if file.sender is None else (readable(file.sender.name), file.sender.user)


# --- a map ----------------------------------------------------------------------------------------------------------


def read_map(path: str, roster: Roster | None) -> dict[str, str]:
    """Read a map: two columns, a file's path, name or folder, and its student.

    Raises SpecError for a file that is no such table, a file named twice, and a student who is not on the roster.
    """
    rows, _ = read_sheet_file(path)
    if not isinstance(rows, Rows):
        raise refuse(path, "a map is a table of two columns", "file,student")
    found: dict[str, str] = {}
    for row in rows.rows:
        if len(row) < 2 or not row[0].text or plain(row[0].text) in _FILE_HEADERS:
            continue
        file, named = row[0], row[1]
        student = named.text if roster is None else getattr(roster.find(named.text), "key", None)
        if student is None:
            message = f"'{named.text}' is no student of the roster, or more than one"
            raise refuse_at(path, named, message, code="map")
        if found.setdefault(file.text, student) != student:
            raise refuse_at(path, file, f"'{file.text}' is given to two students", code="map")
    if not found:
        raise refuse(path, "a map is a table of two columns", "file,student")
    return found


def _mapped(file: HandedIn, given: Mapping[str, str]) -> str | None:
    """Look a file up in the map: by its path, its path in the folder, its name, then its folders."""
    sender = file.sender
    names = (file.path, "/".join(file.parts), *reversed(file.parts), PurePath(file.path).stem)
    numbers = () if sender is None else (sender.user, sender.name)
    return next((given[name] for name in (*names, *numbers) if name in given), None)


__all__ = ["LATER_COUNTS", "HandedIn", "Owned", "handed_in", "owned", "read_map"]
