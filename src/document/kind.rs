use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::compact::Compact;
use super::{Layout, byline, caption, furniture, heading, jump_line, list};

/// What a line of a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Running text.
    Body,
    /// 标题, 引题, 副题, 小标题: stands alone, mostly without a full stop.
    Heading,
    /// 署名: 本报记者 某某, 通讯员/某某, ■记者 某某.
    Byline,
    /// 图说: 图为…, …某某 摄, [图说].
    Caption,
    /// 转版提示: 下转A2版②, （上接第一版）.
    JumpLine,
    /// 报头、日期行、版次、责编、热线.
    Furniture,
    /// An item of a list.
    ListItem,
    /// A row of a table: cells set apart by spaces or rules.
    TableRow,
    /// A line of verse.
    Verse,
}

impl Kind {
    /// All kinds, in order.
    pub const ALL: [Kind; 9] = [
        Kind::Body,
        Kind::Heading,
        Kind::Byline,
        Kind::Caption,
        Kind::JumpLine,
        Kind::Furniture,
        Kind::ListItem,
        Kind::TableRow,
        Kind::Verse,
    ];

    /// The stable name used in rule files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Body => "body",
            Kind::Heading => "heading",
            Kind::Byline => "byline",
            Kind::Caption => "caption",
            Kind::JumpLine => "jump-line",
            Kind::Furniture => "furniture",
            Kind::ListItem => "list-item",
            Kind::TableRow => "table-row",
            Kind::Verse => "verse",
        }
    }
}

/// Sets the kind of every line of `layout`: first what a line says itself,
/// then what its neighbors say of it.
pub(super) fn classify(layout: &mut Layout, text: &str) {
    let mut reader = Reader::default();
    let mut signs = Vec::with_capacity(layout.lines.len());
    for idx in 0..layout.lines.len() {
        let (kind, sign) = reader.own_kind(layout, text, idx);
        layout.lines[idx].kind = kind;
        signs.push(sign);
    }
    mark_caption_blocks(layout, text);
    mark_runs(layout, &signs);
    mark_damaged_bylines(layout, text, &mut reader);
    heading::mark_headings(layout, text);
    mark_pen_names(layout, text, &mut reader);
}

/// Longest line read whole.
const MAX_READ_CHARS: usize = furniture::MAX_CHARS;

/// What only several lines in a row can make of a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    None,
    Numbers,
    Meter(usize),
    Item,
}

#[derive(Default)]
struct Reader {
    line: Compact,
    tail: Compact,
}

impl Reader {
    /// What the line says by itself. Long lines are looked at at both ends
    /// only.
    fn own_kind(&mut self, layout: &Layout, text: &str, idx: usize) -> (Kind, Sign) {
        let line = &layout.lines[idx];
        let line_text = line.span.of(text);
        // Some engines set a space between every two characters.
        if line.n_chars > 2 * caption::MAX_CHARS {
            return (Kind::Body, Sign::None);
        }
        let isolated = is_isolated(layout, idx);
        let may_be_short = line.n_chars <= 2 * MAX_READ_CHARS;
        let whole = self.line.read(line_text, if may_be_short { MAX_READ_CHARS } else { caption::EDGE_CHARS }) && may_be_short;
        if whole {
            // A note such as （未完） runs on from a full line.
            let runs_on = idx.checked_sub(1).is_some_and(|previous| !layout.breaks[previous].blank && layout.fills_column(previous));
            if let Some(kind) =
                short_kind(&self.line.chars, isolated).filter(|&kind| !(runs_on && kind == Kind::Furniture && line.n_chars <= 8))
            {
                return (kind, Sign::None);
            }
        }
        if self.is_caption(line_text, isolated) {
            return (Kind::Caption, Sign::None);
        }
        let chars = &self.line.chars;
        let spaced = !whole || chars.len() < line.n_chars;
        if (spaced || chars.contains(&'|') || chars.contains(&'│')) && list::is_table_row(line_text) {
            return (Kind::TableRow, Sign::None);
        }
        let sign = if whole && spaced && list::is_number_row(line_text) {
            Sign::Numbers
        } else if let Some(meter) = list::meter(chars).filter(|_| whole) {
            Sign::Meter(meter)
        } else if list::list_marker(chars).is_some_and(|marker| marker < chars.len()) {
            Sign::Item
        } else {
            Sign::None
        };
        (Kind::Body, sign)
    }

    fn is_caption(&mut self, line_text: &str, isolated: bool) -> bool {
        let chars = &self.line.chars;
        if caption::starts_caption(&chars[..chars.len().min(caption::EDGE_CHARS)]) {
            return true;
        }
        if !caption::may_end_in_credit(line_text) && !isolated {
            return false;
        }
        self.tail.read_tail(line_text, caption::EDGE_CHARS);
        caption::ends_in_credit(&self.tail.chars) || isolated && caption::ends_in_reporter(&self.tail.chars)
    }
}

/// The kind of a line short enough to be read whole.
fn short_kind(chars: &[char], isolated: bool) -> Option<Kind> {
    if jump_line::of_compact(chars).is_some() {
        Some(Kind::JumpLine)
    } else if furniture::furniture(chars, isolated).is_some() {
        Some(Kind::Furniture)
    } else if byline::is_byline(chars) {
        Some(Kind::Byline)
    } else {
        None
    }
}

fn is_isolated(layout: &Layout, idx: usize) -> bool {
    let before = idx.checked_sub(1).is_none_or(|previous| layout.breaks[previous].blank);
    before && layout.breaks.get(idx).is_none_or(|after| after.blank)
}

/// A caption of several printed lines: all lines of a small block of printed
/// lines that begins like one or ends in a credit.
fn mark_caption_blocks(layout: &mut Layout, text: &str) {
    const MAX_LINES: usize = 7;
    for (block, column) in layout.blocks.iter().zip(&layout.columns.block_cells) {
        if column.is_none() || block.len() < 2 || block.len() > MAX_LINES {
            continue;
        }
        let first = layout.lines[block.start].kind;
        let last = layout.lines[block.end - 1].kind;
        // A credit that was itself cut by the line end: 记者何 / 俊摄.
        let cut_credit = || {
            let from = layout.lines[block.end - 2].span.start;
            let mut tail = Compact::default();
            tail.read_tail(&text[from..layout.lines[block.end - 1].span.end], caption::EDGE_CHARS);
            caption::ends_in_credit(&tail.chars)
        };
        let plain = |kind: Kind| matches!(kind, Kind::Body | Kind::Caption | Kind::Byline);
        if plain(first) && plain(last) && (first == Kind::Caption || last == Kind::Caption || cut_credit()) {
            for line in &mut layout.lines[block.clone()] {
                line.kind = Kind::Caption;
            }
        }
    }
}

/// List items, number rows and verse: kinds that only a run of lines shows.
fn mark_runs(layout: &mut Layout, signs: &[Sign]) {
    let mut from = 0;
    for run in signs.chunk_by(|a, b| a == b) {
        let lines = from..from + run.len();
        from = lines.end;
        let (kind, enough) = match run[0] {
            Sign::None => continue,
            Sign::Numbers => (Kind::TableRow, 2),
            Sign::Meter(_) => (Kind::Verse, 3),
            Sign::Item => (Kind::ListItem, 2),
        };
        let body = layout.lines[lines.clone()].iter().all(|line| line.kind == Kind::Body);
        if run.len() >= enough && body && (kind != Kind::Verse || is_set_apart(layout, lines.clone())) {
            layout.lines[lines].iter_mut().for_each(|line| line.kind = kind);
        }
    }
}

/// Verse that is set as verse: its lines leave their column unfilled, or are
/// a block by themselves. Verse quoted in running text fills the column like
/// the rest.
fn is_set_apart(layout: &Layout, lines: Range<usize>) -> bool {
    const MAX_POEM_LINES: usize = 16;
    let block = &layout.blocks[layout.lines[lines.start].block];
    lines.len() <= MAX_POEM_LINES && *block == lines || lines.into_iter().all(|idx| !layout.fills_column(idx))
}

/// A line that is half a byline is one between a line that can be a heading
/// and running text, with empty lines on both sides.
fn mark_damaged_bylines(layout: &mut Layout, text: &str, reader: &mut Reader) {
    for idx in 1..layout.lines.len().saturating_sub(1) {
        let line = &layout.lines[idx];
        if line.kind != Kind::Body || line.n_chars > 60 || !is_isolated(layout, idx) || !reader.line.read(line.span.of(text), 30) {
            continue;
        }
        let before = layout.line_text(text, idx - 1);
        let headed =
            layout.lines[idx - 1].kind == Kind::Body && layout.lines[idx - 1].n_chars <= 60 && !before.ends_with(['。', '，', '、', '；']);
        let after = layout.lines[idx + 1].kind == Kind::Body;
        if headed && after && byline::is_damaged_byline(&reader.line.chars) {
            layout.lines[idx].kind = Kind::Byline;
        }
    }
}

/// A pen name in brackets is a byline right under a heading, and nowhere else.
fn mark_pen_names(layout: &mut Layout, text: &str, reader: &mut Reader) {
    for idx in 1..layout.lines.len() {
        let line = &layout.lines[idx];
        if matches!(line.kind, Kind::Body | Kind::Heading)
            && line.n_chars <= 12
            && layout.lines[idx - 1].kind == Kind::Heading
            && reader.line.read(line.span.of(text), 12)
            && byline::is_pen_name(&reader.line.chars)
        {
            layout.lines[idx].kind = Kind::Byline;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        Layout::new(text).lines.iter().map(|line| line.kind).collect()
    }

    #[test]
    fn a_page_of_paragraphs() {
        let text = "江城日报\n\n2024年9月2日 星期一\n\n城东新桥正式通车\n\n本报记者 何俊\n\n昨天上午，城东新桥正式通车，附近的居民纷纷前来观看，场面十分热闹。\n\n图为新桥。记者 赵敏 摄\n\n>>>下转A2版②\n\n责编：孙珊 美编：周明";
        assert_eq!(
            kinds(text),
            [Kind::Furniture, Kind::Furniture, Kind::Heading, Kind::Byline, Kind::Body, Kind::Caption, Kind::JumpLine, Kind::Furniture]
        );
    }

    #[test]
    fn a_caption_of_printed_lines() {
        let text = "昨天上午，城东新桥正\n式通车，附近的居民纷\n纷前来观看，场面十分\n热闹。\n\n新桥两岸绿树成荫，成\n了居民的好去处。记者\n赵敏摄\n\n桥面宽二十米，可以并";
        assert_eq!(kinds(text), [Kind::Body, Kind::Body, Kind::Body, Kind::Body, Kind::Caption, Kind::Caption, Kind::Caption, Kind::Body]);
    }

    #[test]
    fn verse_lists_and_tables_need_company() {
        assert_eq!(kinds("江上数峰青，\n云中一雁鸣。\n风来花自落，\n月出鸟初惊。"), [Kind::Verse; 4]);
        assert_eq!(kinds("1.选好种子\n2.整好土地\n3.管好水肥"), [Kind::ListItem; 3]);
        assert_eq!(kinds("甲镇 120 35.6\n乙镇 98 30.2"), [Kind::TableRow; 2]);
        let lone = kinds(
            "他今天来了一趟又走了，没有留下话，大家都觉得奇怪。\n\n风来花自落，\n\n大家等了一天也没有等到他，天黑以后才各自回家去了。",
        );
        assert!(!lone.contains(&Kind::Verse));
    }

    #[test]
    fn short_body_lines_of_a_column_stay_body() {
        let text = "昨天上午城东新桥正式\n通车附近的居民纷纷前\n来观看\n通车以后两岸往来只要\n五分钟比原来近了许多\n大家都说好";
        assert_eq!(kinds(text), [Kind::Body; 6]);
    }
}
