use super::seeds::Run;

/// Reward of two equal letters, and what a wrong, missing or added one costs.
/// With these, two readings that agree in 45 % of their letters still gain,
/// and unrelated Chinese text, which agrees in 2–3 %, loses 3 a letter.
const EQUAL: i32 = 5;
const WRONG: i32 = -3;
const MISSING: i32 = -4;

/// An extension ends where it has lost this much against its best place:
/// a line of some twenty garbled letters is crossed.
const MAX_DROP: i32 = 60;
/// How far the two copies may drift apart within an extension, in letters.
const BAND: usize = 12;
/// An extension's longest reach. Between runs a gap is aligned as a whole, so
/// that only the ends of a passage are reached by extension.
pub const MAX_REACH: usize = 160;

/// How many letters of `a` and of `b` belong together, both read from their
/// start; the best place of an alignment that may end anywhere.
pub fn extend(a: &[u16], b: &[u16]) -> (usize, usize) {
    let a = &a[..a.len().min(MAX_REACH)];
    let b = &b[..b.len().min(MAX_REACH)];
    const WIDTH: usize = 2 * BAND + 1;
    const NOWHERE: i32 = i32::MIN / 2;
    // Row i holds the scores of a[..i] against b[..i + column - BAND], and
    // behind them a place that nothing comes from.
    let mut row = [NOWHERE; WIDTH + 1];
    for (column, score) in row[..WIDTH].iter_mut().enumerate().skip(BAND) {
        *score = (column - BAND) as i32 * MISSING;
    }
    let (mut best, mut reach) = (0, (0, 0));
    for i in 1..=a.len() {
        let mut next = [NOWHERE; WIDTH + 1];
        let (mut left, mut top) = (NOWHERE, NOWHERE);
        let last = WIDTH.min((b.len() + BAND + 1).saturating_sub(i));
        for column in BAND.saturating_sub(i)..last {
            let j = i + column - BAND;
            let mut score = row[column + 1].max(left) + MISSING;
            if j > 0 {
                score = score.max(row[column] + if a[i - 1] == b[j - 1] { EQUAL } else { WRONG });
            }
            (next[column], left) = (score, score);
            top = top.max(score);
            if score > best {
                (best, reach) = (score, (i, j));
            }
        }
        if top < best - MAX_DROP {
            break;
        }
        row = next;
    }
    reach
}

/// Equal letters of two whole stretches, as runs with indexes into them, in
/// order, under an alignment of the best score. Meant for short gaps: time
/// and memory are the product of the lengths.
pub fn equal_runs(a: &[u16], b: &[u16]) -> Vec<Run> {
    let width = b.len() + 1;
    let mut scores = vec![0i32; (a.len() + 1) * width];
    for (j, score) in scores[..width].iter_mut().enumerate() {
        *score = j as i32 * MISSING;
    }
    for i in 1..=a.len() {
        scores[i * width] = i as i32 * MISSING;
        for j in 1..width {
            let diagonal = scores[(i - 1) * width + j - 1] + if a[i - 1] == b[j - 1] { EQUAL } else { WRONG };
            scores[i * width + j] = diagonal.max(scores[(i - 1) * width + j] + MISSING).max(scores[i * width + j - 1] + MISSING);
        }
    }
    let mut runs: Vec<Run> = Vec::new();
    let (mut i, mut j) = (a.len(), b.len());
    while i > 0 && j > 0 {
        let here = scores[i * width + j];
        let equal = a[i - 1] == b[j - 1];
        if here == scores[(i - 1) * width + j - 1] + if equal { EQUAL } else { WRONG } {
            (i, j) = (i - 1, j - 1);
            match runs.last_mut() {
                Some(run) if equal && run.a == i + 1 && run.b == j + 1 => *run = Run { a: i, b: j, len: run.len + 1 },
                _ if equal => runs.push(Run { a: i, b: j, len: 1 }),
                _ => {}
            }
        } else if here == scores[(i - 1) * width + j] + MISSING {
            i -= 1;
        } else {
            j -= 1;
        }
    }
    runs.reverse();
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(text: &str) -> Vec<u16> {
        text.chars().map(|c| c as u16).collect()
    }

    #[test]
    fn an_extension_ends_where_the_texts_part() {
        let a = letters("渔船陆续返港避风全市转入一级响应昨天上午记者走访");
        let b = letters("渔舶陆续返避风全市传入一级响应据气象部门最新消息");
        assert_eq!(extend(&a, &b), (16, 15));
        assert_eq!(extend(&letters("春天"), &letters("冬夜")), (0, 0));
        assert_eq!(extend(&[], &b), (0, 0));
    }

    #[test]
    fn equal_runs_of_two_readings() {
        let runs = equal_runs(&letters("甲乙丙丁戊己"), &letters("甲乙两丁己"));
        assert_eq!(runs, [Run { a: 0, b: 0, len: 2 }, Run { a: 3, b: 3, len: 1 }, Run { a: 5, b: 4, len: 1 }]);
    }
}
