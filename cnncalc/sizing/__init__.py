"""How large a network may be: many variants of one, what fits a memory, what a budget allows."""
