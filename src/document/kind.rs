use serde::{Deserialize, Serialize};

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

/// Sets the kind of every line of `layout`.
pub(super) fn classify(layout: &mut super::Layout, text: &str) {
    for line in &mut layout.lines {
        line.kind = kind_of(line.span.of(text));
    }
}

fn kind_of(_line: &str) -> Kind {
    Kind::Body
}
