"""Fuzzing: targets that take bytes, seeds from the fixtures, and what earlier runs found worth keeping."""
