#!/usr/bin/env python3
"""Moves labeled cases to where they belong, by what the tests say.

usage: corpus/triage.py [--give-up]

Known failures that pass now go to the label in their `belongs`. With
`--give-up`, cases that fail go to `known_failures`: only for damage that is
not repaired yet, never to hide a wrong edit that a change has brought.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CASES = ROOT / "corpus/cases"
LABELS = ["in_the_wild", "synthetic", "negative"]
PROVENANCE = {
    "in_the_wild": "Composed for this project in the manner of real column breaks and OCR errors; not taken from any paper.",
    "synthetic": "Composed for this project; the damage was put in by hand, one kind at a time.",
    "negative": "Composed for this project; every text is printed as it should be.",
    "known_failures": "Composed for this project; repairs the tool cannot make yet, and correct texts it still changes."
    " A case that starts to pass fails the test and is then moved.",
}


def load(label, kind):
    path = CASES / label / f"{kind}.toml"
    if not path.exists():
        return f'provenance = "{PROVENANCE[label]}"', []
    head, *cases = path.read_text(encoding="utf8").split("[[case]]")
    return head.strip(), [case.strip() for case in cases]


def save(label, kind, head, cases):
    path = CASES / label / f"{kind}.toml"
    if cases:
        path.write_text("\n\n".join([head] + ["[[case]]\n" + case for case in cases]) + "\n", encoding="utf8")
    elif path.exists():
        path.unlink()


def move(kind, name, source, target):
    head, cases = load(source, kind)
    case = next(case for case in cases if case.startswith(f'name = "{name}"\n'))
    save(source, kind, head, [other for other in cases if other != case])
    case = re.sub(r"^belongs = .*\n", "", case, flags=re.M)
    if target == "negative":  # a negative case is always held to the level suggested
        case = re.sub(r"^level = .*\n", "", case, flags=re.M)
    if target == "known_failures":
        case = re.sub(r"^why = ", f'belongs = "{source}"\nwhy = ', case, count=1, flags=re.M)
    head, cases = load(target, kind)
    save(target, kind, head, cases + [case])
    print(f"{kind}: {name}: {source} -> {target}")


def main():
    said = subprocess.run(["cargo", "test", "--test", "corpus", "--no-fail-fast"], cwd=ROOT, capture_output=True, text=True).stdout
    for kind, name, home in re.findall(r"^known_failures/([a-z-]+): (.*) -> (\w+)$", said, re.M):
        move(kind, name, "known_failures", home)
    failing = re.findall(rf"^({'|'.join(LABELS)})/([a-z-]+): (.*)$", said, re.M)
    failing = dict.fromkeys(failing)  # a case may fail in more than one test
    for label, kind, name in failing:
        if "--give-up" in sys.argv[1:]:
            move(kind, name, label, "known_failures")
        else:
            print(f"fails: {label}/{kind}: {name}")


if __name__ == "__main__":
    main()
