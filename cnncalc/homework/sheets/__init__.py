"""Sheets: files that students hand in, read to cells that answer questions."""
