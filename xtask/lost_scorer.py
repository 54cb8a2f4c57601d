#!/usr/bin/env python3
"""Fits the table of models/lost.tsv: was exactly this character lost at a cut?

usage: lost_scorer.py --text FILE.zst... [--xtask target/release/xtask] -o models/lost.tsv

Cuts in clean text, a character lost at 14 % of them; see `xtask lost-features`.
Folds are by cut. Needs: pip install lightgbm scikit-learn
"""
import argparse
import subprocess

import lightgbm as lgb
import numpy as np
from sklearn.linear_model import LogisticRegression

from join_scorer import PARAMETERS, table

# More of a word, a place or an occurrence never speaks against a character.
UP = {"place_chars", "page_count", "gain", "margin"}
DOWN = {"rank", "bits_with"}


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--text", nargs="+", required=True)
    a.add_argument("--every", default="60")
    a.add_argument("--xtask", default="target/release/xtask")
    a.add_argument("-o", "--output", required=True)
    a = a.parse_args()
    out = subprocess.run([a.xtask, "lost-features", "--every", a.every, "--text", *a.text], capture_output=True, text=True, check=True).stdout.splitlines()
    names = out[0].split("\t")[4:]
    rows = [line.split("\t") for line in out[1:]]
    n_lost = len({r[0] for r in rows if r[1] == "1"})
    rows = [r for r in rows if r[2] != "-"]
    cut, lost, y = (np.array([int(r[k]) for r in rows]) for k in (0, 1, 3))
    X = np.array([r[4:] for r in rows], dtype=np.float32)
    parameters = dict(PARAMETERS, num_leaves=10, monotone_constraints=[1 if n in UP else -1 if n in DOWN else 0 for n in names])
    fit = lambda keep: lgb.train(parameters, lgb.Dataset(X[keep], y[keep]), 120)
    raw = np.zeros(len(y))
    for k in range(5):
        raw[cut % 5 == k] = fit(cut % 5 != k).predict(X[cut % 5 == k], raw_score=True)
    calibration = LogisticRegression(C=1e6).fit(raw[:, None], y)
    slope, offset = float(calibration.coef_[0, 0]), float(calibration.intercept_[0])
    p = 1 / (1 + np.exp(-(slope * raw + offset)))
    best = {}
    for idx in np.argsort(-p, kind="stable"):
        best.setdefault(cut[idx], idx)
    best = np.array(sorted(best.values()))
    note = ["Lost characters at joins: made by xtask/lost_scorer.py, see models/join.md.",
            "%d cuts with a candidate or a loss, %d of them lost a character; five folds" % (cut.max(), n_lost)]
    for low in (.5, .7, .8, .9, .95, .98):
        s = best[p[best] >= low]
        note.append("p >= %.2f: %d restored, right %.4f, mean p %.3f, of all losses %.3f; nothing was lost at %d" % (
            low, len(s), y[s].mean(), p[s].mean(), y[s].sum() / n_lost, (lost[s] == 0).sum()))
    print("\n".join(note))
    final = fit(np.ones(len(y), dtype=bool))
    open(a.output, "w", encoding="utf8").write(table(final, names, slope, offset, note))
    print(sorted(zip(final.feature_importance("gain").astype(int), names), reverse=True))


if __name__ == "__main__":
    main()
