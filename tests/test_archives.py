"""Archives of strangers as folders: what is read, and why the rest is not."""

# ruff: noqa: E501  (a problem is a line)

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from cnncalc.text import archives


def packed(path: Path, *files: tuple[str, bytes]) -> Path:
    """Write an archive of these files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return path


def locked(path: Path) -> Path:
    """Write an archive whose one member says that it is locked by a password."""
    data = packed(path, ("a.csv", b"1")).read_bytes()
    at = data.index(b"PK\x01\x02") + 8
    path.write_bytes(data[:at] + struct.pack("<H", 1) + data[at + 2 :])
    return path


def damaged(path: Path) -> Path:
    """Write an archive whose one member has other bytes than its sum says."""
    data = packed(path, ("a.csv", b"an answer and another one")).read_bytes()
    at = data.index(b"a.csv") + len("a.csv")
    path.write_bytes(data[:at] + b"\xff\xff\xff\xff" + data[at + 4 :])
    return path


PROBLEMS: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "no archive on the path": (lambda path: path, "class/a.csv", "is in no archive"),
    "no such member": (lambda path: packed(path, ("a.csv", b"1")), "in.zip/b.csv", "there is no such file in"),
    "no zip archive": (lambda path: path.write_bytes(b"PK"), "in.zip/a.csv", "this is a damaged zip archive"),
    "a way out": (lambda path: packed(path, ("../a.csv", b"1")), "in.zip/../a.csv", "its path leads out of the archive"),
    "two of a name": (lambda path: packed(path, ("a.csv", b"1"), ("./a.csv", b"2")), "in.zip/a.csv", "the archive has 2 files of this name"),
    "a password": (locked, "in.zip/a.csv", "it is locked by a password"),
    "a bomb": (lambda path: packed(path, ("a.csv", b"0" * 2_000_000)), "in.zip/a.csv", "it unpacks to more than 200 times its size"),
    "other bytes": (damaged, "in.zip/a.csv", "it is damaged in the archive"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", PROBLEMS)
def test_why_a_member_is_not_read(name: str, tmp_path: Path) -> None:
    make, member, message = PROBLEMS[name]
    make(tmp_path / "in.zip")
    with pytest.raises(OSError, match=message):
        archives.read_member(str(tmp_path / member), 1_000)


def test_a_member_is_read_up_to_a_byte_over_the_limit(tmp_path: Path) -> None:
    packed(tmp_path / "in.zip", ("Kim/a.csv", b"123456"))
    assert archives.read_member(str(tmp_path / "in.zip/Kim/a.csv"), 3) == b"1234"


@pytest.mark.parametrize(
    ("name", "listed"),
    [
        ("김.csv".encode("cp949"), "김.csv"),
        ("김.csv".encode(), "김.csv"),
        (b"\x80\xff.csv", "Ç\xa0.csv"),
    ],
)
def test_the_name_of_a_member_that_does_not_say_how_it_is_written(
    name: bytes, listed: str, tmp_path: Path
) -> None:
    """As UTF-8, as a Korean Windows writes it, or else as the standard has it, in code page 437."""
    path = packed(tmp_path / "in.zip", ("?" * len(name), b"1"))
    path.write_bytes(path.read_bytes().replace(b"?" * len(name), name))
    assert archives.members(str(path)) == [archives.Member((listed,))]


def test_a_name_that_says_it_is_utf_8_is_so(tmp_path: Path) -> None:
    path = packed(tmp_path / "in.zip", ("김/답.csv", b"1"))
    assert archives.members(str(path)) == [archives.Member(("김", "답.csv"))]


def test_there_is_a_limit_of_members_and_of_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBERS", 2)
    packed(tmp_path / "in.zip", ("a", b""), ("b", b""), ("c", b""))
    with pytest.raises(ValueError, match="this archive has more than 2 files"):
        archives.members(str(tmp_path / "in.zip"))
    for name in ("a", "b"):
        (tmp_path / name).write_text("")
    with pytest.raises(OSError, match="this folder has more than 2 files"):
        list(archives.walk(str(tmp_path)))


@pytest.mark.parametrize(
    ("name", "files", "is_one"),
    [
        ("a.zip", ("a.csv",), True),
        ("a.xlsx", ("a.csv",), False),
        ("a.zip", ("[Content_Types].xml",), False),
        ("a.zip", ("mimetype",), False),
    ],
)
def test_a_document_is_no_archive(
    name: str, files: tuple[str, ...], is_one: bool, tmp_path: Path
) -> None:
    packed(tmp_path / name, *((file, b"") for file in files))
    assert archives.is_archive(str(tmp_path / name)) is is_one
