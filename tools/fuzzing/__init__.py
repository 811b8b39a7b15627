"""What `tools/fuzz.py` is made of: grammars of input by surface, and the processes that try it."""
