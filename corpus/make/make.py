#!/usr/bin/env python3
"""Prints the composed pages, damages the images, reads them with a real OCR
engine and writes `../samples` and `../truth`.

usage: python3 make.py [--only NAME] [--images DIR]
"""
import argparse
import io
import os
import random
import re
import subprocess
import tempfile
import tomllib

import numpy as np
from PIL import Image, ImageFilter

import typeset

HERE = os.path.dirname(os.path.abspath(__file__))
# scale, blur, noise (standard deviation), paper, ink, greatest angle in degrees
DAMAGE = {
    "light": (0.80, 0.5, 7, 226, 40, 0.15),
    "medium": (0.66, 0.6, 12, 214, 58, 0.25),
    "heavy": (0.62, 0.6, 12, 210, 62, 0.35),
}


def damage(image, level, rng):
    """A scan of the print: smaller, skewed, soft, unevenly inked, noisy."""
    scale, blur, noise, paper, ink, angle = DAMAGE[level]
    turn = rng.uniform(-angle, angle)
    w, h = image.size
    image = image.rotate(turn, resample=Image.BICUBIC, fillcolor=255)
    image = image.resize((int(w * scale), int(h * scale)), Image.LANCZOS).filter(ImageFilter.GaussianBlur(blur))
    field = np.asarray(image, dtype=np.float32) / 255
    grains = np.random.default_rng(rng.randrange(1 << 30))
    uneven = grains.normal(0, 1, (field.shape[0] // 60 + 2, field.shape[1] // 60 + 2)).astype(np.float32)
    uneven = np.asarray(Image.fromarray(uneven).resize(image.size, Image.BICUBIC))
    field = ink + (paper - ink) * np.clip(field + 0.03 * uneven, 0, 1) + grains.normal(0, noise, field.shape)
    return Image.fromarray(np.clip(field, 0, 255).astype(np.uint8)), scale, turn


def crop(image, box, scale, turn, pad):
    """The region of a box in the damaged image."""
    w, h = image.size[0] / scale, image.size[1] / scale
    a = np.deg2rad(-turn)
    corners = []
    for x in (box.x, box.x + box.w):
        for y in (box.y, box.y + box.h):
            dx, dy = x - w / 2, y - h / 2
            corners.append((w / 2 + dx * np.cos(a) - dy * np.sin(a), h / 2 + dx * np.sin(a) + dy * np.cos(a)))
    xs, ys = [c[0] for c in corners], [c[1] for c in corners]
    area = (min(xs) - pad, min(ys) - pad * 0.5, max(xs) + pad * 1.6, max(ys) + pad * 0.3)
    return image.crop(tuple(int(v * scale) for v in area))


_rapid = None


def read_rapidocr(image):
    """Lines as (left, right, height, [cells]), top to bottom."""
    global _rapid
    if _rapid is None:
        from rapidocr_onnxruntime import RapidOCR
        _rapid = RapidOCR()
    # One pixel of the detector's grid is 4 of the image: enlarge small prints.
    zoom = 1.4
    result, _ = _rapid(np.asarray(image.convert("RGB").resize((int(image.size[0] * zoom), int(image.size[1] * zoom)), Image.BICUBIC)))
    found = []
    for quad, text, _ in result or []:
        xs, ys = [p[0] for p in quad], [p[1] for p in quad]
        found.append([min(xs), max(xs), sum(ys) / 4, max(ys) - min(ys), text])
    found.sort(key=lambda f: f[2])
    rows = []
    for f in found:
        if rows and abs(rows[-1][0][2] - f[2]) < 0.5 * min(rows[-1][0][3], f[3]):
            rows[-1].append(f)
        else:
            rows.append([f])
    out = []
    for row in rows:
        row.sort()
        out.append((row[0][0], row[-1][1], row[0][3], [f[4] for f in row]))
    return out


def read_tesseract(image, language, single):
    """The same from Tesseract's word table."""
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        image.resize((image.size[0] * 3 // 2, image.size[1] * 3 // 2), Image.BICUBIC).save(file.name)
        table = subprocess.run(
            ["tesseract", file.name, "-", "-l", language, "--psm", "7" if single else "6", "tsv"],
            capture_output=True, check=True, text=True, env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        ).stdout
    lines = {}
    for row in table.splitlines()[1:]:
        level, _, block, par, line, _, left, top, w, h, _, text = (row.split("\t") + [""])[:12]
        if level == "5" and text.strip():
            lines.setdefault((int(block), int(par), int(line)), []).append((int(left), int(left) + int(w), int(h), text.strip()))
    out = []
    for words in lines.values():
        high = sorted(word[2] for word in words)[len(words) // 2]
        cells, end = [], None
        for left, right, _, text in words:
            if end is not None and left - end > 1.6 * high:
                cells.append(text)
            elif cells:
                cells[-1] += (" " if latin(cells[-1][-1]) and latin(text[0]) else "") + text
            else:
                cells.append(text)
            end = right
        out.append((words[0][0], words[-1][1], high, cells))
    return out


def latin(ch):
    return ch.isascii() and ch.isalpha()


def paragraphs(lines):
    """Groups the read lines of one box as an engine does that knows where they
    stand: an indent or a short line before starts a paragraph."""
    if not lines:
        return []
    left = min(line[0] for line in lines)
    right = max(line[1] for line in lines)
    high = sorted(line[2] for line in lines)[len(lines) // 2]
    groups, short = [], True
    for start, end, _, cells in lines:
        if short or start - left > 1.1 * high or len(cells) > 1:
            groups.append([cells])
        else:
            groups[-1].append(cells)
        short = right - end > 4 * high or len(cells) > 1
    return groups


def glue(rows):
    text = ""
    for cells in rows:
        row = "  ".join(cells)
        text += (" " if text and latin(text[-1]) and latin(row[0]) else "") + row
    return text


def read(engine, language, image, single):
    return read_rapidocr(image) if engine == "rapidocr" else read_tesseract(image, language, single)


def truth_of(boxes):
    """What was printed: paragraphs whole, a caption behind the paragraph it
    interrupts, a passage printed twice once, where the whole article stands."""
    out, done = [], set()
    for box in boxes:
        if isinstance(box, tuple):
            continue
        article = box.article
        if box.kind == "furn":
            out.append(box.text)
        elif box.kind in ("kicker", "title", "by"):
            out.append(box.text)
        elif id(article) not in done:
            done.add(id(article))
            out.extend(article_truth(article, boxes))
    return out


def article_truth(article, boxes):
    out, waiting = [], []
    mine = [b for b in boxes if not isinstance(b, tuple) and b.article is article and b.kind in ("body", "caption")]
    last_item, seen = None, set()
    for box in mine:
        if box.kind == "caption":
            waiting.append(box.text)
            continue
        for line in box.pieces:
            if line.item != last_item:
                out.extend(waiting)
                waiting = []
                last_item = line.item
            if line.item not in seen:
                seen.add(line.item)
                item = article.items[line.item]
                if not getattr(item, "printed_elsewhere", False):
                    out.append("  ".join(item.cells) if item.cells else item.text)
    return out + waiting


def mark_copies(parts):
    """The teaser's paragraphs count as printed elsewhere when the whole
    article repeats them (`%copy`)."""
    copies = {i.text for w, a in parts if w == "article" for i in a.items if i.copy}
    for what, article in parts:
        for item in article.items if what == "article" else []:
            item.printed_elsewhere = not item.copy and item.text in copies


def ocr_text(boxes, image, scale, turn, head, wrapped):
    chunks = []
    for box in boxes:
        again = isinstance(box, tuple)
        box = box[1] if again else box
        pad = 14 if again else 9
        part = crop(image, box, scale, turn, pad)
        language = "chi_tra" if head.get("script") == "traditional" else "chi_sim"
        lines = read(head["engine"], language, part, box.n_lines == 1)
        if wrapped:
            chunks.append("\n".join(wrapped_lines(lines, wrapped)))
        elif box.kind == "body":
            separator = "\n" if head["paragraphs"] == "single" else "\n\n"
            chunks.append(separator.join(glue(rows) for rows in paragraphs(lines)))
        else:
            chunks.append(glue([line[3] for line in lines]))
    return "\n\n".join(chunk for chunk in chunks if chunk.strip()) + "\n"


def wrapped_lines(lines, mode):
    left = min((line[0] for line in lines), default=0)
    for start, _, high, cells in lines:
        indent = "　　" if mode == "indent" and start - left > 1.1 * high else ""
        yield indent + "  ".join(cells)


def encode(text, head):
    newline = "\r\n" if head.get("newline") == "crlf" else "\n"
    codec = {"gb18030": "gb18030", "big5": "big5"}.get(head.get("encoding", "utf-8"), "utf-8")
    if codec == "big5":  # what the code page has no place for goes out as a box
        text = "".join(ch if ch == "\n" or can(ch) else "□" for ch in text)
    return text.replace("\n", newline).encode(codec)


def can(ch):
    try:
        ch.encode("big5")
        return True
    except UnicodeEncodeError:
        return False


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--only", default="")
    args.add_argument("--images", default="")
    args = args.parse_args()
    jobs = tomllib.load(open(os.path.join(HERE, "jobs.toml"), "rb"))["job"]
    for job in jobs:
        if args.only and args.only not in job["name"]:
            continue
        head, parts = typeset.load(os.path.join(HERE, "pages", job["page"]))
        head.update({k: str(v) for k, v in job.items()})
        mark_copies(parts)
        boxes, page = typeset.compose(head, parts)
        rng = random.Random(int(head["seed"]))
        printed = typeset.draw(boxes, page, head["font"])
        image, scale, turn = damage(printed, head["damage"], rng)
        if args.images:
            image.save(os.path.join(args.images, job["name"] + ".png"))
        text = ocr_text(boxes, image, scale, turn, head, head.get("wrapped"))
        for folder, data in (("samples", encode(text, head)), ("truth", ("\n\n".join(truth_of(boxes)) + "\n").encode())):
            path = os.path.join(HERE, "..", folder, job["name"] + ".txt")
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as out:
                out.write(data)
        lost = [box.lost for box in boxes if not isinstance(box, tuple) and box.lost]
        cut = re.sub(r"\s", "", text)
        print(f"{job['name']}: {page[0]}x{page[1]}, {len(cut)} characters, cut off: {''.join(lost) or 'nothing'}", flush=True)


if __name__ == "__main__":
    main()
