//! The dash of Chinese print is two squares wide: 「——」. Read as 「一一」, both
//! halves were misread or neither was; half a dash is worse than what was read.

use super::Suspect;
use crate::finding::Safety;
use crate::text::Span;

const HALF: &str = "—";

/// Makes the two halves of a dash one decision: each gets the mean of their
/// probabilities and the lesser trust. A half that would stay alone is at most
/// suggested: it may join two numbers or places.
pub(super) fn settle(text: &str, suspects: &mut [(Suspect, f64)]) {
    let mut idx = 0;
    while idx < suspects.len() {
        let here = suspects[idx].0.span;
        if !is_half(&suspects[idx].0) {
            idx += 1;
            continue;
        }
        let next = (idx + 1..suspects.len()).take_while(|&other| suspects[other].0.span.start <= here.end);
        let partner = next.into_iter().find(|&other| is_half(&suspects[other].0) && suspects[other].0.span.start == here.end);
        if let Some(partner) = partner {
            let mean = f64::midpoint(suspects[idx].1, suspects[partner].1);
            let at_most = suspects[idx].0.at_most.min(suspects[partner].0.at_most);
            for one in [idx, partner] {
                suspects[one].1 = mean;
                suspects[one].0.at_most = at_most;
            }
            idx = partner + 1;
        } else {
            if !has_partner(text, here) {
                let suspect = &mut suspects[idx].0;
                suspect.at_most = suspect.at_most.min(Safety::Suggested);
            }
            idx += 1;
        }
    }
}

/// True when one character would become half a dash.
fn is_half(suspect: &Suspect) -> bool {
    suspect.put == HALF && !suspect.span.is_empty()
}

fn has_partner(text: &str, span: Span) -> bool {
    text[..span.start].ends_with(HALF) || text[span.end..].starts_with(HALF)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Resources;
    use crate::detect::misread::proposals;

    /// Trust and probability of what is proposed for the halves of a dash in
    /// `text`, with these probabilities to begin with.
    fn settled(text: &str, probabilities: &[f64]) -> Vec<(Safety, f64)> {
        let halves = proposals(text, Resources::embedded()).into_iter().filter(is_half);
        let mut suspects: Vec<(Suspect, f64)> = halves.zip(probabilities.iter().copied()).collect();
        for (suspect, _) in &mut suspects {
            suspect.at_most = Safety::Automatic;
        }
        settle(text, &mut suspects);
        suspects.into_iter().map(|(suspect, probability)| (suspect.at_most, probability)).collect()
    }

    #[test]
    fn both_halves_or_neither() {
        let whole = "昨天，全市最长的一条绿道一一城东绿道正式开放，市民纷纷前来散步。";
        assert_eq!(settled(whole, &[0.95, 0.75]), [(Safety::Automatic, 0.85), (Safety::Automatic, 0.85)]);
        let half = whole.replace("一一", "一—");
        assert_eq!(settled(&half, &[0.95]), [(Safety::Automatic, 0.95)]);
        let alone = whole.replace("一一", "一");
        assert!(settled(&alone, &[0.95]).iter().all(|&(trust, _)| trust == Safety::Suggested));
    }
}
