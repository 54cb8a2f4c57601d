use super::census::Taken;
use super::sort::tests::InMemory;
use super::*;
use crate::model::lm::{Id, LanguageModel};

/// Paragraphs in the manner of a local paper, always the same.
pub(in crate::model::lm) fn sample(n: usize) -> Vec<String> {
    const WHO: [&str; 8] = ["市气象局", "县教育局", "记者", "省疾控中心", "一位居民", "派出所民警", "消防救援大队", "王老师"];
    const WHEN: [&str; 6] = ["昨日", "今天上午", "2月11日", "近日", "日前，", "国庆假期期间"];
    const WHAT: [&str; 8] = [
        "发布大风蓝色预警",
        "走访了12户困难家庭",
        "从现场获悉，道路已恢复通行",
        "接到群众报警",
        "表示：“大家都很高兴”",
        "举行第3届读书节",
        "提醒市民注意安全",
        "公布了调查结果（全文见第4版）",
    ];
    let mut number = 7_u64;
    let mut draw = |n: usize| {
        number = number.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        (number >> 33) as usize % n
    };
    (0..n)
        .map(|_| {
            let sentences = 1 + draw(3);
            (0..sentences).map(|_| format!("{}{}{}。", WHEN[draw(6)], WHO[draw(8)], WHAT[draw(8)])).collect()
        })
        .collect()
}

pub(in crate::model::lm) fn build(paragraphs: &[String], order: usize, min_counts: &[u32]) -> Counts {
    with_memory(paragraphs, order, min_counts, 1 << 24)
}

fn with_memory(paragraphs: &[String], order: usize, min_counts: &[u32], memory: usize) -> Counts {
    let mut census = Census::default();
    for paragraph in paragraphs {
        census.add(paragraph, 1.0);
    }
    let mut counter = Counter::new(census.alphabet(3, 500), order, memory, InMemory);
    for paragraph in paragraphs {
        counter.add(paragraph, 1.0).unwrap();
    }
    counter.finish(min_counts).unwrap()
}

/// The probability of a symbol by the definition: explicit, or backed off.
fn probability(trie: &trie::Trie, estimates: &[smooth::Estimates], context: &[Id], id: Id) -> f64 {
    let find = |ids: &[Id]| {
        let mut at = ids[0].index();
        for (level, id) in ids[1..].iter().enumerate() {
            let range = trie.levels[level].children(at);
            at = range.start + trie.levels[level + 1].last[range].binary_search(&id.0).ok()?;
        }
        Some(at)
    };
    let gram: Vec<Id> = context.iter().copied().chain([id]).collect();
    if let Some(at) = find(&gram) {
        return f64::from(estimates[context.len()].probability[at]);
    }
    let left_over = find(context).map_or(1.0, |at| f64::from(estimates[context.len() - 1].left_over[at]));
    left_over * probability(trie, estimates, &context[1..], id)
}

#[test]
fn probabilities_sum_to_one_pruned_or_not() {
    let counts = build(&sample(2000), 4, &[1, 1, 2, 2]);
    let n_symbols = counts.alphabet.n_symbols() as u16;
    let mut trie = counts.trie.clone();
    let mut number = 1_u64;
    for _ in 0..4 {
        let estimates = smooth::estimate(&trie, &counts.discounts);
        for _ in 0..60 {
            number = number.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(3);
            let context: Vec<Id> = (0..number >> 60 & 3).map(|at| Id((number >> (20 + 10 * at)) as u16 % n_symbols)).collect();
            let sum: f64 = (0..n_symbols).map(|id| probability(&trie, &estimates, &context, Id(id))).sum();
            assert!((sum - 1.0).abs() < 1e-3, "{context:?}: {sum}");
        }
        // Known contexts as well, which random ones seldom are.
        for first in (0..n_symbols).map(Id) {
            for second in trie.levels[0].children(first.index()).map(|at| Id(trie.levels[1].last[at])).filter(|&id| id != Id::BOUNDARY) {
                let sum: f64 = (0..n_symbols).map(|id| probability(&trie, &estimates, &[first, second], Id(id))).sum();
                assert!((sum - 1.0).abs() < 1e-3, "{first:?} {second:?}: {sum}");
            }
        }
        let size = prune::size_of(&trie) * 2 / 3;
        trie.retain(&prune::choose(&trie, &prune::losses(&trie, &estimates), size).keep);
        assert!(prune::size_of(&trie) <= size);
    }
}

#[test]
fn a_file_says_what_the_estimates_say() {
    let counts = build(&sample(2000), 4, &[1, 1, 1, 1]);
    let estimates = smooth::estimate(&counts.trie, &counts.discounts);
    let bins = Bins { surprise: 256, backoff: 256 };
    let model = LanguageModel::from_bytes(counts.model(Info::default(), None, bins)).unwrap();
    for paragraph in sample(40) {
        let mut ids = vec![Id::BOUNDARY];
        ids.extend(model.ids(&paragraph));
        for end in 1..ids.len() {
            let context = &ids[end.saturating_sub(3)..end];
            let expected = -probability(&counts.trie, &estimates, context, ids[end]).log2();
            let got = model.score(model.state(context), ids[end]).0;
            assert!((f64::from(got) - expected).abs() < 0.1, "{context:?} {:?}: {got} for {expected}", ids[end]);
        }
    }
}

#[test]
fn without_pruning_it_is_kneser_ney() {
    // 甲 stands after one symbol, 乙 after two: what is left for singles.
    let paragraphs: Vec<String> = ["丙甲", "丙甲丙", "丁乙", "丙乙丁", "丙丁丁"].map(str::to_owned).to_vec();
    let mut census = Census::default();
    for paragraph in &paragraphs {
        assert!(matches!(census.add(paragraph, 1.0), Taken::Counted { .. }));
    }
    let mut counter = Counter::new(census.alphabet(1, 500), 2, 0, InMemory);
    for paragraph in &paragraphs {
        counter.add(paragraph, 1.0).unwrap();
    }
    let counts = counter.finish(&[1, 1]).unwrap();
    let estimates = smooth::estimate(&counts.trie, &counts.discounts);
    let count = |c: char| estimates[0].count[counts.alphabet.id(c).unwrap().index()];
    assert_eq!(count('甲'), 1.0);
    assert_eq!(count('乙'), 2.0);
    assert_eq!(count('丙'), 2.0, "the beginning and 甲");
    assert_eq!(count('丁'), 4.0, "the beginning, 乙, 丙 and 丁");
    assert_eq!(estimates[0].count[Id::BOUNDARY.index()], 4.0, "甲 丙 丁 乙 less the one that ends none");
}

#[test]
fn memory_and_order_of_work_change_no_byte() {
    let paragraphs = sample(2000);
    let whole = build(&paragraphs, 5, &[1, 1, 2, 2, 2]).model(Info::default(), None, Bins::default()).len();
    let size = whole * 2 / 3;
    let bytes = |memory| with_memory(&paragraphs, 5, &[1, 1, 2, 2, 2], memory).model(Info::default(), Some(size), Bins::default());
    let plenty = bytes(1 << 24);
    assert_eq!(plenty, bytes(0));
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(plenty, one_thread.install(|| bytes(1 << 20)));
    assert!((size / 2..=size).contains(&plenty.len()), "{} of {size}: whole groups of equal n-grams go", plenty.len());
}

#[test]
fn rare_n_grams_stay_out() {
    let mut paragraphs = sample(500);
    paragraphs.push("王老师电话是12户".to_owned());
    let counts = build(&paragraphs, 5, &[1, 1, 2, 3, 3]);
    let model = LanguageModel::from_bytes(counts.model(Info::default(), None, Bins::default())).unwrap();
    assert_eq!(model.info().min_counts, [1, 1, 2, 3, 3]);
    assert!(counts.trie.levels[3].raw.iter().chain(&counts.trie.levels[4].raw).all(|&n| n >= 3));
    assert!(model.n_grams().zip(counts.n_grams()).all(|(file, trie)| file == trie));
}

#[test]
fn a_paragraph_counts_once_and_samples_do_not_depend_on_order() {
    let mut census = Census::default();
    assert_eq!(census.add("海洋局发布预报。", 1.0), Taken::Counted { n_chars: 8 });
    assert_eq!(census.add("海 洋局发布预报。", 1.0), Taken::Duplicate);
    assert_eq!(census.add(" \u{3000}", 1.0), Taken::Empty);
    assert_eq!(census.n_duplicates(), 1);
    let taken = |paragraphs: &[String]| -> Vec<String> {
        let mut census = Census::default();
        let counted = |paragraph: &&String| matches!(census.add(paragraph, 0.3), Taken::Counted { .. });
        let mut taken: Vec<String> = paragraphs.iter().filter(counted).cloned().collect();
        taken.sort();
        taken
    };
    let mut paragraphs: Vec<String> = (0..1000).map(|n| format!("第{n}号公告：{}", n * 7)).collect();
    // Digits count as different characters here, for these are different texts.
    let forward = taken(&paragraphs);
    paragraphs.reverse();
    assert_eq!(forward, taken(&paragraphs));
    assert!((250..350).contains(&forward.len()), "{}", forward.len());
}
