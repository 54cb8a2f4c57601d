#!/usr/bin/env python3
"""Fits the join scorer for lines with boxes: models/join_boxes.tsv.

usage: join_boxes.py --kit KIT [--xtask target/release/xtask] [--folds-out PREFIX] -o models/join_boxes.tsv

Rows and labels as in join_scorer.py, from KIT/dev/*/page.hocr: the features of
the text and those of the boxes. Every page is learned from as it is, and again
as a poorer scan would say it: its boxes jittered, its edges
askew. Folds are by page; the calibration is fitted on the predictions for pages
that the trees had not seen.
Needs: pip install lightgbm scikit-learn rapidfuzz
"""
import argparse
import glob
import os
import random
import re
import subprocess
import sys
import tempfile

import lightgbm as lgb
import numpy as np
from sklearn.linear_model import LogisticRegression

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import join_scorer as J

ROUNDS = 220
PARAMETERS = dict(objective="binary", learning_rate=0.06, num_leaves=8, min_data_in_leaf=20, feature_fraction=0.5,
                  bagging_fraction=0.8, bagging_freq=1, lambda_l2=8, verbosity=-1, num_threads=2, seed=7, deterministic=True)
# Breaks between the lines of a block are many and easy.
WEIGHT_BETWEEN_BLOCKS = 6.0
BBOX = re.compile(r"bbox (-?\d+) (-?\d+) (-?\d+) (-?\d+)")


def poorer(hocr, rng):
    """the same page from a scanner that stands askew, boxes a pixel or two off"""
    angle, jitter, scale = rng.uniform(-0.006, 0.006), rng.uniform(0.5, 2.5), rng.uniform(0.4, 2.0)

    def moved(match):
        l, t, r, b = map(int, match.groups())
        x, y = (l + r) / 2, (t + b) / 2
        dx, dy = -angle * y, angle * x
        off = lambda: rng.gauss(0, jitter)
        box = [l + dx + off(), t + dy + off(), r + dx + off(), b + dy + off()]
        return "bbox %d %d %d %d" % tuple(round(scale * v) for v in box)

    return BBOX.sub(moved, hocr)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--kit", required=True)
    a.add_argument("--xtask", default="target/release/xtask")
    a.add_argument("--folds-out", help="writes a table for every fold: what a page's own fold did not see")
    a.add_argument("-o", "--output", required=True)
    a = a.parse_args()
    sys.path.insert(0, a.kit)
    import common as C
    rng = random.Random(3)
    truths = {page: truth for (republican, page), truth in J.kit_truths(C, a.kit) if not republican}
    X, y, weight, group, names = [], [], [], [], None
    for version in range(3):
        with tempfile.TemporaryDirectory() as folder:
            pages, texts = os.path.join(folder, "pages"), os.path.join(folder, "texts")
            os.makedirs(pages)
            for path in sorted(glob.glob(os.path.join(a.kit, "dev", "*", "page.hocr"))):
                hocr = open(path, encoding="utf8").read()
                name = os.path.basename(os.path.dirname(path))
                open(os.path.join(pages, name + ".hocr"), "w", encoding="utf8").write(poorer(hocr, rng) if version else hocr)
            out = subprocess.run([a.xtask, "join-features", pages, "--texts", texts], capture_output=True, text=True, check=True).stdout.splitlines()
            marks = {page: J.labels(C, open(os.path.join(texts, page + ".txt"), encoding="utf8").read(), truths[page], 3) for page in truths}
            names = out[0].split("\t")[2:]
            blank = names.index("blank")
            for line in out[1:]:
                page, at, *row = line.split("\t")
                row = [float(v) for v in row]
                X.append(row)
                y.append(marks[page][int(at)])
                weight.append((WEIGHT_BETWEEN_BLOCKS if row[blank] else 1.0) * (0.4 if version else 1.0))
                group.append((page, version))
    X, y, weight = np.array(X, dtype=np.float32), np.array(y), np.array(weight)
    fold = np.array([int(page[3:]) % J.N_FOLDS for page, _ in group])
    own = np.array([version == 0 for _, version in group])
    raw, models = np.zeros(len(y)), []
    fit = lambda rows: lgb.train(PARAMETERS, lgb.Dataset(X[rows], y[rows], weight=weight[rows]), ROUNDS)
    for k in range(J.N_FOLDS):
        models.append(fit(fold != k))
        raw[fold == k] = models[-1].predict(X[fold == k], raw_score=True)
    calibration = LogisticRegression(C=1e6).fit(raw.reshape(-1, 1), y, sample_weight=weight)
    slope, offset = calibration.coef_[0][0], calibration.intercept_[0]
    p = 1 / (1 + np.exp(-(slope * raw + offset)))
    note = ["The join scorer for lines with boxes: made by xtask/join_boxes.py, see models/join.md.", "Cross-validated by page, %d folds:" % J.N_FOLDS]
    for title, rows in [("all", own), ("between blocks", own & (X[:, blank] == 1)), ("within blocks", own & (X[:, blank] == 0))]:
        yy, pp = y[rows], p[rows]
        parts = []
        for t in (0.5, 0.8, 0.9, 0.92, 0.95):
            hit, n, m = ((pp >= t) & (yy == 1)).sum(), (pp >= t).sum(), (yy == 1).sum()
            parts.append("%.2f: P %.4f R %.4f" % (t, hit / max(n, 1), hit / m))
        note.append("%s: %d breaks, %d cut a paragraph; %s" % (title, rows.sum(), yy.sum(), "; ".join(parts)))
    print("\n".join(note))
    gain = sorted(zip(models[0].feature_importance("gain"), names), reverse=True)[:16]
    print(", ".join("%s %.0f" % (n, g) for g, n in gain))
    if a.folds_out:
        for k, model in enumerate(models):
            open("%s.fold%d" % (a.folds_out, k), "w", encoding="utf8").write(J.table(model, names, slope, offset, []))
    open(a.output, "w", encoding="utf8").write(J.table(fit(np.ones(len(y), dtype=bool)), names, slope, offset, note))


if __name__ == "__main__":
    main()
