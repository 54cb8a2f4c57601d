"""Sets a composed page in columns and draws it.

A `.page` file is a head of `key: value` lines, then directives (`%article`,
`%title`, `%photo`, ... see README.md) and paragraphs, one a line. `load` reads
it, `compose` places every line of type, `draw` prints the page image.
"""
import math
import re
from dataclasses import dataclass, field

from PIL import Image, ImageDraw, ImageFont

DEBIAN = "/usr/share/fonts"
# name -> (regular file, face index, bold file, face index)
FONTS = {
    "noto-serif": (f"{DEBIAN}/opentype/noto/NotoSerifCJK-Regular.ttc", 2, f"{DEBIAN}/opentype/noto/NotoSerifCJK-Bold.ttc", 2),
    "noto-sans": (f"{DEBIAN}/opentype/noto/NotoSansCJK-Regular.ttc", 2, f"{DEBIAN}/opentype/noto/NotoSansCJK-Bold.ttc", 2),
    "wqy-zenhei": (f"{DEBIAN}/truetype/wqy/wqy-zenhei.ttc", 0, f"{DEBIAN}/truetype/wqy/wqy-zenhei.ttc", 0),
    "ar-uming": (f"{DEBIAN}/truetype/arphic/uming.ttc", 0, f"{DEBIAN}/truetype/arphic/uming.ttc", 0),
    "ar-uming-tw": (f"{DEBIAN}/truetype/arphic/uming.ttc", 2, f"{DEBIAN}/truetype/arphic/uming.ttc", 2),
    "ar-ukai": (f"{DEBIAN}/truetype/arphic/ukai.ttc", 0, f"{DEBIAN}/truetype/arphic/ukai.ttc", 0),
    "ar-ukai-tw": (f"{DEBIAN}/truetype/arphic/ukai.ttc", 2, f"{DEBIAN}/truetype/arphic/ukai.ttc", 2),
}
NOT_FIRST = set("，。、；：！？）》”’」』】〉％℃")
NOT_LAST = set("（《“‘「『【〈")
LEADING = 1.45  # line height in ems


@dataclass
class Item:
    kind: str  # para h li v row jump
    text: str
    cells: list = field(default_factory=list)
    copy: bool = False


@dataclass
class Photo:
    col: int  # 1-based
    at: int  # lines above it in its column
    caption: str


@dataclass
class Article:
    cols: int
    kicker: str = ""
    title: str = ""
    by: str = ""
    items: list = field(default_factory=list)
    photos: list = field(default_factory=list)
    repeat_of: str = ""


@dataclass
class Line:
    text: str
    item: int
    first: bool
    start: int  # offset of the line in its item's text
    indent: float  # ems


@dataclass
class Box:
    """One region a layout engine would cut out and read."""
    kind: str  # furn title kicker by body caption
    x: float
    y: float
    w: float
    h: float
    lines: list  # (x, y, size, bold, text)
    n_lines: int
    article: object = None
    pieces: list = field(default_factory=list)
    lost: str = ""  # the character the crop cut off
    cut: bool = False  # its end cuts a name in two
    text: str = ""


def load(path):
    head, parts = {}, []
    lines = open(path, encoding="utf8").read().split("\n")
    at = 0
    while at < len(lines) and lines[at].strip():
        key, value = lines[at].split(":", 1)
        head[key.strip()] = value.strip()
        at += 1
    article, copy = None, False
    for line in lines[at:]:
        if not line.strip():
            continue
        word, _, rest = line.partition(" ")
        if word in ("%furn", "%foot"):
            parts.append(("furn", rest))
            article = None
        elif word == "%repeat":
            parts.append(("repeat", rest))
        elif word == "%article":
            article = Article(cols=int(rest.split("cols=")[1]))
            parts.append(("article", article))
        elif word in ("%title", "%kicker", "%by"):
            setattr(article, word[1:], rest.strip())
        elif word == "%photo":
            found = re.match(r"col=(\d+) at=(\d+) (.*)", rest)
            article.photos.append((len(article.items), Photo(int(found[1]), int(found[2]), found[3])))
        elif word == "%copy":
            copy = True
        elif word == "%endcopy":
            copy = False
        elif word in ("%h", "%li", "%v", "%row", "%jump"):
            if rest.strip():
                cells = rest.split("|") if word == "%row" else []
                article.items.append(Item(word[1:], rest, cells))
        elif word.startswith("%"):
            raise SystemExit(f"{path}: unknown directive {word}")
        else:
            article.items.append(Item("para", line, copy=copy))
    return head, parts


def ems(ch):
    return 0.55 if ord(ch) < 0x2000 and ch not in "·—…°" else 1.0


def width(text):
    return sum(ems(ch) for ch in text)


def break_lines(item_idx, item, cpl):
    """Lines of an item, `cpl` ems wide; closing marks hang, opening ones move on."""
    text = item.text
    if item.kind == "row":
        return [Line(text, item_idx, True, 0, 0)]
    indent = {"para": 2, "h": 2, "li": 2, "v": 3, "jump": 0}[item.kind]
    if item.kind == "jump":
        indent = max(0, cpl - width(text))
    out, start, used = [], 0, indent
    for pos, ch in enumerate(text):
        if used + ems(ch) > cpl + 0.01 and ch not in NOT_FIRST:
            end = pos
            while end > start + 1 and (text[end - 1] in NOT_LAST or (ch.isascii() and ch.isalpha() and text[end - 1].isascii() and text[end - 1].isalpha())):
                end -= 1
            out.append(Line(text[start:end], item_idx, start == 0, start, indent if start == 0 else 0))
            start, used = end, width(text[end:pos])
        used += ems(ch)
    out.append(Line(text[start:], item_idx, start == 0, start, indent if start == 0 else 0))
    return out


def marks_of(items, names):
    """(item, start, end) of every place in the text where one of `names` stands."""
    return [
        (idx, found.start(), found.end())
        for idx, item in enumerate(items)
        for name in names
        for found in re.finditer(re.escape(name), item.text)
    ]


def columns(lines, n_cols, heights, holes):
    """Cuts the lines into columns; `holes[c] = (at, rows)` is a photo's place."""
    out, at = [], 0
    for col in range(n_cols):
        room = heights[col] - sum(rows for _, rows in holes.get(col, []))
        take = lines[at:] if col == n_cols - 1 else lines[at:at + room]
        out.append(take)
        at += len(take)
    return out


def fit(article, base_cpl, marks):
    """Chooses the measure, the column heights and the photos' places so that
    as many marked names as possible are cut by the end of a column or box."""
    reach = range(-5, 6) if marks else range(1)
    best = None
    for cpl in (base_cpl - half / 2 for half in range(8)):
        lines = [line for idx, item in enumerate(article.items) for line in break_lines(idx, item, cpl)]
        for shift in reach if article.photos else range(1):
            holes = {}
            for _, photo in article.photos:
                rows = 6 + math.ceil(width(photo.caption) / cpl)
                holes.setdefault(min(photo.col, article.cols) - 1, []).append((max(1, photo.at + shift), rows))
            total = len(lines) + sum(rows for hole in holes.values() for _, rows in hole)
            even = math.ceil(total / article.cols)
            choices = [[]]
            for _ in range(article.cols - 1):
                choices = [c + [even + d] for c in choices for d in (reach if article.cols > 1 else range(1))]
            for heights in choices:
                heights = heights + [even]
                cut = columns(lines, article.cols, heights, holes)
                if any(not column for column in cut) and len(lines) >= article.cols:
                    continue
                spread = abs(base_cpl - cpl) + abs(shift) + sum(abs(h - even) for h in heights)
                score = names_cut(cut, holes, marks) - 0.01 * spread
                if best is None or score > best[0]:
                    best = (score, cpl, cut, holes)
    return best[1:]


def names_cut(cut, holes, marks):
    """How many of the marked names the ends of columns and boxes cut."""
    score = 0
    ends = [column[-1] for column in cut[:-1] if column]
    for col, hole in holes.items():
        ends += [cut[col][at - 1] for at, _ in hole if 0 < at < len(cut[col])]
    for line in ends:
        pos = line.start + len(line.text)
        score += any(idx == line.item and start < pos < end for idx, start, end in marks)
    return score


def compose(head, parts):
    """Every box of the page, in reading order, and the size of the page."""
    size, cols, cpl = int(head["size"]), int(head["cols"]), int(head["cpl"])
    gutter, margin, lead = 2 * size, 60, LEADING * size
    step = cpl * size + gutter
    full = cols * step - gutter
    boxes, y, col, band = [], margin, 0, margin
    articles, n_cut = [], 0

    def one_line(kind, text, x, top, w, em, bold=False):
        per, rows, row, used = w / em, [], "", 0.0
        for ch in text:
            if used + ems(ch) > per:
                rows.append(row)
                row, used = "", 0.0
            row += ch
            used += ems(ch)
        rows.append(row)
        placed = [(x, top + n * em * 1.25, em, bold, r) for n, r in enumerate(rows)]
        return Box(kind, x, top, w, len(rows) * em * 1.25, placed, len(rows)), top + len(rows) * em * 1.25

    for what, part in parts:
        if what == "repeat":
            source = next(a for a in articles if part in a.title)
            boxes.append(("repeat", source))
            continue
        if what == "furn":
            y = band = max(y, band) + lead * 0.4
            box, y = one_line("furn", part, margin, y, full, size * 0.9)
            box.text = part
            boxes.append(box)
            y += lead * 0.4
            band, col = y, 0
            continue
        article = part
        articles.append(article)
        if col + article.cols > cols:
            y, col = band, 0
        x0, top = margin + col * step, y
        w = article.cols * step - gutter
        for kind, text, em, bold in (("kicker", article.kicker, size * 1.15, False), ("title", article.title, size * 1.75, True), ("by", article.by, size, False)):
            if text:
                box, top = one_line(kind, text, x0, top, w, em, bold)
                box.article, box.text = article, text
                boxes.append(box)
                top += lead * 0.35
        marks = marks_of(article.items, head["places"].split())
        article_cpl, cut, holes = fit(article, cpl, marks)
        photos = {}
        for _, photo in article.photos:
            photos.setdefault(min(photo.col, article.cols) - 1, []).append(photo)
        bottom = top
        for c, lines in enumerate(cut):
            x, yy, done = x0 + c * step, top, 0
            stops = [(at, photo) for (at, _), photo in zip(holes.get(c, []), photos.get(c, []))] + [(len(lines), None)]
            for at, photo in stops:
                piece = lines[done:at]
                if piece:
                    boxes.append(body_box(article, piece, x, yy, article_cpl * size, size, lead, marks, done + len(piece) < len(lines) or c < len(cut) - 1, n_cut % 2 == 0))
                    n_cut += bool(boxes[-1].cut)
                    yy += len(piece) * lead
                done = at
                if photo is not None:
                    yy += 5 * lead
                    box, yy = one_line("caption", photo.caption, x, yy, article_cpl * size, size * 0.92)
                    box.article, box.text = article, photo.caption
                    boxes.append(box)
                    yy += lead * 0.5
            bottom = max(bottom, yy)
        band = max(band, bottom + lead * 0.9)
        col += article.cols
    out = []
    for box in boxes:
        if isinstance(box, tuple):
            # The layout engine hands a region out twice, cut a little larger.
            first = next(b for b in out if not isinstance(b, tuple) and b.kind == "body" and b.article is box[1])
            out.append(("again", first))
        else:
            out.append(box)
    return out, (int(full + 2 * margin), int(max(y, band) + margin))


def body_box(article, lines, x, y, w, size, lead, marks, runs_on, tight):
    """A piece of a column. When its end cuts a marked name and the crop is
    `tight`, the last character is not read."""
    placed, pieces, lost, name_cut = [], [], "", False
    for n, line in enumerate(lines):
        item = article.items[line.item]
        text, x_line = line.text, x + line.indent * size
        if item.kind == "row":
            stop = w / max(len(item.cells), 1)
            for k, cell in enumerate(item.cells):
                placed.append((x + k * stop, y + n * lead, size, False, cell))
        else:
            last = n == len(lines) - 1
            pos = line.start + len(text)
            cut = any(idx == line.item and start < pos < end for idx, start, end in marks)
            name_cut = last and runs_on and cut
            if name_cut and tight:
                lost, text = text[-1], text[:-1]  # the crop ends a character early
            placed.append((x_line, y + n * lead, size, item.kind == "h", text))
        pieces.append(line)
    return Box("body", x, y, w, len(lines) * lead, placed, len(lines), article, pieces, lost, cut=name_cut)


_fonts = {}


def font(name, em, bold):
    key = (name, int(em), bold)
    if key not in _fonts:
        regular, r_idx, heavy, h_idx = FONTS[name]
        _fonts[key] = ImageFont.truetype(heavy if bold else regular, int(em), index=h_idx if bold else r_idx)
    return _fonts[key]


def draw(boxes, page_size, face):
    image = Image.new("L", page_size, 255)
    pen = ImageDraw.Draw(image)
    for box in boxes:
        if isinstance(box, tuple):
            continue
        for x, y, em, bold, text in box.lines:
            at = x
            for ch in text:
                pen.text((at, y), ch, font=font(face, em, bold), fill=0)
                at += ems(ch) * em
    return image
