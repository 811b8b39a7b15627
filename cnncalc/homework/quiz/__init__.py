"""Quizzes: drawn from a seed, with a key, each question proven to tell its slips apart."""
