use super::evidence::CrossCopy;
use super::{Context, Detector, DetectorMeta};
use crate::finding::{Class, ConfidenceOrigin, Edit, Evidence, Finding, Fix, Message, Phase, Related, Safety};
use crate::text::{Span, is_han};

/// Share of a line's Han characters that must lie in the passage for the line
/// to belong to the copy.
const COVERED_MIN: f64 = 0.6;

/// Estimated identity from which on a copy is removed unattended, once the
/// user has asked for removal.
const CERTAIN: f64 = 0.9;

/// Finds passages that stand in another file of the run as well. Silent unless
/// the run asked for evidence across files.
#[derive(Clone, Copy, Debug)]
pub struct CrossFileCopy;

static META: DetectorMeta = DetectorMeta {
    id: "structure/cross-file-copy",
    class: Class::DuplicateBlock,
    phase: Phase::Structure,
    summary: ["一段文字在本次运行的另一文件里也有", "a passage that stands in another file of the run as well"],
    why: [
        "转版的文章常在两版各印一遍开头，分文件扫描后同一段文字便入库两次",
        "An article that jumps often has its first paragraphs on both pages; scanned as two files, they enter the archive twice",
    ],
    silent: [
        "未指定 --context run 时从不发声；六十字以下的套语、十二处以上都有的报头和公告不算",
        "Never without --context run; formulas under sixty characters and what stands in more than a dozen places (mastheads, notices) are not meant",
    ],
    trust: [
        "只报告；指定 --drop-cross-file 后删去路径较后的一份，估计九成以上相同的自动删去",
        "Only reported; with --drop-cross-file the copy in the later file is removed, unattended when an estimated nine tenths agree",
    ],
    sources: &["Broder 1997, On the resemblance and containment of documents (sampled fingerprints)"],
    bad: &[],
    good: &["单独一个文件里的文字，不论多长，都不与自己相比。", "责任编辑：黎小禾 校对：佟静 新闻热线：0539-5550110"],
};

impl Detector for CrossFileCopy {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        for copy in context.evidence.copies(context.text) {
            sink.push(finding(context, &copy));
        }
    }
}

fn finding(context: &Context<'_>, copy: &CrossCopy<'_>) -> Finding {
    let lines = copied_lines(context, copy.here);
    let span =
        lines.map_or(copy.here, |(first, last)| Span::new(context.layout.lines[first].span.start, context.layout.lines[last].span.end));
    let percent = (copy.identity * 100.0).round();
    let file = copy.file;
    let drop = context.evidence.drop_copies;
    let message = match (copy.is_later, drop) {
        (true, false) => Message::new(
            format!("这段文字与 {file} 中的重复（约 {percent}% 相同）；确认后可用 --drop-cross-file 删去"),
            format!("this passage stands in {file} as well (about {percent} % equal); --drop-cross-file removes it"),
        ),
        (true, true) => Message::new(
            format!("这段文字与 {file} 中的重复（约 {percent}% 相同），保留那一份"),
            format!("this passage stands in {file} as well (about {percent} % equal); that copy is kept"),
        ),
        (false, _) => Message::new(
            format!("这段文字在 {file} 中又出现一次（约 {percent}% 相同）"),
            format!("this passage comes again in {file} (about {percent} % equal)"),
        ),
    };
    let mut finding = Finding::new(META.id, META.class, META.phase, context.text, span, message).with_evidence(Evidence::weighed(
        "identity",
        copy.identity,
        "估计相同字的比例",
        "estimated share of equal characters",
    ));
    finding.related.push(Related { file: Some(file.to_owned()), span: copy.there, role: "other-copy".to_owned() });
    if !copy.is_later {
        return finding.as_information();
    }
    match lines.filter(|_| drop) {
        Some((first, last)) => {
            let title = Message::new("删去这一份", "remove this copy");
            let (safety, origin) = if copy.identity >= CERTAIN {
                (Safety::Automatic, ConfidenceOrigin::Author)
            } else {
                (Safety::Suggested, ConfidenceOrigin::None)
            };
            let edit = Edit::deletion(with_break(context, first, last));
            finding.with_fix(Fix::one(title, edit)).with_trust(safety, copy.identity, origin)
        }
        None => finding.with_trust(Safety::Flagged, copy.identity, ConfidenceOrigin::None),
    }
}

/// First and last of the lines that belong to the passage `here`.
fn copied_lines(context: &Context<'_>, here: Span) -> Option<(usize, usize)> {
    let layout = context.layout;
    let from = layout.line_at(here.start)?;
    let belongs = |line_idx: &usize| {
        let line = layout.lines[*line_idx].span;
        let n_in = |span: Span| span.of(context.text).chars().filter(|&c| is_han(c)).count();
        let inside = Span::new(line.start.max(here.start).min(line.end), line.end.min(here.end).max(line.start));
        let (n_inside, n_line) = (n_in(inside), n_in(line));
        n_line > 0 && n_inside as f64 >= COVERED_MIN * n_line as f64
    };
    let mut lines = (from..layout.lines.len()).take_while(|&idx| layout.lines[idx].span.start < here.end).filter(belongs);
    let first = lines.next()?;
    Some((first, lines.last().unwrap_or(first)))
}

/// The lines and the break before them; at the top of a text, after them.
fn with_break(context: &Context<'_>, first: usize, last: usize) -> Span {
    let lines = &context.layout.lines;
    match (first.checked_sub(1), lines.get(last + 1)) {
        (Some(before), _) => Span::new(lines[before].span.end, lines[last].span.end),
        (None, Some(after)) => Span::new(lines[first].span.start, after.span.start),
        (None, None) => Span::new(lines[first].span.start, lines[last].span.end),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::silent;
    use super::super::{FileMarks, Resources, RunEvidence, Settings};
    use super::*;
    use crate::pipeline::{Engine, Run};
    use crate::resolve::{Policy, Selection};

    const COPY: &str = "县里新修的水渠昨天通水，沿线十二个村的麦田赶在霜降之前浇上了头遍水。\n水利站的几位技术员沿渠走了一整天，逐段查看闸门和护坡，没有发现渗漏，\n往年要靠柴油机抽水的西岗今年只开了两道闸门就浇完了全部坡地。";

    fn run(texts: &[&str], file_idx: usize, drop: bool) -> Run {
        let engine = Engine {
            detectors: vec![Box::new(CrossFileCopy)],
            settings: Settings::default(),
            selection: Selection::default(),
            policy: Policy::default(),
            resources: Resources::embedded(),
        };
        let files = texts.iter().enumerate().map(|(idx, text)| (format!("{idx}.txt"), FileMarks::of(text))).collect();
        engine.run(texts[file_idx], &[], &RunEvidence::new(files, drop).for_file(file_idx))
    }

    #[test]
    fn a_copy_is_reported_in_the_later_file_and_told_in_the_earlier_one() {
        let first = format!("水渠通水\n\n{COPY}\n\n下转第二版\n");
        let second = format!("上接第一版\n\n{COPY}\n\n西岗的村民说，省下的油钱正好买化肥。\n");
        let run_second = run(&[&first, &second], 1, false);
        assert_eq!(run_second.corrected, second);
        let finding = &run_second.findings[0].finding;
        assert_eq!(finding.observed, COPY);
        assert_eq!(finding.related[0].file.as_deref(), Some("0.txt"));
        let run_first = run(&[&first, &second], 0, true);
        assert_eq!(run_first.corrected, first);
        assert_eq!(run_first.findings[0].finding.severity, crate::finding::Severity::Information);
    }

    #[test]
    fn asked_to_drop_it_removes_whole_lines_and_leaves_the_rest() {
        let first = format!("水渠通水\n\n{COPY}\n\n下转第二版\n");
        let second = format!("上接第一版\n\n{COPY}\n\n西岗的村民说，省下的油钱正好买化肥。\n");
        assert_eq!(run(&[&first, &second], 1, true).corrected, "上接第一版\n\n西岗的村民说，省下的油钱正好买化肥。\n");
        let top = format!("{COPY}\n完\n");
        assert_eq!(run(&[&first, &top], 1, true).corrected, "完\n");
    }

    #[test]
    fn one_file_alone_is_never_compared_with_itself() {
        let twice = format!("{COPY}\n\n{COPY}\n");
        silent(CrossFileCopy, &twice);
        assert!(run(&[&twice], 0, true).findings.is_empty());
    }
}
