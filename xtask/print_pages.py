#!/usr/bin/env python3
"""Prints texts as newspaper columns, spoils the print, and reads it with OCR engines.

usage: print_pages.py --text FILE... --font FILE[#INDEX]... --pages N [--first N] [--seed N] -o DIR

FILE holds texts that no model was made from, a paragraph a line. Every page is one typeface,
one engine (Tesseract with chi_sim, or PP-OCRv4 through rapidocr-onnxruntime, taking turns) and
one of three degrees of damage: blur, noise, thin or fat ink, paper showing through, skew.
DIR/input/pageNNNN.txt is what the engine read, a block for each paragraph of a column,
DIR/hocr/pageNNNN.hocr the same with the boxes of lines and the engine's confidence in every
character, DIR/truth/pageNNNN.txt what was printed, DIR/pages.tsv the settings. The same arguments give
the same print. Needs: pip install pillow numpy rapidocr-onnxruntime; tesseract with chi_sim.
"""
import argparse
import html
import io
import os
import random
import re
import subprocess
import tempfile

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

# What may not begin a line, and what may not end one.
NO_START = set("，。、；：？！”’）》〉」』…％%")
NO_END = set("“‘（《〈「『")
DAMAGE = {"light": 0.65, "medium": 0.88, "heavy": 1.1}


def paragraphs(paths, rng):
    """paragraphs of 20 to 400 characters, in runs of neighbours as an article has them"""
    runs = []
    for path in paths:
        lines = [line.strip() for line in open(path, encoding="utf8")]
        for start in range(0, len(lines), 6):
            run = [line for line in lines[start:start + 6] if 20 <= len(line) <= 400]
            if sum(map(len, run)) >= 200:
                runs.append(run)
    rng.shuffle(runs)
    return runs


def set_lines(paragraph, width):
    """the printed lines of a paragraph, two squares of indent, marks hanging where print lets them"""
    lines, line = [], ""
    room = width - 2
    for c in paragraph:
        if len(line) >= room and c not in NO_START:
            carried = ""
            while line and line[-1] in NO_END:
                carried, line = line[-1] + carried, line[:-1]
            lines.append(line)
            line, room = carried, width
        line += c
    return lines + [line] if line else lines


def print_column(blocks, font, size, leading, width):
    """an image of one column; for each printed line its block and the middle of its height"""
    n_lines = sum(len(lines) for _, lines in blocks) + len(blocks)
    image = Image.new("L", (int(size * (width + 3)), int(leading * (n_lines + 1))), 255)
    draw = ImageDraw.Draw(image)
    y, places = leading // 2, []
    for block, (indent, lines) in enumerate(blocks):
        for nth, line in enumerate(lines):
            x = size * (1 + (indent if nth == 0 else 0))
            for c in line:
                draw.text((x, y), c, font=font, fill=0)
                x += size
            places.append((block, y + size / 2))
            y += leading
        y += leading // 3
    return image.crop((0, 0, image.width, int(y + leading))), places


def spoil(image, amount, rng):
    noise = np.random.default_rng(rng.randrange(1 << 30))
    if rng.random() < 0.5:
        image = image.rotate(rng.uniform(-0.35, 0.35) * amount, fillcolor=255, resample=Image.BICUBIC)
    ink = rng.random()
    if ink < 0.3:
        image = image.filter(ImageFilter.MinFilter(3))
    elif ink < 0.4 and amount < 0.6:
        image = image.filter(ImageFilter.MaxFilter(3))
    image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 1.1) * amount))
    pixels = np.asarray(image, dtype=np.float32)
    paper = rng.uniform(215, 245) - 25 * amount
    grain = noise.normal(0, 14 * amount, pixels.shape).astype(np.float32)
    patches = np.asarray(Image.fromarray(noise.integers(0, 255, (pixels.shape[0] // 60 + 2, pixels.shape[1] // 60 + 2), dtype=np.uint8))
                         .resize((pixels.shape[1], pixels.shape[0]), Image.BICUBIC), dtype=np.float32)
    pixels = 40 + pixels / 255 * (paper - 40) + grain + (patches - 127) * 0.18 * amount
    specks = noise.random(pixels.shape)
    pixels[specks < 0.0006 * amount] = 30
    pixels[specks > 1 - 0.0012 * amount] = 235
    out = io.BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=int(80 - 22 * amount))
    return Image.open(out).convert("L")


def read_tesseract(image):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.png")
        image.save(path)
        env = dict(os.environ, OMP_THREAD_LIMIT="1")
        command = ["tesseract", path, "-", "-l", "chi_sim", "--psm", "6", "-c", "hocr_char_boxes=1", "hocr"]
        out = subprocess.run(command, capture_output=True, text=True, env=env).stdout
    lines = []
    for part in re.split(r"<span class='ocr_(?:line|header|caption|textfloat)'", out)[1:]:
        box = tuple(map(int, re.search(r"bbox (\d+) (\d+) (\d+) (\d+)", part).groups()))
        found = re.findall(r"<span class='ocrx_cinfo' title='[^']*x_conf ([\d.]+)'>([^<]*)</span>", part)
        chars = [(c, float(sure) / 100) for sure, text in found for c in html.unescape(text) if not c.isspace()]
        if chars:
            lines.append((chars, box))
    return lines


class RapidOcr:
    def __init__(self):
        from rapidocr_onnxruntime import RapidOCR
        self.engine = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)
        # The engine tells the mean of a line only: its decoder is asked for every character.
        decoder = self.engine.text_rec.postprocess_op
        decode = decoder.decode

        def with_confidence(index, prob=None, return_word_box=False, is_remove_duplicate=False):
            read = []
            for nth in range(len(index)):
                [(text, mean)] = decode(index[nth:nth + 1], prob[nth:nth + 1], False, is_remove_duplicate)
                keep = np.ones(len(index[nth]), dtype=bool)
                keep[1:] = index[nth][1:] != index[nth][:-1]
                keep &= index[nth] != 0
                chars = [(c, float(p)) for i, p in zip(index[nth][keep], prob[nth][keep]) for c in decoder.character[i]]
                assert "".join(c for c, _ in chars) == text
                read.append((Sure(text, chars), mean))
            return read
        decoder.decode = with_confidence

    def __call__(self, image):
        found, _ = self.engine(np.asarray(image.convert("RGB")))
        lines = []
        for box, text, _ in found or []:
            xs, ys = [int(point[0]) for point in box], [int(point[1]) for point in box]
            chars = [(c, p) for c, p in text.chars if not c.isspace()]
            if chars:
                lines.append((chars, (min(xs), min(ys), max(xs), max(ys))))
        return sorted(lines, key=lambda line: (line[1][1] + line[1][3], line[1][0]))


class Sure(str):
    """a text with the engine's confidence in each of its characters"""

    def __new__(cls, text, chars):
        made = super().__new__(cls, text)
        made.chars = chars
        return made


def as_blocks(lines, places):
    """what was read, the lines of each block together: a line belongs to the printed one nearest to it"""
    blocks = {}
    for chars, box in lines:
        middle = (box[1] + box[3]) / 2
        block, _ = min(places, key=lambda place: abs(place[1] - middle))
        blocks.setdefault(block, []).append((middle, box, chars))
    return [[(chars, box) for _, box, chars in sorted(blocks[block], key=lambda line: line[0])] for block in sorted(blocks)]


def as_hocr(blocks):
    """the blocks of a page, each a list of lines with their characters and boxes"""
    out = ['<?xml version="1.0" encoding="UTF-8"?>', '<html xmlns="http://www.w3.org/1999/xhtml"><head><title></title></head><body>']
    bounds = lambda boxes: "bbox %d %d %d %d" % tuple(f(box[i] for box in boxes) for i, f in enumerate((min, min, max, max)))
    out.append('<div class="ocr_page" title="%s">' % bounds([box for block in blocks for _, box in block] or [(0, 0, 1, 1)]))
    for block in blocks:
        out.append('<div class="ocr_carea" title="%s">' % bounds([box for _, box in block]))
        for chars, box in block:
            cells = "".join('<span class="ocrx_cinfo" title="x_conf %.1f">%s</span>' % (100 * sure, html.escape(c)) for c, sure in chars)
            out.append('<span class="ocr_line" title="%s">%s</span>' % (bounds([box]), cells))
        out.append("</div>")
    return "\n".join(out + ["</div></body></html>", ""])


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--text", nargs="+", required=True)
    a.add_argument("--font", nargs="+", required=True)
    a.add_argument("--pages", type=int, required=True)
    a.add_argument("--first", type=int, default=1000)
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("-o", "--output", required=True)
    a = a.parse_args()
    for folder in ("input", "hocr", "truth"):
        os.makedirs(os.path.join(a.output, folder), exist_ok=True)
    rng = random.Random(a.seed)
    runs = paragraphs(a.text, rng)
    rapid = RapidOcr()
    table = open(os.path.join(a.output, "pages.tsv"), "a", encoding="utf8")
    for nth in range(a.pages):
        name = f"page{a.first + nth}"
        path, _, index = a.font[nth % len(a.font)].partition("#")
        size, width = rng.choice([26, 28, 30, 34, 38]), rng.randint(12, 24)
        damage = list(DAMAGE)[(nth // 2) % 3]
        font = ImageFont.truetype(path, size, index=int(index or 0))
        engine, read = (("tesseract", read_tesseract), ("ppocr", rapid))[nth % 2]
        wanted, text = rng.randint(1500, 2600), []
        while runs and sum(map(len, text)) < wanted:
            text += runs.pop()
        # Columns of equal length: paragraphs go on over their ends.
        blocks = []
        for paragraph in text:
            blocks.append((2, set_lines(paragraph, width)))
        height, columns, column, used = rng.randint(28, 46), [], [], 0
        for indent, lines in blocks:
            while lines:
                part, lines = lines[:height - used], lines[height - used:]
                column.append((indent, part))
                used, indent = used + len(part), 0
                if used >= height:
                    columns.append(column)
                    column, used = [], 0
        if column:
            columns.append(column)
        out, x = [], 0
        for column in columns:
            image, places = print_column(column, font, size, int(size * rng.uniform(1.25, 1.5)), width)
            found = as_blocks(read(spoil(image, DAMAGE[damage], rng)), places)
            # Columns stand side by side.
            out += [[(chars, (box[0] + x, box[1], box[2] + x, box[3])) for chars, box in block] for block in found]
            x += image.width
        texts = ["".join(c for chars, _ in block for c, _ in chars) for block in out]
        open(os.path.join(a.output, "hocr", name + ".hocr"), "w", encoding="utf8").write(as_hocr(out))
        open(os.path.join(a.output, "input", name + ".txt"), "w", encoding="utf8").write("\n\n".join(texts) + "\n")
        open(os.path.join(a.output, "truth", name + ".txt"), "w", encoding="utf8").write("\n\n".join(text) + "\n")
        print(name, engine, os.path.basename(path), damage, size, width, sep="\t", file=table, flush=True)


main()
