use super::{Context, Detector, DetectorMeta, FurnitureHandling, page_lines};
use crate::document::{Direction, JumpLine, JumpPhrase, Kind, PageLabel, find_jump_phrases, jump_line};
use crate::finding::{Class, ConfidenceOrigin, Edit, Evidence, Finding, Fix, Message, Phase, Safety};
use crate::text::Span;

/// Recognizes jump lines and sets those that are glued to a paragraph apart.
#[derive(Clone, Copy, Debug)]
pub struct JumpLines;

static META: DetectorMeta = DetectorMeta {
    id: "structure/jump-line",
    class: Class::JumpLine,
    phase: Phase::Structure,
    summary: ["转版提示（下转、上接）粘在段落里", "a jump line (continued on, continued from) is stuck to a paragraph"],
    why: [
        "「下转A2版」之类是版面指示，不是正文；粘在段首、段末或段中，会混进文章，也妨碍跨版拼接",
        "Lines such as 下转A2版 direct the reader and belong to the page, not to the text; stuck to a paragraph they get into the article and hide where it goes on",
    ],
    silent: [
        "谈到转版的句子、引号里的转版提示；独立成行的转版提示只作信息列出",
        "Sentences about jump lines, jump lines in quotation marks; a jump line on a line of its own is listed as information only",
    ],
    trust: [
        "带括号或箭头、方向合乎位置（段末下转、段首上接）的，自动分行；其他建议；印刷行中间的只标出。drop、metadata 时独立成行且完整的自动移出",
        "With brackets or arrows and pointing the way its place asks for (onward at the end, back at the start): set apart automatically; others suggested; inside a printed line flagged. With drop or metadata, whole undamaged lines are removed automatically",
    ],
    sources: &["docs/damage.md: jump line", "negative examples in src/document/jump_line.rs"],
    bad: &[
        ("全市上下齐心协力推动工程早日建成（下转A2版②）", "全市上下齐心协力推动工程早日建成\n（下转A2版②）"),
        ("（上接第1版）市长在会上说，要抓好落实。\n\n散会以后", "（上接第1版）\n\n市长在会上说，要抓好落实。\n\n散会以后"),
        ("全市上下齐心协力（下转A2版）把路修通。", "全市上下齐心协力把路修通。\n（下转A2版）"),
        ("推动项目落地见效下转第三版", "推动项目落地见效\n下转第三版"),
    ],
    good: &[
        "（下转第三版）",
        "报纸上印着“（下转第三版）”几个字。",
        "编辑只好把文章下转第三版，读者很不方便。",
        "会议于下午五时结束。\n\n>>>下转A2版②",
    ],
};

/// The word of the author, not a calibration: none of the 40 jump lines found
/// on the 60 measuring pages was anything else, and nearly 500,000 paragraphs
/// of clean news text held none.
const SURE: f64 = 0.99;
/// Without brackets or arrows, or pointing against its place.
const LIKELY: f64 = 0.85;

impl Detector for JumpLines {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let layout = context.layout;
        for (line_idx, line) in layout.lines.iter().enumerate().filter(|(_, line)| line.kind == Kind::JumpLine) {
            if let Some(jump) = jump_line(line.span.of(context.text)) {
                sink.push(on_its_own(context, line_idx, line.span, jump));
            }
        }
        for phrase in find_jump_phrases(context.text) {
            let line_idx = layout.line_at(phrase.span.start);
            let known = line_idx.is_none_or(|line_idx| layout.lines[line_idx].kind == Kind::JumpLine);
            if let Some(line_idx) = line_idx.filter(|_| !known && !phrase.whole_line) {
                sink.push(stuck(context, line_idx, &phrase));
            }
        }
    }
}

/// A line that is a jump line: information, or a line to take out when the
/// configuration says so.
fn on_its_own(context: &Context<'_>, line_idx: usize, span: Span, jump: JumpLine) -> Finding {
    let said = described(jump);
    let keep = context.settings.jump_lines == FurnitureHandling::Keep;
    let message = if keep {
        Message::new(
            format!("转版提示：{}；独立成行，不并入段落", said.zh),
            format!("jump line: {}; it stands on a line of its own", said.en),
        )
    } else {
        Message::new(
            format!("转版提示：{}；按配置移出正文", said.zh),
            format!("jump line: {}; the configuration takes it out of the text", said.en),
        )
    };
    let finding = with_fields(Finding::new(META.id, META.class, META.phase, context.text, span, message), context, jump);
    if keep {
        return finding.with_trust(Safety::Flagged, SURE, ConfidenceOrigin::Author).as_information();
    }
    let whole = find_jump_phrases(span.of(context.text)).first().is_some_and(|phrase| phrase.span.len() == span.len());
    let safety = if whole { Safety::Automatic } else { Safety::Suggested };
    let title = Message::new("移出转版提示", "Take the jump line out");
    finding.with_fix(Fix::one(title, page_lines::removal(context.layout, line_idx))).with_trust(
        safety,
        if whole { SURE } else { LIKELY },
        ConfidenceOrigin::Author,
    )
}

/// A jump phrase with other text on its line.
fn stuck(context: &Context<'_>, line_idx: usize, phrase: &JumpPhrase) -> Finding {
    let line = context.layout.lines[line_idx].span;
    let said = described(phrase.jump);
    let message = Message::new(
        format!("转版提示「{}」粘在段落里；让它独立成行", said.zh),
        format!("the jump line “{}” is stuck to a paragraph; set it on a line of its own", said.en),
    );
    let finding = with_fields(Finding::new(META.id, META.class, META.phase, context.text, phrase.span, message), context, phrase.jump);
    let (at_start, at_end) = (phrase.span.start == line.start, phrase.span.end == line.end);
    let Some(edits) = apart(context, line, phrase.span, at_start, at_end) else {
        return finding.with_trust(Safety::Flagged, LIKELY, ConfidenceOrigin::Author);
    };
    let fits = match phrase.jump.direction {
        Direction::To | Direction::See => at_end,
        Direction::From => at_start,
    };
    let sure = phrase.decorated && fits;
    let title = Message::new("转版提示独立成行", "Set the jump line apart");
    finding.with_fix(Fix::many(title, edits)).with_trust(
        if sure { Safety::Automatic } else { Safety::Suggested },
        if sure { SURE } else { LIKELY },
        ConfidenceOrigin::Author,
    )
}

/// The edits that take `phrase` out of its line: to a line of its own before
/// or after it, or out of the text. `None` in the middle of a printed line,
/// where the paragraph's end is not known.
fn apart(context: &Context<'_>, line: Span, phrase: Span, at_start: bool, at_end: bool) -> Option<Vec<Edit>> {
    let text = context.text;
    let before = Span::new(text[..phrase.start].trim_end().len().max(line.start), phrase.start);
    let after =
        Span::new(phrase.end, phrase.end + (line.end - phrase.end).min(text[phrase.end..].len() - text[phrase.end..].trim_start().len()));
    if context.settings.jump_lines != FurnitureHandling::Keep {
        return Some(vec![Edit::deletion(before.hull(phrase).hull(if at_start { after } else { phrase }))]);
    }
    let newline = page_lines::paragraph_break(context.layout);
    let put = |span: Span| Edit { span, replacement: newline.clone() };
    match (at_start, at_end) {
        (true, _) => Some(vec![put(after)]),
        (false, true) => Some(vec![put(before)]),
        (false, false) => {
            let line_idx = context.layout.line_at(line.start)?;
            let printed = context.layout.columns.block_cells[context.layout.lines[line_idx].block].is_some();
            (!printed).then(|| vec![Edit::deletion(phrase), Edit::insertion(line.end, format!("{newline}{}", phrase.of(text)))])
        }
    }
}

/// Adds what the line says, unless the configuration has no use for it.
fn with_fields(finding: Finding, context: &Context<'_>, jump: JumpLine) -> Finding {
    if context.settings.jump_lines == FurnitureHandling::Drop {
        return finding;
    }
    let (zh, en) = match jump.direction {
        Direction::To => ("下转", "to"),
        Direction::From => ("上接", "from"),
        Direction::See => ("详见", "see"),
    };
    let mut finding = finding.with_evidence(Evidence::said("direction", zh, en));
    if let Some(page) = jump.page {
        finding = finding.with_evidence(Evidence::said("page", page.to_string(), page.to_string()));
    }
    if let Some(mark) = jump.mark {
        finding = finding.with_evidence(Evidence::weighed("mark", f64::from(mark), format!("标记 {mark}"), format!("mark {mark}")));
    }
    finding
}

/// The phrase in words, normalized.
fn described(jump: JumpLine) -> Message {
    let (mut zh, mut en) = match jump.direction {
        Direction::To => ("下转".to_owned(), "continued on".to_owned()),
        Direction::From => ("上接".to_owned(), "continued from".to_owned()),
        Direction::See => ("详见".to_owned(), "see".to_owned()),
    };
    match jump.page {
        Some(PageLabel::Same) => {
            zh.push_str("本版");
            en.push_str(" this page");
        }
        Some(page) => {
            zh.push_str(&format!(" {page} 版"));
            en.push_str(&format!(" page {page}"));
        }
        None => {}
    }
    if let Some(mark) = jump.mark {
        zh.push_str(&format!("，标记 {mark}"));
        en.push_str(&format!(", mark {mark}"));
    }
    Message::new(zh, en)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{automatic, keeps_its_examples, only_flags, silent};
    use super::super::{Resources, RunEvidence, Settings};
    use super::*;
    use crate::pipeline::{Engine, Run};
    use crate::resolve::{Policy, Selection};

    fn run(handling: FurnitureHandling, text: &str) -> Run {
        Engine {
            detectors: vec![Box::new(JumpLines)],
            settings: Settings { jump_lines: handling, ..Settings::default() },
            selection: Selection::default(),
            policy: Policy::default(),
            resources: Resources::embedded(),
        }
        .run(text, &[], &RunEvidence::default())
    }

    #[test]
    fn examples() {
        keeps_its_examples(JumpLines);
    }

    #[test]
    fn a_decorated_phrase_at_the_fitting_end_goes_unattended() {
        automatic(JumpLines, "大家同心协力>>>下转02版\n\n下一条", "大家同心协力\n\n>>>下转02版\n\n下一条");
        // Pointing back at the end of a line: somebody should look.
        automatic(JumpLines, "大家同心协力（上接02版）", "大家同心协力（上接02版）");
        automatic(JumpLines, "大家同心协力下转02版", "大家同心协力下转02版");
    }

    #[test]
    fn inside_a_printed_line_it_is_only_flagged() {
        only_flags(JumpLines, "昨天上午城东新桥正式\n通车（下转2版）附近的居\n民纷纷前来观看场面十\n分热闹直到中午才散去");
    }

    #[test]
    fn fields_are_told() {
        let run = run(FurnitureHandling::Keep, "正文在这里。\n\n（上接A01版③）");
        assert_eq!(run.findings.len(), 1);
        let evidence: Vec<(&str, &str)> =
            run.findings[0].finding.evidence.iter().map(|evidence| (evidence.kind.as_str(), evidence.text.en.as_str())).collect();
        assert_eq!(evidence, [("direction", "from"), ("page", "A1"), ("mark", "mark 3")]);
    }

    #[test]
    fn drop_takes_whole_lines_and_stuck_phrases_out() {
        for (text, left) in [
            ("甲段在这里。\n\n（下转2版）\n\n乙段在这里。", "甲段在这里。\n\n乙段在这里。"),
            ("甲段在这里。\n（下转2版）\n\n乙段在这里。\n", "甲段在这里。\n\n乙段在这里。\n"),
            ("（上接1版）\n甲段在这里。", "甲段在这里。"),
            ("甲段在这里。\r\n\r\n（下转2版）", "甲段在这里。"),
            ("甲段在这里（下转2版）\n乙段在这里。", "甲段在这里\n乙段在这里。"),
            ("（下转2版）", ""),
        ] {
            for handling in [FurnitureHandling::Drop, FurnitureHandling::Metadata] {
                assert_eq!(run(handling, text).corrected, left, "{text:?}");
            }
        }
    }

    #[test]
    fn a_damaged_line_is_not_dropped_unattended() {
        let text = "甲段在这里。\n\n姑下转A02版5\n\n乙段在这里。";
        assert_eq!(run(FurnitureHandling::Drop, text).corrected, text);
    }

    #[test]
    fn silent_about_prose() {
        for text in ["稿件从一版转到二版，又从二版转到三版。", "请接第一版的同志来开会", "他翻到A2版，看见了自己的名字。"]
        {
            silent(JumpLines, text);
        }
    }
}
