use proptest::prelude::*;

use super::*;

/// Habits of 2,000 characters: 已 read as 己, 。 lost at ends of paragraphs.
const SMALL: &str = "# jiaokan habits 1
# a comment
kind\tread\tprinted\tcontext\tcount\tpages
pages\t\t\t\t4\t0
sum-printed\t\t\than\t1800\t0
sum-misread\t\t\than\t30\t0
sum-lost\t\t\than\t4\t0
sum-printed\t\t\tmark\t200\t0
sum-lost\t\t\tmark\t25\t0
sum-spurious\t\t\tmark\t8\t0
alike\t\t\than 10 1 1\t4\t100000
alike\t\t\than 18 1 1\t20\t4000
alike\t\t\trest 3 0 0\t2\t9000
misread\t己\t已\t\t12\t3
mark\t,\t，\t\t9\t4
lost\t\t。\than break\t20\t4
spurious\t|\t\t\t6\t2
split\t女子\t好\t\t3\t2
merged\t体\t人本\t\t2\t2
place\t\t。\tmark han break\t40\t0
place\t\t。\tmark han han\t60\t0
printed\t\t已\t\t60\t0
printed\t\t的\t\t90\t0
printed\t\t。\t\t100\t0
printed\t\t\\u{5c}\t\t1\t0
";

fn small() -> Channel {
    Channel::new(&Habits::load("small.tsv", SMALL).unwrap())
}

#[test]
fn an_engine_of_which_nothing_is_known_is_taken_to_read_well() {
    let channel = Channel::new(&Habits::default());
    for c in ['的', '，', '7', 'a'] {
        assert!(channel.cost_correct(c) < 0.1 && channel.cost_lost(c) > 6.0, "{c}");
    }
    assert!(channel.cost('己', '已') > 6.0);
}

#[test]
fn the_embedded_tables_are_read() {
    let channel = Channel::embedded();
    assert!(Habits::embedded().pages >= 60);
    assert!(channel.cost('己', '已') < channel.cost('国', '已'));
    assert!(channel.cost_correct('的') < 0.1);
}

#[test]
fn what_was_seen_is_cheaper_than_what_only_looks_alike() {
    let channel = small();
    assert!(channel.cost('己', '已') < 4.0, "12 of 60 and the shape: {}", channel.cost('己', '已'));
    assert!(channel.cost('己', '已') < channel.cost('已', '己'));
    assert!(channel.cost('已', '己') < channel.cost('国', '己'));
    assert!(channel.cost_correct('已') > channel.cost_correct('的'));
    assert_eq!(channel.cost('已', '已'), channel.cost_correct('已'));
}

#[test]
fn a_mark_is_lost_at_the_end_of_a_paragraph_more_often_than_inside() {
    let channel = small();
    let end = channel.cost_lost_at('。', Place { left: Class::Han, right: Class::Break });
    let inside = channel.cost_lost_at('。', Place { left: Class::Han, right: Class::Han });
    assert!(end < channel.cost_lost('。') && channel.cost_lost('。') < inside, "{end} {inside}");
    assert!(channel.cost_lost('的') > channel.cost_lost('。'));
}

#[test]
fn spurious_splits_and_merges() {
    let channel = small();
    assert!(channel.cost_spurious('|') < channel.cost_spurious('国'));
    assert_eq!(channel.splits(['女', '子']).iter().map(|split| split.0).collect::<String>(), "好");
    assert_eq!(channel.merges('体')[0].0, ['人', '本']);
    assert_eq!(channel.splits(['子', '女']), []);
}

#[test]
fn candidates_are_ordered_by_cost_and_hold_the_habits() {
    let channel = small();
    let candidates = channel.candidates('己', 40);
    assert_eq!(candidates.len(), 40);
    assert_eq!(candidates[0].0, '已');
    let total = |candidate: &(char, f32)| candidate.1 + channel.glyphs().bits(candidate.0);
    assert!(candidates.windows(2).all(|pair| total(&pair[0]) <= total(&pair[1])));
    for &(printed, cost) in &candidates {
        assert!((channel.cost('己', printed) - cost).abs() < 1e-4, "{printed} {cost} {}", channel.cost('己', printed));
        assert_ne!(printed, '己');
    }
    let some = channel.candidates_by('己', 9, |c| (c == '巴' || c == '已').then_some(if c == '已' { 50.0 } else { 0.0 }));
    assert_eq!(some.iter().map(|candidate| candidate.0).collect::<String>(), "巴已");
}

#[test]
fn a_character_outside_the_glyph_table_has_its_habits_only() {
    let text = format!("{HABITS_HEADER}\nmisread\t\u{1f600}\t笑\t\t4\t2\n");
    let channel = Channel::new(&Habits::load("x", &text).unwrap());
    assert_eq!(channel.candidates('\u{1f600}', 9).iter().map(|candidate| candidate.0).collect::<String>(), "笑");
    assert_eq!(channel.candidates('\u{1f601}', 9), []);
}

#[test]
fn a_file_is_read_as_it_was_written() {
    let habits = Habits::load("small.tsv", SMALL).unwrap();
    let again = Habits::load("again.tsv", &habits.to_tsv(&["two".into(), "notes".into()])).unwrap();
    assert_eq!(habits, again);
    assert_eq!(habits.printed[&'\\'], 1);
}

#[test]
fn merging_adds_and_pruning_leaves_out() {
    let mut habits = Habits::load("small.tsv", SMALL).unwrap();
    habits.merge(&habits.clone());
    let misread = Habit::Misread { read: '己', printed: '已' };
    assert_eq!(habits.tallies[&misread], Tally { count: 24, pages: 6 });
    assert_eq!((habits.pages, habits.printed[&'已'], habits.sums[&Class::Han].printed), (8, 120, 3600));
    let pruned = habits.pruned(8, 1000, Glyphs::embedded());
    assert_eq!(
        pruned.tallies.keys().copied().collect::<Vec<_>>(),
        [
            Habit::Misread { read: ',', printed: '，' },
            Habit::Lost { printed: '。', place: Place { left: Class::Han, right: Class::Break } },
        ]
    );
    assert_eq!(pruned.printed.keys().collect::<String>(), "。");
}

#[test]
fn errors_say_where_and_what_to_do() {
    for (line, column, words) in [
        ("misread\t己\t已\t\t3", 1, "5 columns"),
        ("miss\t己\t已\t\t3\t1", 1, "the kinds are"),
        ("misread\t己己\t已\t\t3\t1", 9, "one character"),
        ("misread\t己\t已\t\t-3\t1", 14, "whole number"),
        ("misread\t己\t已\t\t3\t4", 16, "more pages than times"),
        ("misread\t已\t已\t\t3\t1", 11, "no error"),
        ("lost\t\t。\than\t3\t1", 9, "2 classes"),
        ("split\t女\t好\t\t3\t1", 7, "two characters"),
        ("alike\t\t\than 20 1 1\t3\t0", 9, "must stand here"),
        ("spurious\t\\u{110000}\t\t\t3\t1", 10, "hexadecimal"),
    ] {
        let error = Habits::load("my habits.tsv", &format!("{HABITS_HEADER}\n\n{line}\n")).unwrap_err();
        assert_eq!((error.line, error.column), (3, column), "{line}: {error}");
        let message = error.full_message();
        assert!(message.en.starts_with(&format!("my habits.tsv:3:{column}: ")) && message.en.contains(words), "{}", message.en);
        assert!(message.zh.starts_with(&format!("my habits.tsv:3:{column}：")), "{}", message.zh);
    }
    assert_eq!(Habits::load("x", "").unwrap_err().line, 1);
}

proptest! {
    #[test]
    fn costs_are_finite_and_never_negative(a in any::<char>(), b in "[己已的。，a1■\\PC]", left in 0_usize..6, right in 0_usize..6) {
        let b = b.chars().next().unwrap();
        let place = Place { left: Class::ALL[left], right: Class::ALL[right] };
        for channel in [Channel::embedded(), &small()] {
            for cost in [
                channel.cost(a, b), channel.cost(b, a), channel.cost_correct(a), channel.cost_correct(b), channel.cost_lost(a),
                channel.cost_lost(b), channel.cost_lost_at(b, place), channel.cost_spurious(a), channel.cost_spurious(b),
            ] {
                prop_assert!(cost.is_finite() && cost >= 0.0, "{a:?} {b:?} {cost}");
            }
        }
    }

    #[test]
    fn garbled_files_never_panic(rows in prop::collection::vec((0_usize..26, 0_usize..80, any::<char>()), 0..9)) {
        let mut lines: Vec<Vec<char>> = SMALL.lines().map(|line| line.chars().collect()).collect();
        for (line, at, c) in rows {
            let n_lines = lines.len();
            let line = &mut lines[line % n_lines];
            if at < line.len() { line[at] = c } else { line.push(c) }
        }
        let text: String = lines.iter().map(|line| line.iter().chain(&['\n']).collect::<String>()).collect();
        match Habits::load("garbled.tsv", &text) {
            Ok(habits) => {
                let channel = Channel::new(&habits);
                prop_assert!(channel.cost('己', '已') >= 0.0 && channel.cost_lost('。') >= 0.0);
                let _ = channel.candidates('己', 5);
            }
            Err(error) => prop_assert!(error.line >= 1 && error.column >= 1),
        }
    }

    #[test]
    fn huge_counts_do_not_overflow(counts in prop::collection::vec(prop::sample::select(vec![0, 1, u64::MAX / 2, u64::MAX]), 24)) {
        let rows = SMALL.lines().map(str::to_owned).enumerate().map(|(idx, line)| {
            let mut fields: Vec<String> = line.split('\t').map(str::to_owned).collect();
            if fields.len() == 6 && idx > 2 { fields[4] = counts[idx % counts.len()].to_string(); fields[5] = "0".into(); }
            fields.join("\t") + "\n"
        });
        let mut habits = Habits::load("huge.tsv", &rows.collect::<String>()).unwrap();
        habits.merge(&habits.clone());
        let channel = Channel::new(&habits);
        for cost in [channel.cost('己', '已'), channel.cost_correct('已'), channel.cost_lost('。'), channel.cost_spurious('|')] {
            prop_assert!(cost.is_finite() && cost >= 0.0, "{cost}");
        }
    }
}
