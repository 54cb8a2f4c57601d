#!/usr/bin/env python3
"""Fits the misread scorer for files with an engine's confidence: models/misread_confidence.tsv.

usage: misread_confidence.py --kit KIT [--pages DIR...] --misread PREFIX [--xtask target/release/xtask] [--folds-out PREFIX] -o models/misread_confidence.tsv

KIT/dev/*/page.hocr and DIR/hocr/*.hocr (of xtask/print_pages.py) hold pages with a confidence
for each character; --misread names the engine habits that misread_scorer.py --folds-out wrote for the same
pages. Folds, labels, trees and calibration are as there. Needs: pip install lightgbm scikit-learn rapidfuzz
"""
import argparse
import collections
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile

import lightgbm as lgb
import numpy as np
from sklearn.linear_model import LogisticRegression

from misread_scorer import N_FOLDS, PARAMETERS, ROUNDS, fold_of, printed_pages, table, tell, truth_for, verdict


def proposals(xtask, files, prefix, fold):
    """files: {page: path} -> [(page, corrected text, [suspect])], names of features"""
    with tempfile.TemporaryDirectory() as folder:
        for page, path in files.items():
            shutil.copy(path, os.path.join(folder, page + ".hocr"))
        command = [xtask, "misread-rows", folder, "--habits", "%s.habits%d" % (prefix, fold)]
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    found = [json.loads(line) for line in out]
    return [(p["page"], p["text"], p["suspects"]) for p in found], found[0]["names"] + found[0]["confidence_names"]


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--kit", required=True)
    a.add_argument("--pages", nargs="*", default=[])
    a.add_argument("--misread", required=True)
    a.add_argument("--xtask", default="target/release/xtask")
    a.add_argument("--folds-out", help="writes a table for every fold: PREFIX.fold0 and so on")
    a.add_argument("-o", "--output", required=True)
    a = a.parse_args()
    sys.path.insert(0, a.kit)
    import common as C
    import score

    files, truths, engine = {}, {}, {}
    for meta in sorted(glob.glob(os.path.join(a.kit, "dev", "*", "meta.json"))):
        folder = os.path.dirname(meta)
        page = os.path.basename(folder)
        files[page], engine[page] = os.path.join(folder, "page.hocr"), json.load(open(meta))["engine"]
    in_kit = set(files)
    for page, folder, read_by, _, truth in printed_pages(C, a.pages):
        files[page], truths[page], engine[page] = os.path.join(folder, "hocr", page + ".hocr"), truth, read_by
    X, y, group, fold, n_chars, names = [], [], [], [], collections.Counter(), None
    for k in range(N_FOLDS):
        found, names = proposals(a.xtask, {page: path for page, path in files.items() if fold_of(page) == k}, a.misread, k)
        for page, text, suspects in found:
            truth = truth_for(C, score, os.path.join(a.kit, "dev", page), text) if page in in_kit else truths[page]
            judge = verdict(C, text, truth)
            n_chars[engine[page]] += len(C.nows(truth))
            for s in suspects:
                if s["confidence"] is not None:
                    X.append(s["row"] + s["confidence"])
                    y.append(judge(s["start"], s["end"], s["put"]))
                    group.append(engine[page])
                    fold.append(k)
    X, y, group, fold = np.array(X, dtype=np.float32), np.array(y), np.array(group), np.array(fold)
    right = (y == 1).astype(int)
    fit = lambda keep: lgb.train(PARAMETERS, lgb.Dataset(X[keep], right[keep]), ROUNDS)
    raw, models = np.zeros(len(y)), []
    for k in range(N_FOLDS):
        models.append(fit(fold != k))
        raw[fold == k] = models[-1].predict(X[fold == k], raw_score=True)
    calibration = LogisticRegression(C=1e6).fit(raw[:, None], right)
    slope, offset = float(calibration.coef_[0, 0]), float(calibration.intercept_[0])
    if a.folds_out:
        for k, model in enumerate(models):
            open("%s.fold%d" % (a.folds_out, k), "w", encoding="utf8").write(table(model, names, slope, offset, []))
    sigmoid = lambda z: 1 / (1 + np.exp(-z))
    p = sigmoid(slope * raw + offset)
    note = ["The misread scorer for files with an engine's confidence: made by xtask/misread_confidence.py, see models/misread.md.",
            "Cross-validated by page, %d folds:" % N_FOLDS]
    tell(note, X, y, p, group, n_chars, lambda keep, rows: sigmoid(slope * fit(keep).predict(rows, raw_score=True) + offset))
    print("\n".join(note))
    final = fit(np.ones(len(y), dtype=bool))
    open(a.output, "w", encoding="utf8").write(table(final, names, slope, offset, note))
    importance = sorted(zip(final.feature_importance("gain"), names), reverse=True)
    print(" ".join("%s %d" % (n, g) for g, n in importance))


if __name__ == "__main__":
    main()
