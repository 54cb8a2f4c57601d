use memchr::memmem;

use super::{Context, Detector, DetectorMeta, FurnitureHandling, page_lines};
use crate::document::{FurnitureFields, FurnitureKind, Kind, furniture_fields};
use crate::finding::{Class, ConfidenceOrigin, Edit, Evidence, Finding, Fix, Message, Phase, Safety};
use crate::text::{Span, is_closing, is_sentence_end};

/// Recognizes page furniture and sets editor lines that are glued to a
/// paragraph apart.
#[derive(Clone, Copy, Debug)]
pub struct Furniture;

static META: DetectorMeta = DetectorMeta {
    id: "structure/furniture",
    class: Class::Furniture,
    phase: Phase::Structure,
    summary: ["责编、校对一行粘在段落里", "an editor line (责编, 校对) is stuck to a paragraph"],
    why: [
        "报头、日期、版次、责编、热线属于版面，不是文章；责编一行粘在段末，就成了文章的最后一句",
        "Mastheads, dates, page numbers, editors and hotlines belong to the page, not to an article; an editor line stuck to a paragraph becomes its last sentence",
    ],
    silent: [
        "谈到责编、热线、日期的句子；独立成行的版面附件只作信息列出",
        "Sentences about editors, hotlines and dates; furniture on a line of its own is listed as information only",
    ],
    trust: [
        "句末之后有两种以上职务并带冒号的，建议分行。drop、metadata 时，报头、日期行、版次、责编自动移出；热线、天气、未完待续也可能是文章的一部分，只建议移出",
        "Set apart at the level suggested when two duties with colons follow the end of a sentence. With drop or metadata, mastheads, date lines, page numbers and editor lines are removed automatically; hotlines, weather and 未完 may belong to an article, their removal is suggested",
    ],
    sources: &["docs/damage.md: page furniture", "negative examples in src/document/furniture.rs"],
    bad: &[
        ("河道清淤提前收工，两岸开始种树。责编：祁连 校对：庞石", "河道清淤提前收工，两岸开始种树。\n责编：祁连 校对：庞石"),
        ("两岸开始种树。”責任編輯：祁連　美編：龐石\n\n次日", "两岸开始种树。”\n\n責任編輯：祁連　美編：龐石\n\n次日"),
    ],
    good: &[
        "责编：祁连 校对：庞石",
        "2018年6月8日 星期五\n\nA6\n\n滨湖晚报",
        "她当了三十年责编，改坏了六副眼镜。",
        "他问：“责编是谁？”",
        "会议由总编主持。责编：一个被遗忘的职业",
    ],
};

/// The word of the author: mastheads, dates and page numbers on lines of their
/// own were furniture wherever the measuring pages have them.
const SURE: f64 = 0.98;
/// A hotline, a weather line or a 未完 may be part of a notice or an article;
/// an editor line in a paragraph was not seen on the measuring pages.
const LIKELY: f64 = 0.9;

impl Detector for Furniture {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        for (line_idx, line) in context.layout.lines.iter().enumerate().filter(|(_, line)| line.kind == Kind::Furniture) {
            // Lines that only a rule file calls furniture have no fields.
            if let Some(fields) = furniture_fields(line.span.of(context.text), true) {
                sink.push(on_its_own(context, line_idx, &fields));
            }
        }
        let mut done = 0;
        for sign in ["编", "編"] {
            for at in memmem::find_iter(context.text.as_bytes(), sign).filter(|&at| may_be_editor_line(context.text, at)) {
                if at >= done
                    && let Some((finding, end)) = stuck(context, at)
                {
                    sink.push(finding);
                    done = end;
                }
            }
        }
    }
}

/// A line of furniture: information, or a line to take out when the
/// configuration says so.
fn on_its_own(context: &Context<'_>, line_idx: usize, fields: &FurnitureFields) -> Finding {
    let handling = context.settings.furniture;
    let name = name_of(fields.kind);
    let message = if handling == FurnitureHandling::Keep {
        Message::new(
            format!("版面附件：{}；独立成行，不并入段落", name.zh),
            format!("page furniture: {}; it stands on a line of its own", name.en),
        )
    } else {
        Message::new(
            format!("版面附件：{}；按配置移出正文", name.zh),
            format!("page furniture: {}; the configuration takes it out of the text", name.en),
        )
    };
    let span = context.layout.lines[line_idx].span;
    let mut finding = Finding::new(META.id, META.class, META.phase, context.text, span, message);
    if handling != FurnitureHandling::Drop {
        finding = with_fields(finding, fields);
    }
    if handling == FurnitureHandling::Keep {
        return finding.with_trust(Safety::Flagged, SURE, ConfidenceOrigin::Author).as_information();
    }
    let (safety, confidence) = match fields.kind {
        FurnitureKind::DateLine | FurnitureKind::PageNumber | FurnitureKind::EditorLine | FurnitureKind::Masthead => {
            (Safety::Automatic, SURE)
        }
        FurnitureKind::Contact | FurnitureKind::Weather | FurnitureKind::Continuation => (Safety::Suggested, LIKELY),
    };
    let title = Message::new("移出版面附件", "Take the page furniture out");
    finding.with_fix(Fix::one(title, page_lines::removal(context.layout, line_idx))).with_trust(
        safety,
        confidence,
        ConfidenceOrigin::Author,
    )
}

fn name_of(kind: FurnitureKind) -> Message {
    let (zh, en) = match kind {
        FurnitureKind::DateLine => ("日期行", "date line"),
        FurnitureKind::PageNumber => ("版次", "page number"),
        FurnitureKind::EditorLine => ("责编、校对", "editor line"),
        FurnitureKind::Contact => ("热线、地址", "hotline or address"),
        FurnitureKind::Masthead => ("报头", "masthead"),
        FurnitureKind::Weather => ("天气", "weather"),
        FurnitureKind::Continuation => ("未完、待续", "continuation note"),
    };
    Message::new(zh, en)
}

fn with_fields(finding: Finding, fields: &FurnitureFields) -> Finding {
    let name = name_of(fields.kind);
    let mut finding = finding.with_evidence(Evidence::said("furniture", name.zh, fields.kind.name()));
    let values = [
        ("page", fields.page.map(|page| page.to_string())),
        ("date", fields.date.map(|date| date.to_string())),
        ("section", fields.section.clone()),
    ];
    for (kind, value) in values {
        if let Some(value) = value {
            finding = finding.with_evidence(Evidence::said(kind, value.clone(), value));
        }
    }
    finding
}

/// True for the 编 at `at` of 责编, 美编 or 责任编辑 with a colon after it.
fn may_be_editor_line(text: &str, at: usize) -> bool {
    let (before, after) = (&text[..at], &text[at + "编".len()..]);
    let duty = before.ends_with(['责', '責', '美', '任']);
    let rest = after.trim_start_matches(['辑', '輯']).trim_start_matches([' ', '\u{3000}']);
    duty && rest.starts_with(['：', ':'])
}

/// An editor line after the end of a sentence, with its 编 at `at`: the
/// finding and where the line ends.
fn stuck(context: &Context<'_>, at: usize) -> Option<(Finding, usize)> {
    let text = context.text;
    let line = &context.layout.lines[context.layout.line_at(at)?];
    let before = Span::new(line.span.start, at).of(text);
    let duty_len: usize = ["责任", "責任", "责", "責", "美"].iter().find(|duty| before.ends_with(**duty)).map(|duty| duty.len())?;
    let start = at - duty_len;
    let body = text[line.span.start..start].trim_end_matches(['（', '(', '[', '【', ' ', '\u{3000}']);
    let found = Span::new(line.span.start + body.len(), line.span.end);
    let ended = body.chars().next_back().is_some_and(|c| is_sentence_end(c) || is_closing(c));
    let credits = found.of(text).trim_start();
    let n_colons = credits.matches(['：', ':']).count();
    let is_credits = furniture_fields(credits, true).is_some_and(|fields| fields.kind == FurnitureKind::EditorLine);
    if !(ended && is_credits && n_colons >= 2 && matches!(line.kind, Kind::Body | Kind::Caption)) {
        return None;
    }
    let span = Span::new(line.span.end - credits.len(), line.span.end);
    let message = Message::new(
        "责编、校对一行粘在段末；让它独立成行",
        "an editor line is stuck to the end of a paragraph; set it on a line of its own",
    );
    let gap = Span::new(found.start, span.start);
    let edit = if context.settings.furniture == FurnitureHandling::Keep {
        Edit { span: gap, replacement: page_lines::paragraph_break(context.layout) }
    } else {
        Edit::deletion(gap.hull(span))
    };
    let title = Message::new("责编行独立成行", "Set the editor line apart");
    let finding = Finding::new(META.id, META.class, META.phase, text, span, message).with_fix(Fix::one(title, edit)).with_trust(
        Safety::Suggested,
        LIKELY,
        ConfidenceOrigin::Author,
    );
    Some((finding, line.span.end))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{automatic, keeps_its_examples, silent};
    use super::super::{Resources, RunEvidence, Settings};
    use super::*;
    use crate::finding::Severity;
    use crate::pipeline::{Engine, Run};
    use crate::resolve::{Policy, Selection};

    fn run(handling: FurnitureHandling, level: Safety, text: &str) -> Run {
        Engine {
            detectors: vec![Box::new(Furniture)],
            settings: Settings { furniture: handling, ..Settings::default() },
            selection: Selection::default(),
            policy: Policy { level, ..Policy::default() },
            resources: Resources::embedded(),
        }
        .run(text, &[], &RunEvidence::default())
    }

    const PAGE: &str = "滨湖晚报\n\n2018年6月8日 星期五 第A6版\n\n03 民生\n\n截至昨天，九条河道的清淤工程全部完成。\n\n新闻热线：0700-8812345\n责编：祁连 校对：庞石\n";

    #[test]
    fn examples() {
        keeps_its_examples(Furniture);
    }

    #[test]
    fn an_editor_line_is_not_set_apart_unattended() {
        let text = "两岸开始种树。责编：祁连 校对：庞石";
        automatic(Furniture, text, text);
    }

    #[test]
    fn fields_are_told_as_information() {
        let run = run(FurnitureHandling::Keep, Safety::Automatic, PAGE);
        assert!(run.findings.iter().all(|judged| judged.finding.severity == Severity::Information));
        let fields: Vec<String> = run
            .findings
            .iter()
            .map(|judged| {
                judged.finding.evidence.iter().map(|field| format!("{}={}", field.kind, field.text.en)).collect::<Vec<_>>().join(" ")
            })
            .collect();
        assert_eq!(
            fields,
            [
                "furniture=masthead",
                "furniture=date-line page=A6 date=2018-06-08",
                "furniture=page-number page=3 section=民生",
                "furniture=contact",
                "furniture=editor-line"
            ]
        );
    }

    #[test]
    fn metadata_takes_out_what_is_no_article_and_keeps_the_fields() {
        for (handling, n_fields) in [(FurnitureHandling::Drop, 0), (FurnitureHandling::Metadata, 8)] {
            let made = run(handling, Safety::Automatic, PAGE);
            let left = "截至昨天，九条河道的清淤工程全部完成。\n\n新闻热线：0700-8812345\n";
            assert_eq!(made.corrected, left, "{handling:?}");
            let applied = made.findings.iter().filter(|judged| judged.verdict.outcome == crate::finding::Outcome::Applied);
            assert_eq!(applied.map(|judged| judged.finding.evidence.len()).sum::<usize>(), n_fields, "{handling:?}");
        }
        let made = run(FurnitureHandling::Drop, Safety::Suggested, PAGE);
        assert_eq!(made.corrected, "截至昨天，九条河道的清淤工程全部完成。\n");
    }

    #[test]
    fn silent_about_prose() {
        for text in ["滨湖晚报创刊于1987年1月1日。", "他翻到第三版。责编：老王", "责编：老王说，稿子还要改。"]
        {
            silent(Furniture, text);
        }
    }
}
