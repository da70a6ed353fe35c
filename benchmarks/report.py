"""Measure everything, interleaved, and write ``docs/benchmarks.md`` and ``docs/benchmarks.svg``. Takes minutes."""

import os
import time

import children
import measures
from page import Figures, page
from plot import plot
from targets import targets

_DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "docs")


def main() -> None:
    start = time.perf_counter()
    print("Measuring. It takes about two minutes; a quiet machine gives narrower spreads.", flush=True)
    figures = Figures(
        text=measures.text_races(rounds=31),
        markdown=measures.markdown_races(rounds=21),
        doors=measures.door_times(rounds=15),
        ten_thousand=measures.many_posts(10_000),
        start=children.start_times(rounds=25),
        big_index=measures.big_index(rounds=15),
        hostile=measures.hostile_times(),
    )
    found = list(targets(figures.text, figures.markdown, figures.big_index, figures.start, figures.hostile))
    os.makedirs(_DOCS, exist_ok=True)
    with open(os.path.join(_DOCS, "benchmarks.md"), "w", encoding="utf-8") as file:
        file.write(page(figures, found))
    plot(figures.text, figures.markdown, os.path.join(_DOCS, "benchmarks.svg"))
    for target in found:
        print(f"{'met    ' if target.met else 'NOT MET'}  {target.what}: {target.found} (wanted {target.wanted})")
    print(f"Written: docs/benchmarks.md, docs/benchmarks.svg ({time.perf_counter() - start:.0f} s)")


if __name__ == "__main__":
    main()
