"""One layer by itself: the unknown size, and numbers through it."""
