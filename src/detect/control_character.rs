use super::scan::{self, LeadBytes};
use super::{Context, Detector, DetectorMeta};
use crate::finding::{Class, ConfidenceOrigin, Edit, Finding, Fix, Message, Phase, Safety};
use crate::text::Span;

/// Finds control characters and marks of writing direction.
#[derive(Clone, Copy, Debug)]
pub struct ControlCharacter;

static META: DetectorMeta = DetectorMeta {
    id: "encoding/control-character",
    class: Class::Encoding,
    phase: Phase::Encoding,
    summary: ["控制字符或方向标记混入正文", "a control character or direction mark in the text"],
    why: [
        "控制字符没有印在纸上，却会打断检索、排版和比对；OCR 与 PDF 取字常留下换页符和方向标记",
        "control characters were never printed and break searching, typesetting and comparison; OCR and PDF extraction leave form feeds and direction marks behind",
    ],
    silent: [
        "换行、回车、制表符；单独成行或在文件末尾的换页符（分页）；含阿拉伯文、希伯来文等从右向左文字的一行里的方向标记",
        "Newline, carriage return, tab; a form feed on a line of its own or at the end of the file (a page break); direction marks in a line with Arabic, Hebrew or another right-to-left script",
    ],
    trust: [
        "删除是自动的：印出来的字一个不少。疑似某个编码的残余（C1 控制字符）只标出",
        "Removal is automatic: no printed character goes. C1 controls, which are mostly what is left of another encoding, are only flagged",
    ],
    sources: &[
        "Unicode Standard, chapter 23.1 Control Codes and 23.3 Deprecated Format Characters",
        "UAX #9, explicit directional formatting",
    ],
    bad: &[
        ("全市\u{8}工作会议", "全市工作会议"),
        ("全市\u{c}工作会议", "全市工作会议"),
        ("\u{200e}全市工作会议\u{202c}", "全市工作会议"),
        ("全市\u{85}工作会议", "全市\u{85}工作会议"),
    ],
    good: &["第一页\n\u{c}\n第二页", "甲\t乙\r\n丙", "第一页\n\u{c}第二页", "末页\n\u{c}", "\u{200f}שלום\u{200f} 一词"],
};

/// First bytes of C0 controls, DEL, C1 controls, U+2000..U+206F and U+061C.
static LEADS: LeadBytes = LeadBytes::of(&[(0, 8), (0x0b, 0x0c), (0x0e, 0x1f), (0x7f, 0x7f), (0xc2, 0xc2), (0xd8, 0xd8), (0xe2, 0xe2)]);

/// Characters of a line that are searched for a right-to-left script before a
/// direction mark counts as stray.
const DIRECTION_WINDOW_CHARS: usize = 200;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Control {
    Removable,
    Direction,
    FormFeed,
    C1,
}

impl Detector for ControlCharacter {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let text = context.text;
        let mut done = 0;
        for (at, c) in LEADS.chars(text) {
            if at < done {
                continue;
            }
            let Some(kind) = kind_of(c) else { continue };
            let run: usize = text[at..].chars().take_while(|&next| kind_of(next) == Some(kind)).map(char::len_utf8).sum();
            done = at + run;
            let span = Span::new(at, done);
            let stays = match kind {
                Control::FormFeed => is_page_break(text, span),
                Control::Direction => near_right_to_left(text, span),
                Control::Removable | Control::C1 => false,
            };
            if !stays {
                sink.push(finding(text, span, c, kind));
            }
        }
    }
}

fn kind_of(c: char) -> Option<Control> {
    match c {
        '\u{c}' => Some(Control::FormFeed),
        '\0'..='\u{8}' | '\u{b}' | '\u{e}'..='\u{1f}' | '\u{7f}' | '\u{206a}'..='\u{206f}' => Some(Control::Removable),
        '\u{80}'..='\u{9f}' => Some(Control::C1),
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}' => Some(Control::Direction),
        _ => None,
    }
}

/// A form feed separates pages at the start or end of a line or of the file;
/// elsewhere nothing of a page ends there.
fn is_page_break(text: &str, span: Span) -> bool {
    let is_edge = |c: Option<char>| matches!(c, None | Some('\n' | '\r'));
    is_edge(scan::before(text, span.start)) || is_edge(scan::after(text, span.end))
}

fn near_right_to_left(text: &str, span: Span) -> bool {
    scan::window(text, span, DIRECTION_WINDOW_CHARS)
        .of(text)
        .chars()
        .any(|c| matches!(c, '\u{590}'..='\u{61b}' | '\u{61d}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}'))
}

fn finding(text: &str, span: Span, c: char, kind: Control) -> Finding {
    let code = scan::code_point(c);
    if kind == Control::C1 {
        let message = Message::new(
            format!("C1 控制字符 {code}：多是另一种编码的残余，须查原文件的编码"),
            format!("a C1 control {code}, mostly what is left of another encoding; look into the encoding of the file"),
        );
        return Finding::new(META.id, META.class, META.phase, text, span, message).with_trust(
            Safety::Flagged,
            0.9,
            ConfidenceOrigin::Author,
        );
    }
    let what = if kind == Control::Direction { ["方向标记", "direction mark"] } else { ["控制字符", "control character"] };
    let message = Message::new(
        format!("混入{} {code}，没有印在纸上；删去", what[0]),
        format!("a stray {} {code}, never printed; remove it", what[1]),
    );
    Finding::new(META.id, META.class, META.phase, text, span, message)
        .with_fix(Fix::one(Message::new("删去", "Remove"), Edit::deletion(span)))
        .with_trust(Safety::Automatic, 0.99, ConfidenceOrigin::Author)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{automatic, keeps_its_examples, only_flags};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(ControlCharacter);
    }

    #[test]
    fn removal_is_automatic_and_takes_a_run_at_once() {
        automatic(ControlCharacter, "甲\u{1}\u{2}乙\u{7f}丙", "甲乙丙");
        automatic(ControlCharacter, "甲\u{c}\n乙", "甲\u{c}\n乙");
    }

    #[test]
    fn c1_controls_are_never_removed() {
        only_flags(ControlCharacter, "甲\u{93}乙\u{94}");
    }
}
