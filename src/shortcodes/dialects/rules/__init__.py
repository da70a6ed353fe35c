"""Constructs that dialects are put together from: one a file, on the engine's public interface, for any dialect.

A rule that opens blocks looks at how deep they are: the engine drops the text of blocks beyond its ``maxNesting``. A
block's title is a token of the type ``title``, which gets its inline rules from the dialect.
"""
