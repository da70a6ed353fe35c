"""Packs: named sets of emoji, read from folders, zips and plug-ins, and merged to an index."""
