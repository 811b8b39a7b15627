"""The key of a quiz: a homework file for `cnncalc check --homework`, with the answers and what each slip gives."""

from __future__ import annotations

import json
from typing import Any

from cnncalc.exports.json import document
from cnncalc.ops.field_types import quoted
from cnncalc.quiz.prove import Item, Quiz, Wrong
from cnncalc.quiz.question_text import question_lines
from cnncalc.quiz.sheets import quiz_sheet
from cnncalc.quiz.style import Style

TEMPLATE = """\
# A homework: questions that cnncalc check grades.
#   cnncalc check --homework this.yaml sheets/* --grades grades.csv
# A student's sheet has a line for each question: q1: 55x55x96. Lines with # are for you; take away what you don't need.
title: Homework 3

# Conventions by which every answer is right too; cnncalc conventions lists them.
accept: []

questions:
  # About a network that cnncalc knows (cnncalc list), or a spec's path.
  - id: q1
    text: What is the shape of the output of conv1 in AlexNet?
    network: alexnet
    layer: conv1
    # output, weights, biases, params, macs, flops, activations, memory or receptive_field
    quantity: output

  # With another input and other values for its parameters; the whole network, as no layer is named.
  - id: q2
    text: How many parameters does ResNet-18 have with 10 classes?
    network: resnet18
    input: 224x224x3
    set: {classes: 10}
    quantity: params
    points: 2

  # Where operations are asked for, say what counts as one. Here MACs are right too.
  - id: q3
    text: How many operations does conv1_2 of VGG-16 take?
    network: vgg16
    layer: conv1_2
    quantity: flops
    accept: [macs]

  # About layers of your own.
  - id: q4
    text: How many bytes is the output of 10 filters of 5x5, padding 2, on 32 images of 32x32x3?
    spec:
      input: 32x32x3
      layers:
        - conv: {name: conv1, filters: 10, kernel: 5, pad: 2}
    layer: conv1
    quantity: memory
    batch: 32
    dtype: float32
"""


def render(quiz: Quiz, style: Style, format_name: str = "yaml") -> str:
    """Return the key as YAML, or as JSON."""
    if format_name == "json":
        return json.dumps(_document(quiz, style), ensure_ascii=False, indent=1)
    head = [
        "# The key: not for students. Grade with: cnncalc check --homework THIS-FILE SHEETS",
        f"# Drawn with --seed {_line(quiz.seed)} --level {quiz.level} --count {len(quiz.items)}"
        + (f" --network {_line(quiz.network)}" if quiz.network else "")
        + (f", for {_line(quiz.student)}" if quiz.student else ""),
        "# Every wrong answer below comes from the slip named, and no two of one question are the same.",
    ]
    return "\n".join(
        [
            *head,
            f"title: {quoted(style.quiz_title(quiz.student))}",
            "questions:",
            *(line for item in quiz.items for line in question_lines(item, style.lang)),
        ]
    )


def _document(quiz: Quiz, style: Style) -> dict[str, Any]:
    """Return all that is known: the sheet, answers, wrong ones with their slips, and what draws the same quiz again."""
    sheet = document(quiz_sheet(quiz, style))
    answered = zip(sheet.pop("questions"), quiz.items, strict=True)
    drawn = {"seed": quiz.seed, "level": quiz.level, "network": quiz.network or None}
    questions = [{**asked, **_answers(item, style)} for asked, item in answered]
    return {**sheet, **drawn, "questions": questions}


def _answers(item: Item, style: Style) -> dict[str, Any]:
    question = item.question
    return {
        "layer": question.layer,
        "quantity": question.quantity,
        "answer": item.answer,
        "told_apart": [_wrong(wrong, style) for wrong in item.told_apart],
        "distractors": [_wrong(wrong, style) for wrong in item.wrong],
        "offered": [_wrong(wrong, style) for wrong in item.offered],
    }


def _wrong(wrong: Wrong, style: Style) -> dict[str, Any]:
    return {"answer": wrong.text, "slips": list(wrong.slips), "message": wrong.message(style.lang)}


def render_answers(quiz: Quiz) -> str:
    """Return a sheet with every answer right."""
    return "\n".join(f"{item.id}: {quoted(item.answer)}" for item in quiz.items)


def _line(text: str) -> str:
    """Return a text as it may stand in a comment."""
    return " ".join(text.split()) if text.isprintable() else json.dumps(text)
