#!/usr/bin/env python3
"""Fits the estimate of errors left on a page: the table in models/estimate.tsv.

usage: page_estimate.py --kit KIT --misread PREFIX [--clean FILE]... [--xtask target/release/xtask] -o models/estimate.tsv

KIT is a measuring kit: KIT/dev/* with OCR text and exact truth. The pages are corrected with
scorers and habits that have not seen them (PREFIX of misread_scorer.py --folds-out), at both
levels and from both inputs; what the models saw is set against the errors that are left:
characters to replace, delete or insert, runs of twelve and more (lost lines, removed copies)
aside. Correct text (--clean: one sentence a line, in pages of forty) teaches what no error
looks like.

Weights are 0 or more, so that more that is seen is never fewer errors. Figures are of models
that have not seen the page (folds by page number). Needs: pip install rapidfuzz scipy
"""
import argparse
import glob
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
from scipy.optimize import nnls
from scipy.stats import spearmanr

N_FOLDS = 5
INPUTS = ["bits", "surprising", "startling", "proposals", "expected", "expected_first"]
RUNS = [(source, level) for source in ("ocr.txt", "ocr_lines.txt") for level in ("automatic", "suggested")]
# Weight of one page of correct text: there are many of them, and they are alike.
CLEAN_WEIGHT = 0.2
# Pull of the weights towards 0, so that inputs that say the same share it.
RIDGE = 1.0


def fold_of(page):
    return int("".join(c for c in page if c.isdigit())) % N_FOLDS


def errors(C, text, truth):
    """characters to replace, delete or insert, long runs aside, and the length of the truth"""
    a, b = C.fold(C.nows(text)), C.fold(C.nows(truth))
    n = 0
    for tag, i, j, k, l in C.opcodes(a, b):
        if tag == "equal" or (tag != "replace" and max(j - i, l - k) >= 12):
            continue
        n += max(j - i, l - k)
    return n, len(b)


def clean_pages(paths, n_lines=40):
    for path in paths:
        lines = [line.strip() for line in open(path, encoding="utf8") if line.strip()]
        for nth in range(0, len(lines), n_lines):
            yield "clean%04d" % (nth // n_lines), "\n\n".join(lines[nth:nth + n_lines])


def gauged(xtask, misread, folder, level, out):
    command = [xtask, "held-out", folder, "--misread", misread, "--level", level, "--gauge", "-o", out]
    rows = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return {row.split("\t")[0]: [float(value) for value in row.split("\t")[1:]] for row in rows}


def fit(X, y, weight):
    """weights of 0 or more and an offset of any sign, by least squares"""
    mean_x, mean_y = np.average(X, axis=0, weights=weight), np.average(y, weights=weight)
    scale = np.sqrt(np.average((X - mean_x) ** 2, axis=0, weights=weight)) + 1e-9
    root = np.sqrt(weight)
    A = (X - mean_x) / scale * root[:, None]
    A = np.vstack([A, np.sqrt(RIDGE) * np.eye(X.shape[1])])
    b = np.concatenate([(y - mean_y) * root, np.zeros(X.shape[1])])
    w = nnls(A, b)[0] / scale
    return w, mean_y - mean_x @ w


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--kit", required=True)
    a.add_argument("--misread", required=True)
    a.add_argument("--clean", nargs="*", default=[])
    a.add_argument("--xtask", default="target/release/xtask")
    a.add_argument("-o", "--output", required=True)
    a = a.parse_args()
    sys.path.insert(0, a.kit)
    import common as C
    import score

    pages = [os.path.basename(os.path.dirname(m)) for m in sorted(glob.glob(os.path.join(a.kit, "dev", "*", "meta.json")))]
    meta = {page: json.load(open(os.path.join(a.kit, "dev", page, "meta.json"))) for page in pages}
    variants = {page: C.truth_variants(json.load(open(os.path.join(a.kit, "dev", page, "truth.json"), encoding="utf8"))) for page in pages}
    X, rate, page_of, run_of = [], [], [], []
    for source, level in RUNS:
        with tempfile.TemporaryDirectory() as folder:
            staged, out = os.path.join(folder, "in"), os.path.join(folder, "out")
            subprocess.run([sys.executable, os.path.join(a.kit, "stage.py"), os.path.join(a.kit, "dev"), source, staged], check=True)
            for page, inputs in sorted(gauged(a.xtask, a.misread, staged, level, out).items()):
                text = open(os.path.join(out, page + ".txt"), encoding="utf8").read()
                n, length = errors(C, text, "\n\n".join(variants[page][score.pick(variants[page], text)]))
                X.append(inputs), rate.append(1e4 * n / length), page_of.append(page), run_of.append("%s, %s" % (source, level))
    with tempfile.TemporaryDirectory() as folder:
        staged, out = os.path.join(folder, "in"), os.path.join(folder, "out")
        os.mkdir(staged)
        for name, text in clean_pages(a.clean):
            open(os.path.join(staged, name + ".txt"), "w", encoding="utf8").write(text)
        if a.clean:
            for page, inputs in sorted(gauged(a.xtask, a.misread, staged, "suggested", out).items()):
                X.append(inputs), rate.append(0.0), page_of.append(page), run_of.append("clean")
    X, rate, page_of, run_of = np.array(X), np.array(rate), np.array(page_of), np.array(run_of)
    y = np.log1p(rate)
    weight = np.where(run_of == "clean", CLEAN_WEIGHT, 1.0 / len(RUNS))
    fold = np.array([fold_of(page) for page in page_of])
    predicted = np.zeros(len(y))
    for k in range(N_FOLDS):
        w, offset = fit(X[fold != k], y[fold != k], weight[fold != k])
        predicted[fold == k] = np.maximum(0.0, X[fold == k] @ w + offset)
    w, offset = fit(X, y, weight)
    engine = np.array([meta[page]["engine"] if page in meta else "clean" for page in page_of])
    residual = y - predicted
    dev = run_of != "clean"
    # What the pages of one kind of run have in common does not average out.
    kinds = [residual[(run_of == run) & (engine == one)].mean() for run in sorted(set(run_of[dev])) for one in sorted(set(engine[dev]))]
    shared = float(np.sqrt(np.mean(np.square(kinds))))
    own = float(np.sqrt(max(0.0, np.mean(residual[dev] ** 2) - shared ** 2)))
    inside = np.abs(residual[dev]) <= 1.645 * np.sqrt(own ** 2 + shared ** 2)
    note = ["Errors left on a page, judged without its truth: made by xtask/page_estimate.py, see models/estimate.md.",
            "ln(1 + errors per 10,000) = offset + weights x inputs (src/model/estimate.rs); own and shared in nats.",
            "Cross-validated by page, %d folds:" % N_FOLDS]
    for run in sorted(set(run_of[dev])):
        s = run_of == run
        by_engine = ", ".join("%s %.3f" % (one, spearmanr(rate[s & (engine == one)], predicted[s & (engine == one)]).statistic) for one in sorted(set(engine[dev])))
        note.append("%s: Spearman %.3f (%s); errors left per 10,000 %.1f, estimated %.1f, n %d" % (
            run, spearmanr(rate[s], predicted[s]).statistic, by_engine, rate[s].mean(), np.expm1(predicted[s]).mean(), s.sum()))
    if (~dev).any():
        note.append("correct text: estimated %.1f per 10,000 (median %.1f), n %d" % (np.expm1(predicted[~dev]).mean(), np.median(np.expm1(predicted[~dev])), (~dev).sum()))
    note.append("share of pages within the interval of nine in ten: %.3f" % inside.mean())
    print("\n".join(note))
    out = ["# " + line for line in note] + ["offset\t%.5f" % offset] + ["%s\t%.5f" % pair for pair in zip(INPUTS, w)]
    open(a.output, "w", encoding="utf8").write("\n".join(out + ["own\t%.4f" % own, "shared\t%.4f" % shared]) + "\n")


if __name__ == "__main__":
    main()
