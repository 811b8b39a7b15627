"""The classroom: a class's files, whose each is, and everything that is written of all together.

plan = plan_grading(GradingRequest(("handed-in.zip",), keys="quiz/keys", students="class.csv"))
book = Gradebook(plan)
for work in plan.works:
    book.take(work)
book.close()
print(book.grades())
"""

from __future__ import annotations

from cnncalc.classroom.gradebook import Gradebook, Submission
from cnncalc.classroom.request import GradingPlan, GradingRequest, plan_grading
from cnncalc.classroom.roster import Roster, Student, read_roster

__all__ = [
    "Gradebook",
    "GradingPlan",
    "GradingRequest",
    "Roster",
    "Student",
    "Submission",
    "plan_grading",
    "read_roster",
]
