use super::super::Reporter;
use super::super::fixture::{Files, at, edited, play, sheet, sheets};
use super::passage::{Manuscript, Role, moved};
use super::{Html, grouped};
use crate::finding::{Class, Finding, Message, Outcome, Phase, Severity};
use crate::pipeline::Judged;
use crate::resolve::{Reason, Verdict};
use crate::text::Span;

fn pages_of(per_page: usize) -> Files {
    let files = Files::default();
    let mut html = Html::with_pages_of(per_page, files.open()).unwrap();
    play(&mut html, &sheets());
    files
}

/// The part of a page between two strings.
fn between<'p>(page: &'p str, from: &str, to: &str) -> &'p str {
    let start = page.find(from).unwrap_or_else(|| panic!("{from:?} is on the page")) + from.len();
    &page[start..start + page[start..].find(to).unwrap()]
}

#[test]
fn the_page_shows_the_fixture() {
    let page = pages_of(5000).text("report.html");
    insta::assert_snapshot!("page", between(&page, "<main id=\"main\">", "<dialog"));
}

#[test]
fn nothing_of_a_text_is_markup() {
    let page = pages_of(5000).text("report.html");
    let own = page.matches("<script").count();
    assert_eq!(own, 3, "the three scripts of the page itself");
    for hostile in ["<script>alert", "<img", "onerror=alert(2)>", "U+202E <b>", "<i>\"q\"", "\u{1b}", "\u{202e}"] {
        assert!(!page.contains(hostile), "{hostile:?}");
    }
    let names = between(&page, "id=\"names\">", "</script>");
    assert!(!names.contains('<'));
    serde_json::from_str::<serde_json::Value>(names).unwrap();
}

#[test]
fn the_page_needs_nothing_from_outside() {
    let page = pages_of(5000).text("report.html");
    for outside in ["http:", "https:", "src=\"", "@import", "url("] {
        assert!(!page.contains(outside), "{outside:?}");
    }
}

#[test]
fn every_problem_is_a_note_of_exactly_one_page() {
    let mut problems: Vec<String> = Vec::new();
    for sheet in sheets() {
        let report = sheet.report();
        let of = report.names().iter().zip(&sheet.run.findings);
        problems.extend(of.filter(|(_, judged)| judged.finding.severity == Severity::Problem).map(|(names, _)| names.id.clone()));
    }
    problems.sort();
    for per_page in [1, 4, 5000] {
        let files = pages_of(per_page);
        let mut notes: Vec<String> = Vec::new();
        for name in files.names() {
            let page = files.text(&name);
            notes.extend(page.split("<li class=\"note ").skip(1).map(|rest| between(rest, "id=\"f-", "\"").to_owned()));
        }
        notes.sort();
        assert_eq!(notes, problems, "{per_page} on a page");
    }
}

#[test]
fn pages_lead_to_each_other_and_only_the_first_has_the_summary() {
    let files = Files::default();
    let mut html = Html::with_pages_of(1, files.open()).unwrap();
    let sheet = |path| edited(path, "石\n家", &[(3, 4, "")]);
    play(&mut html, &["一.txt", "二.txt", "三.txt"].map(sheet));
    let names = files.names();
    assert_eq!(names, ["report-2.html", "report-3.html", "report.html"]);
    for (idx, name) in ["report.html", "report-2.html", "report-3.html"].into_iter().enumerate() {
        let page = files.text(name);
        assert_eq!(page.contains("id=\"summary\""), idx == 0, "{name}");
        assert_eq!(page.contains(&format!("href=\"report-{}.html\"", idx + 2)), idx + 1 < names.len(), "{name}");
        assert!(page.trim_end().ends_with("</html>"), "{name}");
        assert_eq!(page.matches("<section").count(), page.matches("</section>").count(), "{name}");
        assert_eq!(page.matches("<div").count(), page.matches("</div>").count(), "{name}");
    }
}

#[test]
fn a_window_never_cuts_an_edit_and_covers_every_place_of_its_notes() {
    for sheet in sheets() {
        let report = sheet.report();
        let manuscript = Manuscript::new(&report);
        let passages = manuscript.passages();
        for passage in &passages {
            for edit in sheet.run.script.edits() {
                let crosses = |at: usize| edit.span.start < at && at < edit.span.end;
                assert!(!crosses(passage.window.start) && !crosses(passage.window.end));
            }
            for place in &passage.places {
                assert!(passage.window.contains(place.span), "{place:?}");
            }
        }
    }
}

#[test]
fn the_partner_of_a_duplicate_is_marked_and_linked() {
    let sheets = sheets();
    let report = sheets[0].report();
    let manuscript = Manuscript::new(&report);
    let partners: Vec<usize> = manuscript
        .passages()
        .iter()
        .flat_map(|passage| &passage.places)
        .filter(|place| place.role == Role::Partner)
        .map(|place| place.finding)
        .collect();
    assert_eq!(partners.len(), 1);
    let id = &report.names()[partners[0]].id;
    let page = pages_of(5000).text("report.html");
    assert!(page.contains(&format!("href=\"#keep-{id}\"")) && page.contains(&format!("id=\"keep-{id}\"")));
}

#[test]
fn a_caption_taken_out_and_put_in_is_a_move_and_a_replacement_is_none() {
    let sheets = sheets();
    let moves = |judged: &&Judged| moved(&judged.finding, &sheets[0].text).is_some();
    let found: Vec<&str> = sheets[0].run.findings.iter().filter(moves).map(|judged| &*judged.finding.rule).collect();
    assert_eq!(found, ["structure/interloper"]);
    let swap = edited("页.txt", "甲乙", &[(0, 3, "乙"), (3, 6, "丙")]);
    assert!(moved(&swap.run.findings[0].finding, &swap.text).is_none());
}

#[test]
fn a_long_suspect_passage_is_folded_and_a_point_is_drawn() {
    let text = format!("开头。{}结尾。\n", "很长的一段文字".repeat(30));
    let place = |span: Span| Judged {
        finding: Finding::new("test/place", Class::ReadingOrder, Phase::Structure, &text, span, Message::new("看", "look")),
        verdict: Verdict { outcome: Outcome::Held, reason: Reason::NoRepairKnown },
    };
    let long = Span::new(9, text.len() - 10);
    let point = Span::empty(at(&text, "开头。").end);
    let sheet = sheet("页.txt", text.clone(), false, vec![place(long), place(point)]);
    let files = Files::default();
    play(&mut Html::new(files.open()).unwrap(), &[sheet]);
    let page = files.text("report.html");
    assert!(page.contains("<details class=\"fold m held\""));
    assert!(page.contains("held point\"") && page.contains('‸'));
}

#[test]
fn an_empty_run_makes_a_page() {
    let files = Files::default();
    let mut html = Html::new(files.open()).unwrap();
    html.begin(&super::super::fixture::info()).unwrap();
    html.end(&super::super::Totals::default()).unwrap();
    assert!(files.text("report.html").contains("没有发现问题"));
}

#[test]
fn thousands_are_set_apart() {
    assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1\u{202f}000", "1\u{202f}234\u{202f}567"]);
}
