"""An autograder for Gradescope: an archive with everything in it, which grades with the network cut.

Its form is Gradescope's (gradescope-autograders.readthedocs.io, "Autograder specifications"): `setup.sh` is run once,
when the machine is made, in `/autograder/source`; `run_autograder` once for each submission, and writes
`/autograder/results/results.json`. What it runs is `autograde`, the same grading as everywhere.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from cnncalc.classroom.keys import Keys
from cnncalc.classroom.roster import read_roster
from cnncalc.classroom.wheels import PYTHON, Files, archive, wheels
from cnncalc.homework.questions import load_homework
from cnncalc.homework.report import Telling
from cnncalc.spec.shipped import data_file, spec_file
from cnncalc.text.files import is_there
from cnncalc.text.source import Source, Span, single_problem
from cnncalc.text.yaml_tree import Located, Mapping, Scalar, Sequence, parse_yaml, read_source

HOMEWORK, KEYS, STUDENTS, SETTINGS = "homework.yaml", "keys", "students", "autograder.json"
NETWORKS = "networks"

_SETUP = """\
#!/bin/sh
# Put cnncalc where run_autograder finds it. Where there is a Python {python} or later nothing is downloaded.
set -eu
cd "$(dirname "$0")"
find_python() {{
  for name in python3.14 python3.13 python3.12 python3.11 python3; do
    if command -v "$name" && "$name" -c 'import sys; sys.exit(sys.version_info < ({minimum}))'; then return 0; fi
  done
  return 1
}}
if ! found=$(find_python); then
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python{python}
  found=$(find_python)
fi
python=$(echo "$found" | tail -n 1)
rm -rf lib && mkdir lib
for wheel in wheels/*.whl; do "$python" -m zipfile -e "$wheel" lib; done
echo "$python" > python
"""
_RUN = """\
#!/bin/sh
# Grade what is in $AUTOGRADER/submission, and write $AUTOGRADER/results/results.json.
set -eu
AUTOGRADER=${AUTOGRADER:-/autograder}
cd "$AUTOGRADER/source"
exec "$(cat python)" -I -B -c '
import sys
sys.path.insert(0, "lib")
from cnncalc.classroom.autograde import main
main(sys.argv[1])
' "$AUTOGRADER"
"""


class AutograderRequest(NamedTuple):
    """What an autograder is made of: a homework, or keys and who the class are; and what it tells students."""

    homework: str | None
    keys: str | None = None
    students: str | None = None
    accept: tuple[str, ...] = ()
    telling: Telling = Telling()


def autograder(request: AutograderRequest) -> bytes:
    """Make the archive. Raises SpecError where there is nothing to grade by, or it cannot be read."""
    files = _questions(request)
    telling = request.telling
    settings = {
        "accept": list(request.accept),
        "hints": telling.hints,
        "reveal": telling.reveal,
        "lang": telling.lang,
    }
    minimum = PYTHON.replace(".", ", ")
    files = {
        "setup.sh": _SETUP.format(python=PYTHON, minimum=minimum).encode(),
        "run_autograder": _RUN.encode(),
        SETTINGS: json.dumps(settings).encode(),
        **files,
        **{f"wheels/{name}": data for name, data in wheels().items()},
    }
    return archive(files, ("setup.sh", "run_autograder"))


def _questions(request: AutograderRequest) -> Files:
    """Pack what is graded by: the homework or the keys, the networks that they name, the roster."""
    if request.homework is not None:
        load_homework(request.homework, request.accept)  # whatever is wrong with it is said now
        shipped = data_file("homework", request.homework)
        return _Bundle().packed(HOMEWORK, str(shipped or request.homework))
    if request.keys is None:
        raise single_problem(
            "--gradescope",
            "",
            "an autograder needs what it grades by",
            "--homework FILE, or --keys FOLDER with --students FILE",
            "usage",
        )
    bundle, files = _Bundle(), Files()
    for path in Keys(request.keys, request.accept).paths.values():
        load_homework(str(path), request.accept)
        files |= bundle.packed(f"{KEYS}/{path.name}", str(path))
    if request.students is not None:
        read_roster(request.students)
        files[f"{STUDENTS}{Path(request.students).suffix}"] = Path(request.students).read_bytes()
    return files


class _Bundle:
    """Homeworks as they are packed: each with the files of its networks, called so that nothing leads out."""

    def __init__(self) -> None:
        self.names: dict[Path, str] = {}

    def packed(self, name: str, path: str) -> Files:
        """Pack a homework and the network files that it names."""
        source = read_source(path)
        tree, _ = parse_yaml(source)
        files: Files = {}
        changed: list[tuple[Span, str]] = []
        for scalar in _named_networks(tree):
            found = spec_file(_beside(source, scalar.text.strip()))
            if found is None:
                continue
            stem = self.names.setdefault(found.path, f"{len(self.names) + 1}_{found.path.stem}")
            ending = found.path.suffix
            variant = f"_{found.variant}" if found.variant else ""
            files[f"{NETWORKS}/{stem}{ending}"] = found.path.read_bytes()
            changed.append((scalar.span, json.dumps(f"{NETWORKS}/{stem}{variant}{ending}")))
        return {name: _with(source, changed).encode(), **files}


def _named_networks(tree: Located | None) -> list[Scalar]:
    """List the texts that name a network or a spec: in the homework itself, and in its questions."""
    if not isinstance(tree, Mapping):
        return []
    questions = tree.get("questions")
    items = questions.items if isinstance(questions, Sequence) else ()
    mappings = [tree, *(item for item in items if isinstance(item, Mapping))]
    named = [mapping.get(key) for mapping in mappings for key in ("network", "spec")]
    return [value for value in named if isinstance(value, Scalar)]


def _beside(source: Source, name: str) -> str:
    """Return a path as it stands from here, else from the homework's folder, as `check` looks for it."""
    beside = Path(source.name).parent / name
    return name if is_there(name) or not is_there(beside) else str(beside)


def _with(source: Source, changed: list[tuple[Span, str]]) -> str:
    """Put other texts in the place of some values, from the last to the first."""
    lines = source.text.split("\n")
    for span, text in sorted(
        changed, key=lambda each: (each[0].line, each[0].column), reverse=True
    ):
        line, start = lines[span.line - 1], span.column - 1
        lines[span.line - 1] = line[:start] + text + line[start + span.length :]
    return "\n".join(lines)


__all__ = ["HOMEWORK", "KEYS", "SETTINGS", "STUDENTS", "AutograderRequest", "autograder"]
