#!/usr/bin/env python3
"""What corrected pages of one's own are worth: the figures on engine habits in docs/measuring.md.

usage: own_habits.py --kit KIT --misread PREFIX [--pages N] [--xtask target/release/xtask] [--jiaokan target/release/jiaokan]

Every page of KIT/dev is corrected at the level suggested with a scorer that has not seen it
(PREFIX of misread_scorer.py --folds-out), six times, with the habits of
  nobody            an engine of which nothing is known
  other engine      what was learned from the other engine's pages
  own               pages of this engine in other folds, at most N: what --channel takes in
  own over other    both added up
  program           what the program was taught, this fold aside (PREFIX.habits0 and so on)
  own over program  both added up
Printed is the character error rate over Han characters, letters and digits, by engine.
Needs: pip install rapidfuzz
"""
import argparse
import collections
import glob
import json
import os
import subprocess
import sys
import tempfile

from misread_scorer import N_FOLDS, fold_of, learn_habits, truth_for


def laid_over(paths, out):
    """sums the counts of tables of habits, as the program does"""
    rows, head = collections.OrderedDict(), None
    for path in paths:
        for line in open(path, encoding="utf8"):
            line = line.rstrip("\n")
            if line.startswith("#") or not line or line.startswith("kind\t"):
                head = head or line
                continue
            fields = line.split("\t")
            counts = rows.setdefault(tuple(fields[:4]), [0, 0])
            counts[0] += int(fields[4])
            counts[1] += int(fields[5] or 0)
    with open(out, "w", encoding="utf8") as file:
        file.write(head + "\n" + "".join("%s\t%d\t%d\n" % ("\t".join(key), *counts) for key, counts in rows.items()))


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--kit", required=True)
    a.add_argument("--misread", required=True)
    a.add_argument("--pages", type=int, default=1000, help="pages of one's own to learn from, at most")
    a.add_argument("--xtask", default="target/release/xtask")
    a.add_argument("--jiaokan", default="target/release/jiaokan")
    a = a.parse_args()
    sys.path.insert(0, a.kit)
    import common as C
    import score

    pages = [os.path.basename(os.path.dirname(m)) for m in sorted(glob.glob(os.path.join(a.kit, "dev", "*", "meta.json")))]
    engine = {page: json.load(open(os.path.join(a.kit, "dev", page, "meta.json")))["engine"] for page in pages}
    engines = sorted(set(engine.values()))

    def pair(page):
        folder = os.path.join(a.kit, "dev", page)
        text = open(os.path.join(folder, "ocr.txt"), encoding="utf8").read()
        return page, text, truth_for(C, score, folder, text)

    with tempfile.TemporaryDirectory() as folder:
        path = lambda *parts: os.path.join(folder, *parts)
        for one in engines:
            learn_habits(a.jiaokan, [pair(page) for page in pages if engine[page] != one], path("%s.others" % one))
            for k in range(N_FOLDS):
                own = [pair(page) for page in pages if engine[page] == one and fold_of(page) != k][:a.pages]
                learn_habits(a.jiaokan, own, path("%s.own.habits%d" % (one, k)))
                laid_over([path("%s.others" % one)], path("%s.other.habits%d" % (one, k)))
                laid_over([path("%s.own.habits%d" % (one, k)), path("%s.others" % one)], path("%s.both.habits%d" % (one, k)))
                laid_over(["%s.habits%d" % (a.misread, k)], path("%s.known.habits%d" % (one, k)))
                laid_over([path("%s.own.habits%d" % (one, k)), "%s.habits%d" % (a.misread, k)], path("%s.over.habits%d" % (one, k)))
            os.mkdir(path(one))
            for page in (page for page in pages if engine[page] == one):
                text = open(os.path.join(a.kit, "dev", page, "ocr.txt"), encoding="utf8").read()
                open(path(one, page + ".txt"), "w", encoding="utf8").write(text)
        print("%-17s %s" % ("habits of", " ".join("%-30s" % one for one in engines)))
        for name, tables in (("nobody", "none"), ("other engine", "other"), ("own", "own"), ("own over other", "both"), ("program", "known"), ("own over program", "over")):
            out = path("out-" + tables)
            for one in engines:
                habits = tables if tables == "none" else path("%s.%s" % (one, tables))
                subprocess.run([a.xtask, "held-out", path(one), "--misread", a.misread, "--habits", habits, "--level", "suggested", "-o", out], check=True)
            subprocess.run([sys.executable, os.path.join(a.kit, "score.py"), "--set", os.path.join(a.kit, "dev"), "--corrected", out, "--json", path("score.json")],
                           check=True, stdout=subprocess.DEVNULL)
            groups = json.load(open(path("score.json")))["groups"]
            cell = lambda one: "%.3f %% → %.3f %% (%+.1f %%)" % (
                100 * groups["engine=" + one]["cer"]["han"]["before"], 100 * groups["engine=" + one]["cer"]["han"]["after"],
                100 * (groups["engine=" + one]["cer"]["han"]["after"] / groups["engine=" + one]["cer"]["han"]["before"] - 1))
            print("%-17s %s" % (name, " ".join("%-30s" % cell(one) for one in engines)))


if __name__ == "__main__":
    main()
