#!/usr/bin/env python3
"""What --sound is worth: homophones put into correct sentences, and what becomes of them.

usage: typed.py --clean FILE... [--sounds models/sounds.tsv] [--jiaokan target/release/jiaokan] [--share 0.005] [--seed 7]

Sentences (one a line, in pages of forty) get that share of their Han characters replaced by
another one of the same syllable, drawn by how common it is in the sentences themselves. Printed
are the errors put in, those put right and the right characters changed, with and without --sound,
at the level suggested.
"""
import argparse
import collections
import os
import random
import subprocess
import tempfile


def pages_of(paths, n_lines=40):
    lines = [line.strip() for path in paths for line in open(path, encoding="utf8") if line.strip()]
    return [lines[at:at + n_lines] for at in range(0, len(lines), n_lines)]


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--clean", nargs="+", required=True)
    a.add_argument("--sounds", default="models/sounds.tsv")
    a.add_argument("--jiaokan", default="target/release/jiaokan")
    a.add_argument("--share", type=float, default=0.005)
    a.add_argument("--pages", type=int, default=100)
    a.add_argument("--seed", type=int, default=7)
    a = a.parse_args()
    rows = [line.rstrip("\n").split("\t") for line in open(a.sounds, encoding="utf8") if not line.startswith("#")]
    alike = collections.defaultdict(list)
    for _, chars in rows:
        for c in chars:
            alike[c].append(chars)
    pages = pages_of(a.clean)[:a.pages]
    common = collections.Counter(c for page in pages for line in page for c in line)
    draw = random.Random(a.seed)
    truth, typed = {}, {}
    for nth, page in enumerate(pages):
        text = "\n\n".join(page)
        out = []
        for c in text:
            others = [o for o in (draw.choice(alike[c]) if c in alike else "") if o != c and common[o]]
            if others and draw.random() < a.share:
                out.append(draw.choices(others, [common[o] for o in others])[0])
            else:
                out.append(c)
        truth["%04d.txt" % nth], typed["%04d.txt" % nth] = text, "".join(out)
    n_chars = sum(len(text) for text in truth.values())
    print("%d characters, %d of them typed wrong" % (n_chars, sum(x != y for name in truth for x, y in zip(truth[name], typed[name]))))
    for options in ([], ["--sound"]):
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, "in"))
            for name, text in typed.items():
                open(os.path.join(folder, "in", name), "w", encoding="utf8").write(text)
            out = os.path.join(folder, "out")
            command = [os.path.abspath(a.jiaokan), "fix", "in", "--out-dir", "out", "--level", "suggested", "-q", "--exit-zero"] + options
            subprocess.run(command, check=True, cwd=folder)
            fixed = broken = other = 0
            for name in truth:
                text = open(os.path.join(out, name), encoding="utf8").read()
                if len(text) != len(truth[name]):
                    # Something was lost or added: count by alignment.
                    import difflib
                    other += abs(len(text) - len(truth[name]))
                    matcher = difflib.SequenceMatcher(None, typed[name], text, autojunk=False)
                    same = {}
                    for tag, i, j, k, l in matcher.get_opcodes():
                        if j - i == l - k:
                            same.update(zip(range(i, j), text[k:l]))
                    row = [(t, r, same.get(at, r)) for at, (t, r) in enumerate(zip(truth[name], typed[name]))]
                else:
                    row = zip(truth[name], typed[name], text)
                for t, r, c in row:
                    fixed += t != r and c == t
                    broken += t == r and c != t
            print("%-10s put right %d, right ones changed %d (%.2f per 10,000), characters lost or added %d" % (
                " ".join(options) or "(without)", fixed, broken, 1e4 * broken / n_chars, other))


if __name__ == "__main__":
    main()
