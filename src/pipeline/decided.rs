use std::sync::Arc;

use super::{Engine, Ground, Run};
use crate::apply::{Script, SourceMap};
use crate::detect::RunEvidence;
use crate::document::Geometry;
use crate::finding::{Finding, Message};
use crate::text::Span;

/// What people decided about one text, in the coordinates of its decoded
/// original.
#[derive(Clone, Debug, Default)]
pub struct Decided {
    /// The changes they made or accepted.
    pub script: Script,
    /// Sorted disjoint spans that are right as they stand.
    pub fixed: Vec<Span>,
    /// Places at which a rule is to do nothing.
    pub held_back: Vec<Ruled>,
    /// Places at which what a rule proposes is to be done, whatever its tier.
    pub forced: Vec<Ruled>,
}

/// A place at which somebody decided about a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruled {
    /// The rule's id.
    pub rule: String,
    /// The place, as the rule finds it.
    pub span: Span,
    /// Who, and when.
    pub by: Message,
}

impl Engine {
    /// A run on what people decided: their changes come first, no rule touches
    /// them or what they found right, and everything else is repaired as ever.
    /// The findings and the script of the result are in the coordinates of
    /// `original`; the script has the changes of the people as well.
    ///
    /// `untouchable`: sorted disjoint spans of `original` that survive as they
    /// are, which no decision changes.
    #[must_use]
    pub fn run_decided(
        &self,
        original: &str,
        untouchable: &[Span],
        geometry: Option<&Arc<Geometry>>,
        evidence: &RunEvidence,
        decided: &Decided,
    ) -> Run {
        let text = decided.script.apply(original);
        let map = decided.script.source_map(original.len());
        let forward = Forward::new(&decided.script);
        let mut protected: Vec<Span> = untouchable.iter().chain(&decided.fixed).filter_map(|&span| forward.span(span)).collect();
        protected.extend(decided.script.inverse(original).edits().iter().map(|edit| edit.span).filter(|span| !span.is_empty()));
        protected.sort();
        let mut disjoint: Vec<Span> = Vec::with_capacity(protected.len());
        for span in protected {
            match disjoint.last_mut() {
                Some(last) if last.end > span.start => *last = last.hull(span),
                _ => disjoint.push(span),
            }
        }
        let moved = |places: &[Ruled]| -> Vec<Ruled> {
            places.iter().filter_map(|place| Some(Ruled { span: forward.span(place.span)?, ..place.clone() })).collect()
        };
        let (held_back, forced) = (moved(&decided.held_back), moved(&decided.forced));
        let ground = Ground { geometry, before: Some(&map), held_back: &held_back, forced: &forced };
        let mut run = self.run_on(&text, &disjoint, evidence, ground);
        for judged in &mut run.findings {
            to_old(&mut judged.finding, &map, &text, original);
        }
        run.script = map.then(&run.script).script();
        run
    }
}

fn to_old(finding: &mut Finding, map: &SourceMap, text: &str, original: &str) {
    for edit in finding.fixes.iter_mut().flat_map(|fix| &mut fix.edits) {
        *edit = map.edit_to_old(edit, text);
    }
    for related in finding.related.iter_mut().filter(|related| related.file.is_none()) {
        related.span = map.to_old(related.span);
    }
    finding.span = map.to_old(finding.span);
    finding.observed = finding.span.of(original).to_owned();
}

/// Where places of the original are after a script.
struct Forward<'s>(&'s Script);

impl<'s> Forward<'s> {
    fn new(script: &'s Script) -> Self {
        Self(script)
    }

    /// The place in the new text; `None` where its inside was changed and
    /// nothing of it is left as it was.
    fn span(&self, span: Span) -> Option<Span> {
        let (mut start, mut end) = (span.start, span.end);
        for edit in self.0.edits() {
            let (grown, shrunk) = (edit.replacement.len(), edit.span.len());
            if edit.span.end <= span.start {
                start = start + grown - shrunk;
                end = end + grown - shrunk;
            } else if edit.span.start < span.end {
                if !span.contains(edit.span) {
                    return None;
                }
                end = end + grown - shrunk;
            }
        }
        Some(Span::new(start, end))
    }
}
