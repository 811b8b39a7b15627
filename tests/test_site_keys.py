"""The playground and the practice page by the keyboard alone, with real keys, and on a phone's screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from built_site import needs_site, served_site
from driver import Page, driven

from cnncalc.homework.questions import load_homework

pytestmark = needs_site

FRAME = "document.getElementById('report').contentDocument"
TOTAL = f"{FRAME}?.querySelector('[data-total=params]')?.textContent"
HERE = """(() => {
  const outer = document.activeElement;
  const element = outer.tagName === "IFRAME" ? outer.contentDocument.activeElement : outer;
  const shown = element.matches("input[type=file]") ? element.parentElement : element;
  const style = element.ownerDocument.defaultView.getComputedStyle(shown);
  return {
    name: element.id || element.dataset.style || element.classList[0] || element.textContent.trim() || element.tagName,
    tag: element.tagName, inside: outer !== element, text: element.textContent.trim(),
    seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1,
  };
})()"""
"""What has the focus, in which document, and whether an outline shows it."""
MOST_STOPS = 80


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served_site() as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with driven() as page:
        yield page


@pytest.fixture
def page(browser: Page) -> Iterator[Page]:
    """The page, which must not have complained when the test is done."""
    browser.screen(1280, 900)
    browser.problems.clear()
    yield browser
    assert browser.problems == []


def playground(page: Page, address: str, name: str = "index.html") -> None:
    """Open the playground with LeNet-5 counted."""
    page.open("about:blank")
    page.open(address + name)
    page.until(f"document.getElementById('report') && {TOTAL}")
    page.until(f"{FRAME}.querySelector('.drawing .box') !== null")


def practice(page: Page, address: str, name: str) -> None:
    """Open the practice page with a homework and a drawn question."""
    page.open("about:blank")
    page.open(address + name)
    page.until(
        "Boolean(document.querySelector('#questions input') && document.querySelector('#drawn input'))"
    )


def walk_to(page: Page, name: str) -> list[str]:
    """Press Tab until something has the focus; gives the names of what had it, and fails where no outline showed it."""
    passed: list[str] = []
    while len(passed) < MOST_STOPS:
        page.press("Tab")
        here = page.value(HERE)
        passed.append(here["name"])
        assert here["seen"] or here["tag"] in ("BODY", "HTML"), here
        if name in (here["name"], here["text"]):
            return passed
    raise AssertionError(f"Tab comes to {passed}, and not to {name}")


def test_tab_goes_through_the_whole_playground_and_around(page: Page, address: str) -> None:
    playground(page, address)
    there = walk_to(page, "text")
    assert there == ["zoo", "input", "file", "link", "Practice", "other", "text"]
    after = walk_to(page, "zoo")
    controls = ["convention", "theme", "scroll", "search", "fold", "hide", "csv", "latex"]
    assert after[: len(controls)] == controls
    assert {"c1", "s2", "f6"} <= set(after)


def test_a_spec_is_written_by_keys_and_the_editor_is_left_by_them(page: Page, address: str) -> None:
    playground(page, address)
    walk_to(page, "text")
    page.press("a", "Control")
    page.type("input: 32x32x3\nlayers:\n  - con")
    offered = "!document.getElementById('options').hidden"
    page.until(offered)
    page.press("Tab")  # takes what is offered, and stays
    assert page.value(HERE)["name"] == "text"
    page.type("f")
    page.until(offered)
    page.type("ilt")
    page.press("Tab")  # before or after Python has looked at what was typed since
    page.type("8, ker")
    page.until(offered)
    page.press("ArrowDown")
    page.press("Enter")
    page.type("3}\n- fc: 1")
    page.press("Escape")
    page.type("0")
    params = f"{(3 * 9 + 1) * 8 + (8 * 30 * 30 + 1) * 10:,}"
    page.until(f"{TOTAL} === '{params}'")
    page.type("\n- con")
    page.until(offered)
    page.press("Escape")  # closes the list
    assert not page.value(offered)
    page.press("Tab")  # and then Tab moves on: no trap
    here = page.value(HERE)
    assert (here["tag"], here["inside"]) != ("TEXTAREA", False)
    page.press("Tab", "Shift")
    assert page.value(HERE)["name"] == "text"


def test_a_problem_is_reached_and_its_place_selected_by_keys(page: Page, address: str) -> None:
    playground(page, address)
    walk_to(page, "text")
    page.press("a", "Control")
    page.type("input: 8x8x1\nlayers:\n- cnov: 3 ")
    page.until("document.getElementById('problems').textContent.includes('cnov')")
    page.press("Tab")
    assert "cnov" in page.value(HERE)["text"]
    page.press("Enter")
    assert page.value(HERE)["name"] == "text"
    selected = "document.getElementById('text').value.slice({}, {})".format(
        *[f"document.getElementById('text').selection{end}" for end in ("Start", "End")]
    )
    assert page.value(selected) == "cnov"


def test_a_block_is_opened_and_a_layer_derived_by_keys(page: Page, address: str) -> None:
    playground(page, address, "index.html#net=resnet50")
    page.until(f"{FRAME}.querySelectorAll('.scope').length > 0")
    walk_to(page, "conv2_x")
    page.press("Enter")
    here = page.value(HERE)
    assert here["text"] == "conv2_x"  # it keeps the focus
    page.until(f"{FRAME}.activeElement.getAttribute('aria-expanded') === 'true'")
    walk_to(page, "bottleneck1")
    page.press(" ")
    walk_to(page, "conv1")
    page.press("Enter")
    page.until(f"{FRAME}.querySelector('dialog').open")
    assert f"{64 * 64:,}" in page.value(f"{FRAME}.getElementById('details-body').textContent")
    page.press("Escape")
    page.until(f"!{FRAME}.querySelector('dialog').open")
    assert page.value(HERE)["text"] == "conv1"


def test_a_student_answers_asks_for_hints_and_draws_by_keys(page: Page, address: str) -> None:
    practice(page, address, "practice.html#sample=conv_layers")
    homework = load_homework("conv_layers")
    right = homework.questions[0].keyed.right
    assert isinstance(right, tuple)
    walk_to(page, "INPUT")
    page.type("x".join(map(str, right)))
    page.press("Enter")
    verdict = "document.querySelectorAll('#questions .verdict')[{}].textContent"
    page.until(f"{verdict.format(0)} === 'right'")
    assert page.value(HERE)["tag"] == "INPUT"  # one may go on from where one is
    walk_to(page, "INPUT")
    page.type("1x1x1")
    page.press("Enter")
    page.until(f"{verdict.format(1)} === 'wrong'")
    walk_to(page, "A hint")
    page.press(" ")
    page.until("document.querySelectorAll('#questions .hints li').length === 1")
    walk_to(page, "next")
    before = page.value("document.querySelector('#drawn .question').textContent")
    page.press("Enter")
    page.until(
        f"document.querySelector('#drawn .question')?.textContent !== {before!r} && "
        "document.querySelector('#drawn input') !== null"
    )


@pytest.mark.parametrize("name", ["index.html", "ko.html"])
def test_the_playground_fits_a_phone(page: Page, address: str, name: str) -> None:
    page.screen(390, 844)
    playground(page, address, name)
    assert page.value("document.documentElement.scrollWidth") == 390
    assert page.value(f"{FRAME}.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("name", ["practice.html", "practice-ko.html"])
def test_the_practice_page_fits_a_phone(page: Page, address: str, name: str) -> None:
    page.screen(390, 844)
    practice(page, address, f"{name}#sample=conv_layers")
    assert page.value("document.documentElement.scrollWidth") == 390
