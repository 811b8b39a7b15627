"""The formats of a table: a file each, called as `--format` calls it, with `render(table)`.

A format computes nothing.
"""
