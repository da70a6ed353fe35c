"""The report as a picture: how fast the doors are beside the peers."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import peers
from matplotlib import pyplot as plt
from measures import Race
from rounds import Spread

_OURS = "#2563eb"
_OTHERS = "#9ca3af"
_INK = "#374151"
_PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
_STYLE: Any = {
    "svg.hashsalt": "shortcodes",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.edgecolor": _OTHERS,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
}


def plot(text: Sequence[Race], markdown: Sequence[Race], path: str) -> None:
    """Draw both comparisons, each sorted, and write an SVG (or what the ending of the path says)."""
    mpl.use("svg")
    speed = {race.corpus: race.peers[peers.EMOJI] for race in text}
    typical = markdown[0]
    speeds = {name: Spread(*(typical.megabytes(name),) * 3) for name in typical.peers}
    with mpl.rc_context(_STYLE):
        rows = [len(speed), len(speeds)]
        figure, (above, below) = plt.subplots(2, 1, figsize=(8, 0.32 * sum(rows) + 2.2), height_ratios=rows)
        figure.set_layout_engine("constrained", hspace=0.06)
        _bars(above, speed, dict.fromkeys(speed, _OURS), "×")
        above.set_title(
            "Plain text: speed, emoji.emojize = 1 (longer is faster)",
            loc="left",
            fontweight="bold",
        )
        ours = (peers.OURS, peers.FAST)
        _bars(below, speeds, {name: _OURS if name in ours else _OTHERS for name in speeds}, "")
        below.set_title("Typical posts to HTML: megabytes a second (longer is faster)", loc="left", fontweight="bold")
        below.set_xscale("log")
        below.set_xlim(0.3, max(speed.median for speed in speeds.values()) * 2)
        above.axvline(1, color=_INK, linewidth=0.8, zorder=0)
        figure.savefig(path, metadata={"Date": None} if path.endswith(".svg") else None, dpi=120)
        plt.close(figure)


def _bars(axes: Any, bars: Mapping[str, Spread], colours: Mapping[str, str], unit: str) -> None:  # noqa: ANN401  # matplotlib may be absent when types are checked
    """Draw horizontal bars, the longest on top, with the median written at the end of each."""
    names = sorted(bars, key=lambda name: bars[name].median)
    medians = [bars[name].median for name in names]
    axes.barh(names, medians, color=[colours[name] for name in names], height=0.66)
    for row, median in enumerate(medians):
        axes.annotate(
            f"{median:.2f}{unit}", (median, row), xytext=(4, 0), textcoords="offset points", va="center", bbox=_PAPER
        )
    axes.set_xlim(0, max(medians) * 1.1)
    axes.tick_params(axis="y", length=0)
