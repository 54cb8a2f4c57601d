use proptest::prelude::*;

use super::*;

fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

/// The textbook table, to compare with.
fn plain_distance(left: &[char], right: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

fn cost(runs: &[Run]) -> usize {
    runs.iter().filter(|run| run.tag != Tag::Equal).map(|run| run.left_len().max(run.right_len())).sum()
}

fn check(left: &[char], right: &[char]) {
    let expected = plain_distance(left, right);
    assert_eq!(distance(left, right), expected);
    let runs = align(left, right);
    assert_eq!(cost(&runs), expected);
    let (mut i, mut j) = (0, 0);
    for run in &runs {
        assert_eq!((run.left_start, run.right_start), (i, j));
        assert_eq!(run.tag == Tag::Equal, left[i..run.left_end] == right[j..run.right_end] && run.left_len() > 0);
        (i, j) = (run.left_end, run.right_end);
    }
    assert_eq!((i, j), (left.len(), right.len()));
}

#[test]
fn small_cases() {
    for (left, right) in [("", ""), ("甲", ""), ("", "乙丙"), ("石庄市", "石家庄市"), ("己经", "已经"), ("甲乙丙", "丙乙甲")]
    {
        check(&chars(left), &chars(right));
    }
}

#[test]
fn long_texts_are_halved_and_agree_with_the_plain_table() {
    let left: Vec<char> = (0..3000_u32).map(|i| char::from_u32(0x4e00 + i * i % 97).unwrap()).collect();
    let mut right = left.clone();
    right.drain(700..1400);
    right.splice(200..260, chars("一二三四五六七八九十").into_iter().cycle().take(300));
    right.rotate_left(41);
    check(&left, &right);
    check(&right, &left);
}

#[test]
fn the_nearest_part_is_found() {
    let text = chars("前面的话。市委书记昨天到基层调研。后面的话。");
    let (start, end, distance) = nearest_part(&chars("市委书纪昨天基层调研"), &text);
    assert_eq!(text[start..end].iter().collect::<String>(), "市委书记昨天到基层调研");
    assert_eq!(distance, 2);
}

#[test]
fn places_follow_the_alignment() {
    let (left, right) = (chars("石庄市长"), chars("石家庄市"));
    assert_eq!(places(&align(&left, &right), left.len()), [0, 2, 3, 4, 4]);
}

proptest! {
    #[test]
    fn agrees_with_the_plain_table(left in "[甲乙丙丁]{0,200}", right in "[甲乙丙丁]{0,200}") {
        check(&chars(&left), &chars(&right));
    }

    #[test]
    fn agrees_on_texts_with_few_differences(
        base in "[甲乙丙丁戊己庚辛]{150,400}",
        cuts in prop::collection::vec((0.0..1.0_f64, 0..9_usize, "[甲乙丙]{0,9}"), 0..5),
    ) {
        let left = chars(&base);
        let mut right = left.clone();
        for (at, length, new) in cuts {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
            let start = (at * right.len() as f64) as usize;
            let end = (start + length).min(right.len());
            right.splice(start..end, chars(&new));
        }
        check(&left, &right);
    }
}
