"""The HTML page of a network, or of several beside each other: one file that needs nothing else."""

from cnncalc.page.comparison import comparison_picture
from cnncalc.page.page import html_page

__all__ = ["comparison_picture", "html_page"]
