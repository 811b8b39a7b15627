"""Pictures of networks: Graph and Report to Picture to SVG, with a layout of our own by scopes."""

from cnncalc.draw.draw import MAX_DEFAULT_BOXES, draw, picture
from cnncalc.draw.svg import write_svg

__all__ = ["MAX_DEFAULT_BOXES", "draw", "picture", "write_svg"]
