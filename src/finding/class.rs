use serde::{Deserialize, Serialize};

/// The kinds of damage, in the order of the guide in `docs/damage.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// A paragraph cut at a column or box end.
    BrokenJoin,
    /// A character lost where a column was cut.
    LostAtJoin,
    /// One newline per printed line.
    HardWrap,
    /// A caption, pull-quote or jump line inside a paragraph.
    Interloper,
    /// 下转 / 上接 lines.
    JumpLine,
    /// A passage that stands twice.
    DuplicateBlock,
    /// Mast-head, page number, editor line and the like.
    Furniture,
    /// Split or fused headings, bylines, datelines.
    Heading,
    /// Columns swapped or interleaved.
    ReadingOrder,
    /// 形近字: a character read as one that looks like it.
    LookAlike,
    /// The same confusion throughout a document.
    SystematicConfusion,
    /// One name spelled in two ways.
    InconsistentName,
    /// Lost, doubled or spurious characters.
    LostDoubledSpurious,
    /// Lost, wrong, half-width or unbalanced punctuation.
    Punctuation,
    /// Digits, Latin letters, impossible numbers and dates.
    Digits,
    /// Mojibake, replacement characters, private use, invisible characters.
    Encoding,
    /// Traditional in simplified text or the reverse.
    MixedScript,
    /// Loops and other inventions of a reading model.
    Hallucination,
}

impl Class {
    /// All classes, in order.
    pub const ALL: [Class; 18] = [
        Class::BrokenJoin,
        Class::LostAtJoin,
        Class::HardWrap,
        Class::Interloper,
        Class::JumpLine,
        Class::DuplicateBlock,
        Class::Furniture,
        Class::Heading,
        Class::ReadingOrder,
        Class::LookAlike,
        Class::SystematicConfusion,
        Class::InconsistentName,
        Class::LostDoubledSpurious,
        Class::Punctuation,
        Class::Digits,
        Class::Encoding,
        Class::MixedScript,
        Class::Hallucination,
    ];

    /// The stable name used in reports and rule files.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// The field's Chinese term.
    #[must_use]
    pub fn zh(self) -> &'static str {
        self.row().1
    }

    /// The English term for readers.
    #[must_use]
    pub fn en(self) -> &'static str {
        self.row().2
    }

    fn row(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Class::BrokenJoin => ("broken-join", "断栏断段", "broken column join"),
            Class::LostAtJoin => ("lost-at-join", "接缝丢字", "character lost at a join"),
            Class::HardWrap => ("hard-wrap", "硬换行", "hard-wrapped line"),
            Class::Interloper => ("interloper", "段中插入", "interloper in a paragraph"),
            Class::JumpLine => ("jump-line", "转版提示", "jump line"),
            Class::DuplicateBlock => ("duplicate-block", "重复段落", "duplicated block"),
            Class::Furniture => ("furniture", "版面附件", "page furniture"),
            Class::Heading => ("heading", "标题与署名", "heading, byline or dateline"),
            Class::ReadingOrder => ("reading-order", "阅读顺序", "reading order"),
            Class::LookAlike => ("look-alike", "形近字", "look-alike character"),
            Class::SystematicConfusion => ("systematic-confusion", "系统性误认", "systematic confusion"),
            Class::InconsistentName => ("inconsistent-name", "名称不一致", "inconsistent name"),
            Class::LostDoubledSpurious => ("lost-doubled-spurious", "漏字、衍字、重字", "lost, doubled or spurious character"),
            Class::Punctuation => ("punctuation", "标点", "punctuation"),
            Class::Digits => ("digits", "数字与字母", "digits and Latin letters"),
            Class::Encoding => ("encoding", "编码", "encoding"),
            Class::MixedScript => ("mixed-script", "繁简混用", "mixed script"),
            Class::Hallucination => ("hallucination", "模型臆造", "invented text"),
        }
    }
}

impl std::str::FromStr for Class {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Class::ALL.into_iter().find(|class| class.name() == name).ok_or(())
    }
}
