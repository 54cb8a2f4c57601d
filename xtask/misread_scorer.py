#!/usr/bin/env python3
"""Fits the misread scorer: the table of trees in models/misread.tsv.

usage: misread_scorer.py --kit KIT [--pages DIR...] [--clean FILE]... [--xtask target/release/xtask] [--folds-out PREFIX] -o models/misread.tsv

KIT is a measuring kit: KIT/dev/* with OCR text and exact truth, and KIT/common.py, which
aligns them. DIR holds more pages, as xtask/print_pages.py writes them; those of which more than
a fifth was misread are left out. Every change that the models propose on a page is tried alone: it is right
when the text around it comes nearer to the truth, harmful when it goes farther away.
Correct text (--clean: one sentence a line, in pages of forty) teaches silence.

Folds are by page. Engine habits are learned anew for every fold, from the pages of the
other folds. The calibration is fitted on the predictions for pages that the trees had
not seen. Needs: pip install lightgbm scikit-learn rapidfuzz
"""
import argparse
import collections
import glob
import json
import os
import subprocess
import sys
import tempfile

import lightgbm as lgb
import numpy as np
from rapidfuzz.distance import Levenshtein
from sklearn.linear_model import LogisticRegression

N_FOLDS = 5
ROUNDS = 300
PARAMETERS = dict(objective="binary", learning_rate=0.05, num_leaves=20, min_data_in_leaf=30, feature_fraction=0.5,
                  bagging_fraction=0.8, bagging_freq=1, lambda_l2=10, verbosity=-1, num_threads=2, seed=7, deterministic=True)
CLEAN_WEIGHT = 1.0
# Characters around a change that are compared with the truth.
REACH = 12


def fold_of(page):
    """as in xtask/src/held_out.rs"""
    digits = "".join(c for c in page if c.isdigit())
    return int(digits) % N_FOLDS


def verdict(C, text, truth):
    """a function: (start, end, put) -> 1 right, -1 harmful, 0 neither"""
    flat, index = [], [0] * (len(text) + 1)
    for at, c in enumerate(text):
        index[at] = len(flat)
        if not c.isspace():
            flat.append(c)
    index[len(text)] = len(flat)
    flat = "".join(flat)
    t = C.nows(truth)
    to_truth = C.posmap(C.opcodes(flat, t), len(flat))
    fold = lambda s: C.fold(s)

    def judge(start, end, put):
        a, b = index[start], index[end]
        lo, hi = max(0, a - REACH), min(len(flat), b + REACH)
        want = fold(t[to_truth[lo]:to_truth[hi]])
        before = Levenshtein.distance(fold(flat[lo:hi]), want)
        after = Levenshtein.distance(fold(flat[lo:a] + put + flat[b:hi]), want)
        return (before > after) - (before < after)
    return judge


def truth_for(C, score, folder, text):
    variants = C.truth_variants(json.load(open(os.path.join(folder, "truth.json"), encoding="utf8")))
    return "\n\n".join(variants[score.pick(variants, text)])


def proposals(xtask, pages, habits):
    """pages: {name: text} -> [(name, corrected text, [suspect])], names of features"""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in pages.items():
            open(os.path.join(folder, name + ".txt"), "w", encoding="utf8").write(text)
        command = [xtask, "misread-rows", folder] + (["--habits", habits] if habits else [])
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    found = [json.loads(line) for line in out]
    return [(p["page"], p["text"], p["suspects"]) for p in found], found[0]["names"]


def learn_habits(jiaokan, pages, out):
    """engine habits of some pages only: (name, text, truth)"""
    with tempfile.TemporaryDirectory() as folder:
        for side in ("input", "truth"):
            os.mkdir(os.path.join(folder, side))
        for page, text, truth in pages:
            open(os.path.join(folder, "input", page + ".txt"), "w", encoding="utf8").write(text)
            open(os.path.join(folder, "truth", page + ".txt"), "w", encoding="utf8").write(truth)
        subprocess.run([jiaokan, "channel", "learn", "--input", folder + "/input", "--truth", folder + "/truth", "-o", out], check=True)


def table(model, names, slope, offset, note):
    out = ["# " + line for line in note] + ["features\t" + "\t".join(names), "calibration\t%.6f\t%.6f" % (slope, offset)]
    for tree in model.dump_model()["tree_info"]:
        nodes = []

        def visit(node):
            at = len(nodes)
            nodes.append(None)
            if "leaf_value" in node:
                nodes[at] = "leaf\t%.4f" % node["leaf_value"]
            else:
                left, right = visit(node["left_child"]), visit(node["right_child"])
                nodes[at] = "split\t%s\t%.5g\t%d\t%d" % (names[node["split_feature"]], node["threshold"], left, right)
            return at

        visit(tree["tree_structure"])
        out += ["tree"] + nodes
    return "\n".join(out) + "\n"


def clean_pages(paths, n_lines=40):
    for path in paths:
        lines = [line.strip() for line in open(path, encoding="utf8") if line.strip()]
        stem = os.path.basename(path).split(".")[0]
        for nth in range(0, len(lines), n_lines):
            # A page of one paper has one hand: neighbors stay together.
            yield "%s%05d" % ("".join(c for c in stem if not c.isdigit()), nth // n_lines), "\n\n".join(lines[nth:nth + n_lines])


def report(name, y, p, n_chars, note):
    for low in (0.1, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99):
        s = p >= low
        right, harm, neither = (y[s] == 1).sum(), (y[s] == -1).sum(), (y[s] == 0).sum()
        note.append("%s, p >= %.2f: right %d, harmful %d, neither %d; net %d; harm per 10,000: %.2f" % (name, low, right, harm, neither, right - harm, 1e4 * harm / n_chars))


def printed_pages(C, folders):
    """the pages of print_pages.py of which less than a fifth was misread: name, folder, engine, text, truth"""
    for folder in folders:
        for line in open(os.path.join(folder, "pages.tsv"), encoding="utf8"):
            page, read_by = line.split("\t")[:2]
            text, truth = (open(os.path.join(folder, side, page + ".txt"), encoding="utf8").read() for side in ("input", "truth"))
            if Levenshtein.normalized_distance(C.nows(text), C.nows(truth)) < 0.2:
                yield page, folder, "printed " + read_by, text, truth


def tell(note, X, y, p, group, n_chars, predict):
    """adds to `note` how right the probabilities `p` are; predict(rows to learn from, rows): those of another fit"""
    for g in sorted(set(group)):
        s = group == g
        note.append("%s: %d characters, %d proposals, %d right, %d harmful" % (g, n_chars[g], s.sum(), (y[s] == 1).sum(), (y[s] == -1).sum()))
        report(g, y[s], p[s], n_chars[g], note)
    for low, high in zip((0, .05, .1, .2, .3, .4, .5, .6, .7, .8, .9, .95, .98), (.05, .1, .2, .3, .4, .5, .6, .7, .8, .9, .95, .98, 1.01)):
        s = (p >= low) & (p < high)
        if s.any():
            note.append("calibration, p in %.2f..%.2f: mean p %.3f, share right %.3f, n %d" % (low, high, p[s].mean(), (y[s] == 1).mean(), s.sum()))
    # Robust to an engine it has not seen? Its pages of every kind are unseen.
    for unseen in ("tess", "ppocrv4"):
        others = ~np.isin(group, [unseen, {"tess": "printed tesseract", "ppocrv4": "printed ppocr"}[unseen]])
        of = group == unseen
        report("%s unseen" % unseen, y[of], predict(others, X[of]), n_chars[unseen], note)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--kit", required=True)
    a.add_argument("--pages", nargs="*", default=[])
    a.add_argument("--clean", nargs="*", default=[])
    a.add_argument("--xtask", default="target/release/xtask")
    a.add_argument("--jiaokan", default="target/release/jiaokan")
    a.add_argument("--folds-out", help="writes a table and habits for every fold (PREFIX.fold0, PREFIX.habits0 and so on), and the worst wrong changes (PREFIX.harm)")
    a.add_argument("--habits-out", help="writes the engine habits of all pages: models/habits.tsv")
    a.add_argument("-o", "--output", required=True)
    a = a.parse_args()
    sys.path.insert(0, a.kit)
    import common as C
    import score

    pages = [os.path.basename(os.path.dirname(m)) for m in sorted(glob.glob(os.path.join(a.kit, "dev", "*", "meta.json")))]
    texts = {page: open(os.path.join(a.kit, "dev", page, "ocr.txt"), encoding="utf8").read() for page in pages}
    engine = {page: json.load(open(os.path.join(a.kit, "dev", page, "meta.json")))["engine"] for page in pages}
    truths = {page: truth_for(C, score, os.path.join(a.kit, "dev", page), texts[page]) for page in pages}
    for page, _, read_by, text, truth in printed_pages(C, a.pages):
        texts[page], truths[page], engine[page] = text, truth, read_by
    clean = dict(clean_pages(a.clean))
    if a.habits_out:
        learn_habits(a.jiaokan, [(page, texts[page], truths[page]) for page in texts], a.habits_out)
    prefix = a.folds_out or os.path.join(tempfile.mkdtemp(), "misread")
    X, y, group, fold, where, n_chars = [], [], [], [], [], collections.Counter()
    names = None
    for k in range(N_FOLDS):
        habits = "%s.habits%d" % (prefix, k)
        learn_habits(a.jiaokan, [(page, texts[page], truths[page]) for page in texts if fold_of(page) != k], habits)
        mine = {page: text for page, text in texts.items() if fold_of(page) == k}
        mine.update({page: text for page, text in clean.items() if fold_of(page) == k})
        found, names = proposals(a.xtask, mine, habits)
        for page, text, suspects in found:
            # `text` has the repairs of the other rules: the truth nearest to it counts.
            truth = truth_for(C, score, os.path.join(a.kit, "dev", page), text) if page in pages else truths.get(page) or clean[page]
            judge = verdict(C, text, truth)
            g = engine.get(page, "clean")
            n_chars[g] += len(C.nows(truth))
            for s in suspects:
                X.append(s["row"])
                y.append(judge(s["start"], s["end"], s["put"]))
                group.append(g)
                fold.append(k)
                at = s["start"]
                where.append("%s %s[%s→%s]%s" % (page, text[max(0, at - 8):at], text[at:s["end"]], s["put"], text[s["end"]:s["end"] + 8]))
    X, y, group, fold = np.array(X, dtype=np.float32), np.array(y), np.array(group), np.array(fold)
    right = (y == 1).astype(int)
    weight = np.where(group == "clean", CLEAN_WEIGHT, 1.0)
    fit = lambda keep: lgb.train(PARAMETERS, lgb.Dataset(X[keep], right[keep], weight=weight[keep]), ROUNDS)
    raw, models = np.zeros(len(y)), []
    for k in range(N_FOLDS):
        models.append(fit(fold != k))
        raw[fold == k] = models[-1].predict(X[fold == k], raw_score=True)
    calibration = LogisticRegression(C=1e6).fit(raw[:, None], right)
    slope, offset = float(calibration.coef_[0, 0]), float(calibration.intercept_[0])
    for k, model in enumerate(models):
        open("%s.fold%d" % (prefix, k), "w", encoding="utf8").write(table(model, names, slope, offset, []))
    p = 1 / (1 + np.exp(-(slope * raw + offset)))
    if a.folds_out:
        # Predictions for pages that the trees had not seen: see reliability_picture.py.
        np.savez(prefix + ".npz", X=X, y=y, group=group, fold=fold, names=names, where=np.array(where), p=p)
        worst = [idx for idx in np.argsort(-p) if y[idx] == -1][:200]
        open(prefix + ".harm", "w", encoding="utf8").write("".join("%.3f %s\n" % (p[idx], where[idx].replace("\n", "/")) for idx in worst))
    note = ["The misread scorer: made by xtask/misread_scorer.py, see models/misread.md.", "Cross-validated by page, %d folds:" % N_FOLDS]
    tell(note, X, y, p, group, n_chars, lambda keep, rows: 1 / (1 + np.exp(-(slope * fit(keep).predict(rows, raw_score=True) + offset))))
    print("\n".join(note))
    final = fit(np.ones(len(y), dtype=bool))
    open(a.output, "w", encoding="utf8").write(table(final, names, slope, offset, note))
    importance = sorted(zip(final.feature_importance("gain"), names), reverse=True)
    print(" ".join("%s %d" % (n, g) for g, n in importance))


if __name__ == "__main__":
    main()
