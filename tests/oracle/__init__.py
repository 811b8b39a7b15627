"""Oracles: cnncalc beside PyTorch, over networks that are made at random."""
