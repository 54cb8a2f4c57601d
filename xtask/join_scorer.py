#!/usr/bin/env python3
"""Fits the join scorer: the table of trees in models/join.tsv.

usage: join_scorer.py --kit KIT --text FILE.zst... [--xtask target/release/xtask] [--cv] -o models/join.tsv

KIT is a measuring kit: KIT/dev/* with OCR text and exact truth, KIT/wrapped/republican/*,
and KIT/common.py, which aligns them. Labels come from that alignment: a break
within three characters of a true paragraph break is true, every other one
cuts a paragraph. Clean text (--text) adds pages whose labels are known by
construction: whole paragraphs, single sentences as paragraphs, and hard-wrapped
columns of many widths; they teach silence.

Folds are by page, the two readings of a page in one fold. The calibration is
fitted on the predictions for pages that the trees had not seen.
Needs: pip install lightgbm scikit-learn rapidfuzz zstandard
"""
import argparse
import glob
import io
import json
import os
import random
import re
import subprocess
import sys
import tempfile

import lightgbm as lgb
import numpy as np
import zstandard
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

N_FOLDS = 5
ROUNDS = 350
PARAMETERS = dict(objective="binary", learning_rate=0.05, num_leaves=24, min_data_in_leaf=15, feature_fraction=0.6,
                  bagging_fraction=0.8, bagging_freq=1, lambda_l2=5, verbosity=-1, num_threads=2, seed=7, deterministic=True)
# Rows of layout-aware readings are few and the hardest; made pages are many
# and easy.
WEIGHTS = dict(ocr=7.0, ocr_lines=1.0, republican=2.0, made=0.15, short=0.25, small=0.3, ocr_again=1.0, ocr_lines_again=1.0, republican_again=0.3)


def labels(C, reading, truth, tolerance):
    o, at = C.breaks(reading)
    t, true_at = C.breaks(truth)
    to_truth = C.posmap(C.opcodes(o, t), len(o))
    near = set(true_at)
    return [int(not any(to_truth[p] + d in near for d in range(-tolerance, tolerance + 1))) for p in at]


def kit_truths(C, kit):
    """((republican?, page), truth)"""
    for meta in sorted(glob.glob(os.path.join(kit, "dev", "*", "meta.json"))):
        folder = os.path.dirname(meta)
        variants = C.truth_variants(json.load(open(os.path.join(folder, "truth.json"), encoding="utf8")))
        yield (False, os.path.basename(folder)), "\n\n".join(variants["inplace+keep"] if "inplace+keep" in variants else variants["moved+keep"])
    for folder in sorted(glob.glob(os.path.join(kit, "wrapped", "republican", "*", ""))):
        yield (True, os.path.basename(folder[:-1])), open(folder + "truth.txt", encoding="utf8").read()


def kit_pages(C, kit):
    """(set, page, text, labels)"""
    for (republican, page), truth in kit_truths(C, kit):
        folder = os.path.join(kit, "wrapped", "republican", page) if republican else os.path.join(kit, "dev", page)
        for name in ("ocr_lines",) if republican else ("ocr", "ocr_lines"):
            text = open(os.path.join(folder, name + ".txt"), encoding="utf8").read()
            yield "republican" if republican else name, page, text, labels(C, text, truth, 0 if republican else 3)


def paragraphs(paths):
    for path in paths:
        with open(path, "rb") as f:
            run = []
            for line in io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(f), encoding="utf8"):
                line = line.strip()
                if line:
                    run.append(line)
                elif run:
                    yield run
                    run = []
            if run:
                yield run


def wrap(paragraph, width, indent, rng):
    """lines of at most `width` cells; no line starts with a closing mark"""
    lines, line, used = [], "　　" if indent else "", 4 if indent else 0
    for ch in paragraph:
        cells = 1 if ord(ch) < 128 else 2
        if used + cells > width and ch not in "，。、；：！？）》”’％":
            lines.append(line)
            line, used = "", 0
        line += ch
        used += cells
    return lines + [line] if line else lines


def made_pages(paths, n_pages, rng):
    """pages of clean text with known labels"""
    runs = [run for run in paragraphs(paths) if len(run) >= 3]
    rng.shuffle(runs)
    for idx in range(n_pages):
        take = []
        while len(take) < 30:
            take += runs[rng.randrange(len(runs))][:12]
        style = idx % 6
        if style == 0:  # whole paragraphs
            yield "made", "whole%d" % idx, ("\n\n" if idx % 10 else "\n").join(take), [0] * (len(take) - 1)
        elif style in (1, 2):  # sentences as paragraphs
            sentences = [s + "。" for p in take for s in p.rstrip("。").split("。") if len(s) > 3]
            rng.shuffle(sentences)
            sentences = [s[:-1] if rng.random() < 0.04 else s for s in sentences]
            yield "made", "sentences%d" % idx, ("\n" if idx % 4 != 1 else "\n\n").join(sentences), [0] * (len(sentences) - 1)
        elif style == 3:  # paragraphs cut where a column or box ends
            take, lines, marks = take[:rng.choice([3, 4, 6, 12, 30])], [], []
            for p in take:
                if rng.random() < 0.3:
                    p = p.rstrip("。")
                at = rng.randrange(1, len(p)) if len(p) > 30 and rng.random() < 0.2 else len(p)
                lines += [p[:at], p[at:]] if at < len(p) else [p]
                marks += [1, 0] if at < len(p) else [0]
            yield "made", "cut%d" % idx, "\n\n".join(lines), marks[:-1]
        else:  # hard-wrapped
            width, indent = rng.randrange(20, 84), rng.random() < 0.5
            lines, marks = [], []
            for p in take:
                if rng.random() < 0.3:
                    p = p.rstrip("。")
                wrapped = wrap(p, width, indent, rng)
                lines += wrapped
                marks += [1] * (len(wrapped) - 1) + [0]
            yield "made", "wrapped%d" % idx, "\n".join(lines), marks[:-1]


SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段"
DOUBLE_SURNAMES = "欧阳 上官 司马 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 司徒 夏侯".split()
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建文辉力云莲志春海波宁晓鹏飞燕慧巧美雅林凤洁梅琳素珍贞荣爱妹雪"


def short_lines(paths, n_pages, rng):
    """pages of lines that belong to no paragraph: verse, slogans, names, prices, hours, numbers"""
    clauses, verses = [], []
    for run in paragraphs(paths):
        for p in run:
            clauses += [c for c in re.split("[，。；：！？、（）“”]", p) if 3 <= len(c) <= 12]
            # what runs on from clause to clause, as verse does, each with its mark
            verse = re.findall("[^，。；：！？]+[，。；：！？]", p)
            if len(verse) > 3 and all(len(c) <= 14 for c in verse):
                verses.append(verse)

    def name():
        surname = rng.choice(DOUBLE_SURNAMES) if rng.random() < 0.2 else rng.choice(SURNAMES)
        return surname + "".join(rng.choice(GIVEN) for _ in range(rng.choice([1, 2, 2])))

    def row(style, length, separator, n):
        if style < 4:
            while True:
                clause = rng.choice(clauses)
                if length in (None, len(clause)):
                    return clause
        if style == 4:
            return separator.join(name() for _ in range(n))
        if style == 5:
            return rng.choice(clauses)[:6] + separator + str(rng.randrange(10, 99999999))
        if style == 6:
            return rng.choice(clauses)[:4] + "：" + rng.choice(clauses)
        return " ".join(rng.choice(clauses)[:4] for _ in range(n))

    for idx in range(n_pages):
        style, length, separator, n = rng.randrange(8), rng.choice([None, 5, 7, 10]), rng.choice([" ", "、", "  ", "　"]), rng.choice([2, 3, 4, 6])
        final = rng.choice(["", "", "，。"])
        lines = [row(style, length, separator, n) + (final and final[k % 2]) for k in range(rng.choice([3, 4, 5, 8, 12, 24]))]
        if style < 2 and verses and rng.random() < 0.5:
            lines = [line for _ in range(rng.choice([1, 2, 3])) for line in rng.choice(verses)][:24]
            if rng.random() < 0.2:
                lines = [line[:-1] if line.endswith("，") else line for line in lines]
        if rng.random() < 0.5:
            lines.insert(0, rng.choice(clauses))
        breaks = [rng.choice(["\n", "\n", "\n\n"] if idx % 3 == 0 else ["\n\n"] if idx % 3 == 1 else ["\n"]) for _ in lines[1:]]
        yield "short", "short%d" % idx, "".join(a + b for a, b in zip(lines, breaks + [""])), [0] * (len(lines) - 1)


def small_pages(paths, n_pages, rng):
    """pages of short articles: headings, bylines, sub-headings and captions between paragraphs that columns cut"""
    runs = [run for run in paragraphs(paths) if len(run) >= 3]
    clauses = [c for run in runs for p in run for c in re.split("[，。；：！？、（）“”]", p) if 2 <= len(c) <= 16]
    name = lambda: rng.choice(SURNAMES) + "".join(rng.choice(GIVEN) for _ in range(rng.choice([1, 2])))
    heading = lambda low, high: next(c for c in iter(lambda: rng.choice(clauses), None) if low <= len(c) <= high)
    bylines = [lambda: name(), lambda: "本报记者 " + name(), lambda: "本报记者" + name() + "通讯员" + name(), lambda: "文/" + name(), lambda: "□" + name()]
    captions = [lambda: heading(4, 14) + "。" + name() + " 摄", lambda: heading(3, 10) + "  " + name() + "绘",
                lambda: "图为" + heading(4, 14) + "。", lambda: heading(4, 16) + "（" + name() + "摄）", lambda: "图片由" + heading(2, 6) + "提供"]
    subheads = [lambda n: "一二三四五六"[n % 6] + "、" + heading(2, 10), lambda n: heading(2, 8), lambda n: "（" + "一二三四五六"[n % 6] + "）" + heading(2, 8), lambda n: "●" + heading(3, 10)]
    for idx in range(n_pages):
        lines, marks = [], []

        def add(line, cut=0):
            lines.append(line)
            marks.append(cut)

        final, cuts = rng.choice([0.02, 0.3, 0.6]), rng.choice([0.1, 0.3])
        for _ in range(rng.choice([1, 2, 3, 5])):
            for _ in range(rng.choice([1, 1, 2])):
                add(heading(2, 16))
            if rng.random() < 0.5:
                add(rng.choice(bylines)())
            sub, take = rng.choice(subheads), rng.choice(runs)[:rng.choice([1, 2, 3, 6])]
            for n, p in enumerate(take):
                if n and rng.random() < 0.3:
                    add(sub(n))
                if n == 0 and rng.random() < 0.5:
                    p = rng.choice(["本报讯（记者 %s）" % name(), "本报讯 ", "据新华社电 ", "〔本报讯〕"]) + p
                if rng.random() < final:
                    p = p.rstrip("。")
                if rng.random() < final / 4:
                    p = p.replace("，", "")
                at = rng.randrange(14, len(p) - 1) if len(p) > 30 and rng.random() < cuts else len(p)
                if at < len(p):
                    add(p[:at], 1)
                    add(p[at:])
                else:
                    add(p)
                if rng.random() < 0.15:
                    add(rng.choice(captions)())
        if len(lines) > 1:
            yield "small", "small%d" % idx, ("\n" if idx % 5 == 0 else "\n\n").join(lines), marks[:-1]


def rows_of(xtask, pages):
    with tempfile.TemporaryDirectory() as folder:
        for idx, page in enumerate(pages):
            open(os.path.join(folder, "%06d.txt" % idx), "w", encoding="utf8").write(page[2])
        out = subprocess.run([xtask, "join-features", folder], capture_output=True, text=True, check=True).stdout.splitlines()
    names, rows = out[0].split("\t")[2:], [[] for _ in pages]
    for line in out[1:]:
        page, _, *values = line.split("\t")
        rows[int(page)].append(values)
    return names, rows


def table(model, names, slope, offset, note):
    out = ["# " + line for line in note] + ["features\t" + "\t".join(names), "calibration\t%.6f\t%.6f" % (slope, offset)]
    for tree in model.dump_model()["tree_info"]:
        nodes = []

        def visit(node):
            at = len(nodes)
            nodes.append(None)
            if "leaf_value" in node:
                nodes[at] = "leaf\t%.6f" % node["leaf_value"]
            else:
                left, right = visit(node["left_child"]), visit(node["right_child"])
                nodes[at] = "split\t%s\t%.5f\t%d\t%d" % (names[node["split_feature"]], node["threshold"], left, right)
            return at

        visit(tree["tree_structure"])
        out += ["tree"] + nodes
    return "\n".join(out) + "\n"


def curve(y, p):
    order = np.argsort(-p, kind="stable")
    hits = np.cumsum(y[order])
    precision, recall = hits / np.arange(1, len(y) + 1), hits / max(1, y.sum())
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    at = lambda r: envelope[min(len(envelope) - 1, np.searchsorted(recall, r))]
    back = lambda q: max([0.0] + list(recall[precision >= q]))
    return "P at R .7/.8/.85/.9: %.3f %.3f %.3f %.3f; R at P .85/.9/.95/.98: %.3f %.3f %.3f %.3f" % (*[at(r) for r in (.7, .8, .85, .9)], *[back(q) for q in (.85, .9, .95, .98)])


def fold_of(kind, page, idx):
    """both readings of a page, before and after, in one fold; as in xtask/src/held_out.rs"""
    if page.startswith("dev"):
        return int(page[3:]) % N_FOLDS
    return (sum(map(ord, page)) if kind.startswith("republican") else idx) % N_FOLDS


def matrix(xtask, pages):
    names, rows = rows_of(xtask, pages)
    X, y, group, fold = [], [], [], []
    for idx, ((kind, page, _, marks), page_rows) in enumerate(zip(pages, rows)):
        assert len(marks) == len(page_rows), (kind, page, len(marks), len(page_rows))
        X += page_rows
        y += marks
        group += [kind] * len(marks)
        fold += [fold_of(kind, page, idx)] * len(marks)
    return names, np.array(X, dtype=np.float32), np.array(y), np.array(group), np.array(fold)


def pages_again(C, kit, xtask, folds, pages):
    """the pages of the kit as the tool leaves them, corrected by scorers that have not seen them"""
    truths = dict(kit_truths(C, kit))
    for kind in ("ocr", "ocr_lines", "republican"):
        for level in ("automatic", "suggested"):
            with tempfile.TemporaryDirectory() as before, tempfile.TemporaryDirectory() as after:
                names = [page for group, page, _, _ in pages if group == kind]
                for group, page, text, _ in pages:
                    if group == kind:
                        open(os.path.join(before, page + ".txt"), "w", encoding="utf8").write(text)
                subprocess.run([xtask, "held-out", before, "--tables", folds, "--level", level, "--select", "structure/broken-join", "-o", after], check=True)
                for page in names:
                    text = open(os.path.join(after, page + ".txt"), encoding="utf8").read()
                    yield kind + "_again", page, text, labels(C, text, truths[kind == "republican", page], 0 if kind == "republican" else 3)


def calibrate(raw, y, weight, group):
    """slope and offset, on the pages as engines read them"""
    real = np.isin(group, ["ocr", "ocr_lines", "republican"])
    calibration = LogisticRegression(C=1e6).fit(raw[real, None], y[real], sample_weight=weight[real])
    return float(calibration.coef_[0, 0]), float(calibration.intercept_[0])


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--kit", required=True)
    a.add_argument("--text", nargs="+", required=True)
    a.add_argument("--xtask", default="target/release/xtask")
    a.add_argument("--made", type=int, default=300)
    a.add_argument("--folds-out", help="writes a table for every fold beside the output: what a page's own fold did not see")
    a.add_argument("-o", "--output", required=True)
    a = a.parse_args()
    sys.path.insert(0, a.kit)
    import common as C

    rng = random.Random(20240902)
    pages = list(kit_pages(C, a.kit)) + list(made_pages(a.text, a.made, rng)) + list(short_lines(a.text, 2 * a.made, rng)) + list(small_pages(a.text, 2 * a.made, rng))
    folds_out = a.folds_out or os.path.join(tempfile.mkdtemp(), "join")
    # A text that was joined is read once more. The second fit knows what such
    # a text looks like, so that the tool does not join on what it did itself.
    for again in (False, True):
        if again:
            pages += pages_again(C, a.kit, a.xtask, folds_out, pages)
        names, X, y, group, fold = matrix(a.xtask, pages)
        weight = np.array([WEIGHTS[g] for g in group])
        fit = lambda keep: lgb.train(PARAMETERS, lgb.Dataset(X[keep], y[keep], weight=weight[keep]), ROUNDS)
        raw, models = np.zeros(len(y)), []
        for k in range(N_FOLDS):
            models.append(fit(fold != k))
            raw[fold == k] = models[-1].predict(X[fold == k], raw_score=True)
        slope, offset = calibrate(raw, y, weight, group)
        for k, model in enumerate(models):
            open("%s.fold%d" % (folds_out, k), "w", encoding="utf8").write(table(model, names, slope, offset, []))
    real = np.isin(group, ["ocr", "ocr_lines", "republican"])
    p = 1 / (1 + np.exp(-(slope * raw + offset)))
    note = ["The join scorer: made by xtask/join_scorer.py, see models/join.md.", "Cross-validated by page, %d folds:" % N_FOLDS]
    for g in WEIGHTS:
        s = group == g
        kept = p[s] < 0.5
        true = y[s] == 0
        f = 2 * (kept & true).sum() / (kept.sum() + true.sum())
        note.append("%s: %d breaks, %d cut a paragraph; %s; breaks F %.4f; wrong joins at .5/.9: %d %d" % (
            g, s.sum(), y[s].sum(), curve(y[s], p[s]), f, ((p[s] >= .5) & true).sum(), ((p[s] >= .9) & true).sum()))
    for low in (0.0, .1, .3, .5, .7, .8, .9, .95, .98):
        s = real & (p >= low)
        note.append("calibration, p >= %.2f: mean p %.3f, share that cut a paragraph %.3f, n %d" % (low, p[s].mean(), y[s].mean(), s.sum()))
    print("\n".join(note))
    final = fit(np.ones(len(y), dtype=bool))
    open(a.output, "w", encoding="utf8").write(table(final, names, slope, offset, note))
    importance = sorted(zip(final.feature_importance("gain"), names), reverse=True)
    print(" ".join("%s %d" % (n, g) for g, n in importance))


if __name__ == "__main__":
    main()
