#!/usr/bin/env python3
"""Draws docs/images/reliability.svg: how often changes are right, by the probability foretold.

usage: reliability_picture.py PREFIX.npz -o docs/images/reliability.svg

PREFIX.npz is written by misread_scorer.py --folds-out PREFIX: y (1 right, -1 harmful, 0 neither),
group (the engine, or clean), p (the probability, cross-validated by page). One curve for each
engine over tenths of the probability, finer where it matters, with intervals that hold in 95 of 100 cases (Wilson);
below, how many changes have which probability. The picture depends on the file alone.
"""
import argparse
import math
import os
import re

import numpy as np

ENGINES = [("ppocrv4", "PP-OCRv4", "#1b6ca8"), ("tess", "Tesseract 5", "#b5472b")]
TIERS = [("存疑 flagged", "FLAGGED"), ("建议 suggested", "SUGGESTED"), ("自动 automatic", "AUTOMATIC")]
EDGES = [0, .02, .05, .1, .2, .3, .4, .5, .6, .7, .8, .9, .95, .98, 1.0001]
LEFT, TOP, SIDE, COUNTS = 64, 24, 360, 70


def wilson(right, n, z=1.96):
    share = right / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def bins(p, right):
    """(mean foretold, share right, low, high) of the changes between two edges"""
    for low, high in zip(EDGES, EDGES[1:]):
        part = (p >= low) & (p < high)
        n, hits = int(part.sum()), int(right[part].sum())
        if n:
            yield float(p[part].mean()), hits / n, *wilson(hits, n)


def thresholds(source="src/detect/misread/mod.rs"):
    """where the tiers begin, as the program has it"""
    text = open(os.path.join(os.path.dirname(__file__), "..", source), encoding="utf8").read()
    return {name: float(value) for name, value in re.findall(r"pub const ([A-Z]+): f64 = ([0-9.]+);", text)}


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("predictions")
    a.add_argument("-o", "--output", required=True)
    a = a.parse_args()
    data = np.load(a.predictions)
    if "p" not in data.files:
        raise SystemExit("%s holds no predictions; write it anew with misread_scorer.py --folds-out" % a.predictions)
    y, group, p = data["y"], data["group"], data["p"]
    x = lambda value: LEFT + SIDE * value
    down = lambda value: TOP + SIDE * (1 - value)
    out = []
    add = lambda text, *values: out.append(text % values)
    width, height = LEFT + SIDE + 150, TOP + SIDE + COUNTS + 80
    add('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="system-ui, sans-serif" font-size="12" fill="#222">', width, height, width, height)
    add('<title>把握与实际 · confidence and outcome</title><rect width="%d" height="%d" fill="#fff"/>', width, height)
    for step in range(0, 11, 2):
        value = step / 10
        add('<path d="M%.1f %.1fH%.1fM%.1f %.1fV%.1f" stroke="#e3e3e3" fill="none"/>', x(0), down(value), x(1), x(value), down(0), down(1))
        add('<text x="%.1f" y="%.1f" text-anchor="end">%.1f</text>', x(0) - 8, down(value) + 4, value)
        add('<text x="%.1f" y="%.1f" text-anchor="middle">%.1f</text>', x(value), TOP + SIDE + COUNTS + 38, value)
    add('<path d="M%.1f %.1fL%.1f %.1f" stroke="#999" stroke-dasharray="4 4"/>', x(0), down(0), x(1), down(1))
    for name, value in [(name, thresholds()[constant]) for name, constant in TIERS]:
        add('<path d="M%.1f %.1fV%.1f" stroke="#bbb"/>', x(value), down(1), down(0))
        add('<text transform="translate(%.1f %.1f) rotate(-90)" fill="#777" font-size="11">%s</text>', x(value) - 4, down(0) - 6, name)
    for nth, (engine, label, color) in enumerate(ENGINES):
        keep = group == engine
        points = list(bins(p[keep], (y[keep] == 1).astype(int)))
        for foretold, share, low, high in points:
            add('<path d="M%.1f %.1fV%.1f" stroke="%s" stroke-opacity=".45"/>', x(foretold), down(low), down(high), color)
        add('<polyline points="%s" fill="none" stroke="%s" stroke-width="1.6"/>', " ".join("%.1f,%.1f" % (x(f), down(s)) for f, s, _, _ in points), color)
        for foretold, share, _, _ in points:
            add('<circle cx="%.1f" cy="%.1f" r="2.6" fill="%s"/>', x(foretold), down(share), color)
        add('<circle cx="%d" cy="%d" r="4" fill="%s"/><text x="%d" y="%d">%s</text>', LEFT + SIDE + 20, TOP + 10 + 20 * nth, color, LEFT + SIDE + 30, TOP + 14 + 20 * nth, label)
        counts, edges = np.histogram(p[keep], bins=20, range=(0, 1))
        most = math.log1p(max(np.histogram(p[group == other], bins=20, range=(0, 1))[0].max() for other, _, _ in ENGINES))
        base = TOP + SIDE + 20 + COUNTS
        for at, count in enumerate(counts):
            tall = COUNTS * math.log1p(count) / most
            add('<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"><title>%s %.2f–%.2f: %d</title></rect>',
                x(edges[at]) + 1 + nth * 8.4, base - tall, 7.6, tall, color, label, edges[at], edges[at + 1], count)
    add('<text transform="translate(16 %.1f) rotate(-90)" text-anchor="middle">实际对的比例 · share that was right</text>', TOP + SIDE / 2)
    add('<text x="%.1f" y="%d" text-anchor="middle">预计对的概率 · probability foretold</text>', x(0.5), TOP + SIDE + COUNTS + 62)
    add('<text x="%d" y="%d" font-size="11" fill="#777">处数（对数）</text><text x="%d" y="%d" font-size="11" fill="#777">changes (log)</text>', LEFT + SIDE + 14, TOP + SIDE + 60, LEFT + SIDE + 14, TOP + SIDE + 76)
    out.append("</svg>")
    open(a.output, "w", encoding="utf8").write("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
