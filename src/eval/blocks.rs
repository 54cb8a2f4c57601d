use super::align::{Run, Tag, nearest_part};
use super::breaks::Found;
use super::edits::likeness;

/// Least length, in characters, of a passage that counts as a block.
const MIN_BLOCK: usize = 20;
/// Two passages are copies when this much of the one stands in the other:
/// either may have a fifth of its characters wrong.
const COPY: f64 = 0.6;
/// Less than this of a removed passage in the truth: engine rubbish, no text.
const RUBBISH: f64 = 0.35;

/// A passage that stands twice in the input.
struct Pair {
    copies: [(usize, usize); 2],
}

/// Duplicated blocks removed: found and right, removed but no duplicate, there.
///
/// A duplicate is a run of the input that the truth (the shortest of the
/// accepted ones, which has every passage once) does not have at that place
/// and that stands elsewhere in the input. It is removed when half of either
/// copy is gone from the corrected text.
pub(super) fn removed_duplicates(input: &[char], to_truth: &[Run], to_corrected: &[Run], corrected: &[char]) -> Found {
    let pairs: Vec<Pair> = long_deletions(to_truth).filter_map(|run| pair(input, run)).collect();
    let gone = deleted(to_corrected, input.len());
    let count = |(start, end): (usize, usize)| gone[start..end].iter().filter(|gone| **gone).count();
    let right = pairs.iter().filter(|pair| pair.copies.iter().any(|&copy| 2 * count(copy) >= copy.1 - copy.0)).count();
    let in_truth = kept(to_truth, input.len());
    let wrong = long_deletions(to_corrected)
        .filter(|run| {
            let span = run.left_start..run.left_end;
            let covered = span.clone().filter(|&at| pairs.iter().any(|pair| pair.copies.iter().any(|copy| (copy.0..copy.1).contains(&at))));
            let true_chars = span.clone().filter(|&at| in_truth[at]).count();
            #[allow(clippy::cast_precision_loss)]
            let is_text = true_chars as f64 >= RUBBISH * run.left_len() as f64;
            2 * covered.count() < run.left_len() && is_text && likeness(&input[span], corrected) < COPY
        })
        .count();
    Found { right, wrong, there: pairs.len() }
}

fn long_deletions(runs: &[Run]) -> impl Iterator<Item = &Run> {
    runs.iter().filter(|run| run.tag == Tag::Delete && run.left_len() >= MIN_BLOCK)
}

/// The run and its other copy, when there is one.
fn pair(input: &[char], run: &Run) -> Option<Pair> {
    let block = &input[run.left_start..run.left_end];
    let sides = [(0, run.left_start), (run.left_end, input.len())];
    let other = sides.into_iter().map(|(from, to)| {
        let (start, end, distance) = nearest_part(block, &input[from..to]);
        (distance, (from + start, from + end))
    });
    let (distance, copy) = other.min()?;
    #[allow(clippy::cast_precision_loss)]
    let alike = 1.0 - distance as f64 / block.len() as f64;
    (alike >= COPY).then_some(Pair { copies: [(run.left_start, run.left_end), copy] })
}

fn deleted(runs: &[Run], n_chars: usize) -> Vec<bool> {
    marked(runs, n_chars, Tag::Delete)
}

fn kept(runs: &[Run], n_chars: usize) -> Vec<bool> {
    marked(runs, n_chars, Tag::Equal)
}

fn marked(runs: &[Run], n_chars: usize, tag: Tag) -> Vec<bool> {
    let mut marked = vec![false; n_chars];
    for run in runs.iter().filter(|run| run.tag == tag) {
        marked[run.left_start..run.left_end].fill(true);
    }
    marked
}

#[cfg(test)]
mod tests {
    use super::super::align::align;
    use super::*;

    const BLOCK: &str = "市农业局组织专家下乡，指导农户抢收早稻，确保颗粒归仓。";
    const COPY_WITH_NOISE: &str = "市农业局组织专家下乡指导农户枪收早稻，确保颗粒归仑。";
    const OTHER: &str = "昨天下午，全市教育工作会议在市政府礼堂召开，各学校负责人参加。";

    fn found(corrected: &str) -> Found {
        let chars = |text: &str| text.chars().collect::<Vec<char>>();
        let input = chars(&format!("{BLOCK}{OTHER}{COPY_WITH_NOISE}"));
        let truth = chars(&format!("{BLOCK}{OTHER}"));
        let corrected = chars(corrected);
        removed_duplicates(&input, &align(&input, &truth), &align(&input, &corrected), &corrected)
    }

    #[test]
    fn either_copy_may_go() {
        assert_eq!(found(&format!("{BLOCK}{OTHER}")), Found { right: 1, wrong: 0, there: 1 });
        assert_eq!(found(&format!("{OTHER}{COPY_WITH_NOISE}")), Found { right: 1, wrong: 0, there: 1 });
        assert_eq!(found(&format!("{BLOCK}{OTHER}{COPY_WITH_NOISE}")), Found { right: 0, wrong: 0, there: 1 });
    }

    #[test]
    fn removing_other_text_is_wrong_and_moving_it_is_not() {
        assert_eq!(found(&format!("{BLOCK}{COPY_WITH_NOISE}")), Found { right: 0, wrong: 1, there: 1 });
        assert_eq!(found(&format!("{OTHER}{BLOCK}{COPY_WITH_NOISE}")).wrong, 0);
    }
}
