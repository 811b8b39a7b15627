"""Networks beside each other: totals and shares, and what turns one into another."""
