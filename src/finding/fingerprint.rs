use sha2::{Digest, Sha256};

use crate::text::Span;

/// Code points of context on either side that enter a fingerprint.
pub const CONTEXT_CHARS: usize = 12;

/// A name for a finding that survives edits elsewhere and a second reading of
/// the page: a hash of the rule, what was observed and the context, without
/// any offset. Whitespace does not count, so a re-wrapped page keeps its
/// fingerprints. 32 hexadecimal digits.
#[must_use]
pub fn fingerprint(rule: &str, text: &str, span: Span) -> String {
    fingerprint_of(rule, span.of(text), &text[..span.start], &text[span.end..])
}

/// The same from the parts: what was observed, and what stands before and
/// after it, of which only the nearest characters count.
#[must_use]
pub fn fingerprint_of(rule: &str, observed: &str, before: &str, after: &str) -> String {
    let before: String = before.chars().rev().filter(|c| !c.is_whitespace()).take(CONTEXT_CHARS).collect();
    let after: String = after.chars().filter(|c| !c.is_whitespace()).take(CONTEXT_CHARS).collect();
    let observed: String = observed.chars().filter(|c| !c.is_whitespace()).collect();
    digest(&[rule, &observed, &before, &after])
}

/// What stands around `span`, as a fingerprint sees it: the nearest code
/// points on either side that are no white space, in the order of the text.
#[must_use]
pub fn surroundings(text: &str, span: Span) -> (String, String) {
    let mut before: Vec<char> = text[..span.start].chars().rev().filter(|c| !c.is_whitespace()).take(CONTEXT_CHARS).collect();
    before.reverse();
    let after = text[span.end..].chars().filter(|c| !c.is_whitespace()).take(CONTEXT_CHARS).collect();
    (before.into_iter().collect(), after)
}

/// The id of one finding of a run: stable over runs on the same inputs.
///
/// `ordinal` counts findings of the same fingerprint in the same file, from 0.
#[must_use]
pub fn finding_id(file: &str, fingerprint: &str, ordinal: usize) -> String {
    digest(&[file, fingerprint, &ordinal.to_string()])[..16].to_owned()
}

fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
