//! One run for the tests of every format: a composed page and findings made
//! by hand, one of every outcome and shape.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::rc::Rc;

use super::{Failure, FileReport, Reporter, RunInfo, Totals, Verbosity};
use crate::apply::Script;
use crate::finding::{Class, ConfidenceOrigin, Edit, Evidence, Finding, Fix, Message, Outcome, Phase, Safety};
use crate::pipeline::{Condition, Judged, Run};
use crate::resolve::{Reason, Verdict};
use crate::text::{Position, Span};

/// A sink that the test can read after the renderer took it.
#[derive(Clone, Default)]
pub(super) struct Shared(Rc<RefCell<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shared {
    pub(super) fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).unwrap()
    }
}

/// The folder of a report, in memory.
#[derive(Clone, Default)]
pub(super) struct Files(Rc<RefCell<BTreeMap<String, Shared>>>);

impl Files {
    pub(super) fn open(&self) -> super::Open {
        let files = self.clone();
        Box::new(move |name| {
            let sink = Shared::default();
            let before = files.0.borrow_mut().insert(name.to_owned(), sink.clone());
            assert!(before.is_none(), "{name} is opened once");
            Ok(Box::new(sink))
        })
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.0.borrow().keys().cloned().collect()
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.0.borrow()[name].text()
    }
}

/// One page of the fixture.
pub(super) struct Sheet {
    pub(super) path: &'static str,
    pub(super) text: String,
    pub(super) bom: bool,
    pub(super) run: Run,
    encoding: Message,
}

impl Sheet {
    pub(super) fn report(&self) -> FileReport<'_> {
        FileReport::new(self.path, &self.text, &self.run, &self.encoding).with_bom(self.bom)
    }
}

pub(super) fn info() -> RunInfo {
    let rule = |id: &str, zh: &str, en: &str| (id.to_owned(), Message::new(zh, en));
    RunInfo {
        verb: "fix",
        level: Safety::Automatic,
        min_confidence: 0.0,
        verbosity: Verbosity::Normal,
        rules: BTreeMap::from([
            rule("structure/broken-join", "段落在栏尾被切断", "a paragraph is cut at a column end"),
            rule("structure/duplicate-block", "同一段文字出现两次", "a passage stands twice"),
        ]),
    }
}

/// Runs the fixture through `reporter`.
pub(super) fn play(reporter: &mut dyn Reporter, sheets: &[Sheet]) {
    let mut totals = Totals { files_skipped: 2, files_failed: 1, ..Totals::default() };
    reporter.begin(&info()).unwrap();
    for sheet in sheets {
        let report = sheet.report();
        totals.add(&report);
        reporter.file(&report).unwrap();
    }
    reporter.failure(&failure()).unwrap();
    reporter.end(&totals).unwrap();
}

fn failure() -> Failure {
    Failure {
        path: "副刊/坏页, 一.txt".to_owned(),
        position: Some(Position { line: 3, column: 7, char_offset: 41 }),
        message: Message::new("GB18030 写不出「𠮷」：100% 无法保存\n请改用 UTF-8", "GB18030 has no 「𠮷」: it cannot be saved\nuse UTF-8"),
    }
}

/// Every sheet of the fixture.
pub(super) fn sheets() -> Vec<Sheet> {
    vec![front(), hostile(), untouched()]
}

fn message(zh: &str, en: &str) -> Message {
    Message::new(zh, en)
}

/// Where `needle` stands in `text`, the only time.
pub(super) fn at(text: &str, needle: &str) -> Span {
    let start = text.find(needle).unwrap_or_else(|| panic!("{needle:?} is in the text"));
    assert_eq!(text[start + needle.len()..].find(needle), None, "{needle:?} stands once");
    Span::new(start, start + needle.len())
}

/// The part `inner` of the only place of `outer`.
fn within(text: &str, outer: &str, inner: &str) -> Span {
    let (outer_at, inner_at) = (at(text, outer), at(outer, inner));
    Span::new(outer_at.start + inner_at.start, outer_at.start + inner_at.end)
}

fn edit(span: Span, replacement: &str) -> Edit {
    Edit { span, replacement: replacement.to_owned() }
}

fn judged(finding: Finding, outcome: Outcome, reason: Reason) -> Judged {
    Judged { finding, verdict: Verdict { outcome, reason } }
}

/// A sheet whose script is the first fixes of the applied findings.
pub(super) fn sheet(path: &'static str, text: String, bom: bool, mut findings: Vec<Judged>) -> Sheet {
    let applied = findings.iter().filter(|judged| judged.verdict.outcome == Outcome::Applied);
    let edits = applied.flat_map(|judged| judged.finding.fixes[0].edits.clone()).collect();
    let script = Script::new(edits).unwrap();
    findings.sort_by_key(|judged| judged.finding.span);
    let corrected = script.apply(&text);
    let encoding = Message::new("UTF-8，全部字节是合法的 UTF-8", "UTF-8, all bytes are valid UTF-8");
    Sheet { path, text, bom, run: Run { findings, script, corrected, converged: true, gauge: None, condition: Condition::Fair }, encoding }
}

const FRONT: &str = "河湾日报　第三版\r\n\r\n东渡口大桥今晨通车\r\n\r\n　　本报讯 十月八日上午，东渡口大桥正式通车。市政府负\r\n\r\n责人说，大桥全长三点四\r\n\r\n图为通车后的大桥。 顾远山 摄\r\n\r\n公里，连接柳\r\n\r\n湾镇与河东新区，己经试运行十天。\r\n\r\n　　通车当天，两岸居民扶老携幼走上桥面，老船工高守田说，摆了四十年渡，今天头一回走着过河。\r\n\r\n　　据介绍，大桥13月起收费，渡口同时停航。\r\n\r\n（下转第五版）\r\n\r\n　　通车当天，两岸居民扶老携幼走上侨面，老船工高守田说，摆了四十年渡，今天头一回走看过河。\r\n\r\n　　停航后的渡口将建成公园，保留旧码头石阶与系船桩。";

fn front() -> Sheet {
    let text = FRONT.to_owned();
    let mut findings = Vec::from(joins(&text));
    findings.push(caption(&text));
    findings.push(copy(&text));
    findings.extend(held(&text));
    findings.extend(refused(&text));
    sheet("报纸/第三版.txt", text, true, findings)
}

fn joins(text: &str) -> [Judged; 2] {
    let span = within(text, "负\r\n\r\n责", "\r\n\r\n");
    let join = Finding::new(
        "structure/broken-join",
        Class::BrokenJoin,
        Phase::Structure,
        text,
        span,
        message("段落在栏尾被切断：「负责人」一词分在两栏，接为一段", "a column end cuts the word 「负责人」 in two: join the paragraph"),
    )
    .with_fix(Fix::one(message("接为一段", "join the two parts"), Edit::deletion(span)))
    .with_trust(Safety::Automatic, 0.97, ConfidenceOrigin::Calibrated)
    .with_evidence(Evidence::weighed("word-cut", 3.1, "「负责人」是词表中的词", "「负责人」 is a word of the lexicon"))
    .with_evidence(Evidence::said("column-width", "前一行正好排满栏宽", "the line before fills the column"));
    let span = within(text, "柳\r\n\r\n湾镇", "\r\n\r\n");
    let lost = Finding::new(
        "structure/lost-at-join",
        Class::LostAtJoin,
        Phase::Structure,
        text,
        span,
        message("接缝处丢了一字：「柳□湾镇」只能是「柳树湾镇」", "a character is lost at the join: 「柳□湾镇」 can only be 「柳树湾镇」"),
    )
    .with_fix(Fix::one(message("接合并补出「树」", "join and restore 「树」"), Edit::replacement(span, "树")))
    .with_trust(Safety::Automatic, 0.991, ConfidenceOrigin::Calibrated)
    .with_evidence(Evidence::weighed("gazetteer", 1.0, "地名录中唯一的候选", "the only candidate of the gazetteer"));
    [join, lost].map(|finding| judged(finding, Outcome::Applied, Reason::AtLevel(Safety::Automatic)))
}

/// A move: one fix with two edits.
fn caption(text: &str) -> Judged {
    let caption = "图为通车后的大桥。 顾远山 摄";
    let span = within(text, "三点四\r\n\r\n图为通车后的大桥。 顾远山 摄\r\n\r\n公里", "\r\n\r\n图为通车后的大桥。 顾远山 摄\r\n\r\n");
    let after = at(text, "试运行十天。").end;
    let finding = Finding::new(
        "structure/interloper",
        Class::Interloper,
        Phase::Structure,
        text,
        span,
        message("图说插在段落中间：移到段落之后", "a caption stands inside a paragraph: move it behind the paragraph"),
    )
    .with_fix(Fix::many(
        message("把图说移到段落之后", "move the caption behind the paragraph"),
        vec![Edit::deletion(span), Edit::insertion(after, format!("\r\n\r\n{caption}"))],
    ))
    .with_trust(Safety::Automatic, 0.93, ConfidenceOrigin::Calibrated);
    judged(finding, Outcome::Applied, Reason::AtLevel(Safety::Automatic))
}

/// A duplicate that names its partner.
fn copy(text: &str) -> Judged {
    let second = "\r\n\r\n　　通车当天，两岸居民扶老携幼走上侨面，老船工高守田说，摆了四十年渡，今天头一回走看过河。";
    let first = at(text, "　　通车当天，两岸居民扶老携幼走上桥面，老船工高守田说，摆了四十年渡，今天头一回走着过河。");
    let span = at(text, second);
    let finding = Finding::new(
        "structure/duplicate-block",
        Class::DuplicateBlock,
        Phase::Structure,
        text,
        span,
        message(
            "这一段在本页出现两次：删去与上下文不接的一处",
            "this paragraph stands twice on the page: remove the copy that fits no context",
        ),
    )
    .with_fix(Fix::one(message("删去重复的一段", "remove the copy"), Edit::deletion(span)))
    .with_trust(Safety::Automatic, 0.998, ConfidenceOrigin::Calibrated)
    .with_related(first, "other-copy")
    .with_evidence(Evidence::weighed("similarity", 0.955, "两处文字相同九成五", "the two copies agree in 95 %"));
    judged(finding, Outcome::Applied, Reason::AtLevel(Safety::Automatic))
}

fn held(text: &str) -> [Judged; 3] {
    let span = at(text, "己经");
    let confusion = Finding::new(
        "core/ji-yi",
        Class::LookAlike,
        Phase::Characters,
        text,
        span,
        message(
            "「己经」不成词，OCR 常把「已」认作「己」：改为「已经」",
            "「己经」 is no word; OCR often reads 已 as 己: replace with 「已经」",
        ),
    )
    .with_fix(Fix::one(message("改为「已经」", "replace with 「已经」"), Edit::replacement(span, "已经")))
    .with_trust(Safety::Suggested, 0.88, ConfidenceOrigin::Author);
    let date = Finding::new(
        "marks/impossible-date",
        Class::Digits,
        Phase::Marks,
        text,
        at(text, "13月"),
        message("没有「13月」：请对照原版面", "there is no month 13: compare with the printed page"),
    );
    let jump = Finding::new(
        "structure/jump-line",
        Class::JumpLine,
        Phase::Structure,
        text,
        at(text, "（下转第五版）"),
        message("转版提示：下转第五版", "jump line: continued on page 5"),
    )
    .as_information();
    [
        judged(confusion, Outcome::Held, Reason::BelowLevel(Safety::Suggested)),
        judged(date, Outcome::Held, Reason::NoRepairKnown),
        judged(jump, Outcome::Held, Reason::InformationOnly),
    ]
}

fn refused(text: &str) -> [Judged; 2] {
    let span = at(text, "渡口同时停航");
    let name = Finding::new(
        "places/river-crossing",
        Class::InconsistentName,
        Phase::Words,
        text,
        within(text, "渡口同时停航", "渡口"),
        message("「渡口」与「东渡口」写法不一", "「渡口」 and 「东渡口」 are two spellings"),
    )
    .with_fix(Fix::one(message("改为「东渡口」", "replace with 「东渡口」"), Edit::insertion(span.start, "东")))
    .with_trust(Safety::Automatic, 0.7, ConfidenceOrigin::Author);
    let span = within(text, "走上侨面", "侨");
    let bridge = Finding::new(
        "core/qiao-qiao",
        Class::LookAlike,
        Phase::Characters,
        text,
        span,
        message("「侨面」疑为「桥面」", "「侨面」 may be 「桥面」"),
    )
    .with_fix(Fix::one(message("改为「桥」", "replace with 「桥」"), Edit::replacement(span, "桥")))
    .with_trust(Safety::Automatic, 0.8, ConfidenceOrigin::Author);
    [
        judged(name, Outcome::Rejected, Reason::Protected),
        judged(bridge, Outcome::Skipped, Reason::Overlaps("structure/duplicate-block".to_owned())),
    ]
}

/// Text, path and messages that try to break out of every format.
fn hostile() -> Sheet {
    let text = "<script>alert(\"1\")</script> & 'x' %0A::error::y\u{1b}[31m\n甲&lt;乙\u{202e}丙]]>丁 --> 戊\n".to_owned();
    let span = at(&text, "\u{202e}");
    let finding = Finding::new(
        "encoding/invisible",
        Class::Encoding,
        Phase::Encoding,
        &text,
        span,
        message("</script><img src=x onerror=alert(2)> 不可见字符：删去", "an invisible character \"</script>\": remove it"),
    )
    .with_fix(Fix::one(message("删去", "remove it"), Edit::deletion(span)))
    .with_trust(Safety::Automatic, 1.0, ConfidenceOrigin::Author)
    .with_evidence(Evidence::said("code-point", "U+202E <b>", "U+202E <b>"));
    let script = at(&text, "<script>alert(\"1\")</script>");
    let flag = Finding::new(
        "encoding/stray-mark",
        Class::LostDoubledSpurious,
        Phase::Encoding,
        &text,
        script,
        message("报纸上不会有 <script>", "no newspaper prints <script>"),
    );
    let findings =
        vec![judged(finding, Outcome::Applied, Reason::AtLevel(Safety::Automatic)), judged(flag, Outcome::Held, Reason::NoRepairKnown)];
    sheet("a b/<i>\"q\"&.txt", text, false, findings)
}

fn untouched() -> Sheet {
    sheet("清样.txt", "　　一字未改。\n".to_owned(), false, Vec::new())
}

/// A sheet whose only change is `edits`, for tests about texts alone.
pub(super) fn edited(path: &'static str, text: &str, edits: &[(usize, usize, &str)]) -> Sheet {
    let edits: Vec<Edit> = edits.iter().map(|&(start, end, new)| edit(Span::new(start, end), new)).collect();
    let hull = edits.iter().map(|edit| edit.span).reduce(Span::hull).unwrap();
    let finding = Finding::new("test/edited", Class::LookAlike, Phase::Characters, text, hull, message("改", "edit"))
        .with_fix(Fix::many(message("改", "edit"), edits))
        .with_trust(Safety::Automatic, 0.9, ConfidenceOrigin::Author);
    sheet(path, text.to_owned(), false, vec![judged(finding, Outcome::Applied, Reason::AtLevel(Safety::Automatic))])
}
