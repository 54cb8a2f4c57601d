use super::*;
use crate::detect::DetectorMeta;
use crate::finding::{Class, ConfidenceOrigin, Fix, Message, Safety};

/// Writes one character for another wherever it stands.
struct Rewrite {
    meta: &'static DetectorMeta,
    from: char,
    to: &'static str,
}

const fn meta(id: &'static str) -> DetectorMeta {
    DetectorMeta {
        id,
        class: Class::LookAlike,
        phase: Phase::Words,
        summary: ["试", "trial"],
        why: ["试", "trial"],
        silent: ["试", "trial"],
        trust: ["试", "trial"],
        sources: &[],
        bad: &[],
        good: &[],
    }
}

static FORTH: DetectorMeta = meta("test/forth");
static ON: DetectorMeta = meta("test/on");
static BACK: DetectorMeta = meta("test/back");

impl Detector for Rewrite {
    fn meta(&self) -> &'static DetectorMeta {
        self.meta
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        for (at, found) in context.text.match_indices(self.from) {
            let span = Span::new(at, at + found.len());
            let message = Message::new("试", "trial");
            let fix = Fix::one(message.clone(), Edit::replacement(span, self.to));
            let finding = Finding::new(self.meta.id, self.meta.class, self.meta.phase, context.text, span, message);
            sink.push(finding.with_fix(fix).with_trust(Safety::Automatic, 0.9, ConfidenceOrigin::Author));
        }
    }
}

fn engine(rules: &[(&'static DetectorMeta, char, &'static str)]) -> Engine {
    let detectors = rules.iter().map(|&(meta, from, to)| Box::new(Rewrite { meta, from, to }) as Box<dyn Detector>);
    Engine {
        detectors: detectors.collect(),
        settings: Settings::default(),
        selection: Selection::default(),
        policy: Policy::default(),
        resources: Resources::embedded(),
    }
}

fn run(rules: &[(&'static DetectorMeta, char, &'static str)], text: &str) -> Run {
    engine(rules).run(text, &[], &RunEvidence::default())
}

fn verdicts(run: &Run) -> Vec<(&str, Outcome, &'static str)> {
    run.findings.iter().map(|one| (one.finding.rule.as_str(), one.verdict.outcome, one.verdict.reason.code())).collect()
}

#[test]
fn what_a_rule_did_is_not_taken_back() {
    let run = run(&[(&FORTH, '甲', "乙"), (&BACK, '乙', "甲")], "有甲。");
    assert!(run.converged);
    assert_eq!(run.corrected, "有乙。");
    assert_eq!(verdicts(&run), [("test/back", Outcome::Rejected, "undoes"), ("test/forth", Outcome::Applied, "at-level")]);
}

#[test]
fn a_circle_away_from_the_original_ends() {
    let run = run(&[(&FORTH, '甲', "乙"), (&ON, '乙', "丙"), (&BACK, '丙', "乙")], "有甲。");
    assert!(run.converged);
    assert_eq!(run.corrected, "有丙。");
    assert_eq!(run.script.apply("有甲。"), "有丙。");
    assert!(verdicts(&run).contains(&("test/back", Outcome::Rejected, "undoes")));
}

#[test]
fn what_is_rejected_hides_no_other_fix() {
    // In one place, 乙 back to 甲 wins over 乙 on to 丙 by its name; rejected,
    // it lets the other one through.
    let run = run(&[(&FORTH, '甲', "乙"), (&BACK, '乙', "甲"), (&ON, '乙', "丙")], "有甲。");
    assert!(run.converged);
    assert_eq!(run.corrected, "有丙。");
}

#[test]
fn what_people_decided_comes_first_and_stays() {
    let text = "甲一甲二甲三丁";
    let decided = |edits: Vec<Edit>, fixed: &[&str], held_back: Vec<Ruled>| Decided {
        script: crate::apply::Script::new(edits).unwrap(),
        fixed: fixed.iter().map(|part| Span::new(text.find(part).unwrap(), text.find(part).unwrap() + part.len())).collect(),
        held_back,
        forced: Vec::new(),
    };
    let engine = engine(&[(&FORTH, '甲', "乙")]);
    let run = |decided: &Decided| engine.run_decided(text, &[], None, &RunEvidence::default(), decided);
    // Somebody put 甲 in the place of 丁: no rule takes it away again.
    let made = run(&decided(vec![Edit::replacement(Span::new(18, 21), "甲")], &["甲"], Vec::new()));
    assert_eq!(made.corrected, "甲一乙二乙三甲");
    assert_eq!(made.script.apply(text), made.corrected);
    let outcomes: Vec<_> = made.findings.iter().map(|one| (one.finding.span.start, one.verdict.reason.code())).collect();
    assert_eq!(outcomes, [(0, "protected"), (6, "at-level"), (12, "at-level"), (18, "protected")]);
    // Somebody put something before the places at which a rule is held back.
    let at = Ruled { rule: "test/forth".to_owned(), span: Span::new(6, 9), by: Message::new("甲", "A") };
    let held = run(&decided(vec![Edit::insertion(3, "零")], &[], vec![at.clone()]));
    assert_eq!(held.corrected, "乙零一甲二乙三丁");
    assert_eq!(held.findings[1].verdict.reason, Reason::Decided(at.by.clone()));
    assert_eq!(held.findings[1].finding.span, at.span);
    assert!(run(&Decided { forced: vec![at], ..Decided::default() }).findings[1].verdict.reason.code() == "accepted");
}

#[test]
fn a_detector_without_a_rule_that_takes_part_does_not_run() {
    let reads = |select: &[&str]| {
        let selection = Selection { select: select.iter().map(|&id| id.to_owned()).collect(), ..Selection::default() };
        let engine = Engine { detectors: crate::detect::registry(), selection, ..engine(&[]) };
        let run = engine.run("会议要求，各地要认真黄彻落实会议精神。", &[], &RunEvidence::default());
        (run.gauge.is_some(), run.findings.iter().any(|judged| judged.finding.rule == "character/misread"))
    };
    assert_eq!(reads(&[]), (true, true));
    assert_eq!(reads(&["structure"]), (false, false));
    assert_eq!(reads(&["character/misread"]), (true, true));
    // The detector has several ids; one of them is enough.
    assert_eq!(reads(&["punctuation/lost"]), (true, false));
}
