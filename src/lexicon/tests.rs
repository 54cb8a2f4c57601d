use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::embedded);
static GAZETTEER: LazyLock<Gazetteer> = LazyLock::new(Gazetteer::embedded);

#[test]
fn the_embedded_data_are_whole() {
    LEXICON.verify().unwrap();
    GAZETTEER.verify().unwrap();
    assert!(LEXICON.len() > 300_000, "{} words", LEXICON.len());
    assert!(GAZETTEER.len() > 40_000, "{} places", GAZETTEER.len());
}

#[test]
fn damaged_data_are_refused() {
    assert!(Gazetteer::from_bytes(b"JKG1 and nothing of it".to_vec().into()).is_err());
    let mut cut = include_bytes!("../../models/gazetteer.bin").to_vec();
    cut.pop();
    assert!(Gazetteer::from_bytes(cut.into()).is_err());
    let mut words = include_bytes!(concat!(env!("OUT_DIR"), "/lexicon.fst")).to_vec();
    let middle = words.len() / 2;
    words[middle] ^= 1;
    let tails = include_bytes!(concat!(env!("OUT_DIR"), "/lexicon-tails.fst")).to_vec();
    assert!(Lexicon::from_bytes(words.into(), tails.into()).and_then(|lexicon| lexicon.verify()).is_err());
}

#[test]
fn absent_is_not_unknown() {
    assert!(matches!(LEXICON.lookup("会议"), Lookup::Known(_)));
    assert_eq!(LEXICON.lookup("议会员"), Lookup::Absent);
    for unknown in ["", "GDP", "3月", "全国人民代表大会常务委员会"] {
        assert_eq!(LEXICON.lookup(unknown), Lookup::Unknown, "{unknown}");
    }
}

#[test]
fn frequencies_follow_usage() {
    let per_million = |word| LEXICON.frequency(word).unwrap().per_million();
    assert!(per_million("的") > 10_000.0);
    assert!(per_million("发展") > 10.0 * per_million("发怵"));
    let one = Frequency::from_per_billion(1000.0);
    assert!((one.per_billion() / 1000.0 - 1.0).abs() < 0.05);
    assert!((one.bits() - 1e6_f64.log2()).abs() < 0.1);
}

#[test]
fn traditional_words_are_found_through_their_simplified_form() {
    assert_eq!(LEXICON.frequency("國民政府"), None);
    assert_eq!(LEXICON.frequency_folded("國民政府"), LEXICON.frequency("国民政府"));
    assert!(LEXICON.frequency_folded("乾隆").is_some(), "written the same way in simplified text");
}

#[test]
fn words_around_a_place() {
    let text = "加快高质量发展";
    let starting: Vec<&str> = LEXICON.words_starting_at(text, 6).map(|(len, _)| &text[6..6 + len]).collect();
    assert!(starting.contains(&"高") && starting.contains(&"高质量"), "{starting:?}");
    let ending: Vec<&str> = LEXICON.words_ending_at(text, text.len()).map(|(len, _)| &text[text.len() - len..]).collect();
    assert!(ending.contains(&"发展"), "{ending:?}");
}

#[test]
fn a_word_across_a_join_is_found() {
    let straddle = LEXICON.straddling("他们认真研", "究了这个问题").unwrap();
    assert_eq!((straddle.left_chars, straddle.right_chars), (1, 1));
    let straddle = LEXICON.straddling("走中国特色社会主", "义道路").unwrap();
    assert_eq!((straddle.left_chars, straddle.right_chars), (3, 1));
    assert_eq!(LEXICON.straddling("会议闭幕。", "昨天"), None);
    assert_eq!(LEXICON.straddling("", "昨天"), None);
    assert_eq!(GAZETTEER.straddling("昨天在石家", "庄市举行"), Some((2, 2)));
}

#[test]
fn a_lost_character_of_a_word_is_found_on_either_side_and_in_the_middle() {
    for (left, right, missing, word) in [
        ("认真学习社会", "义理论", '主', "社会主义"),
        ("坚持社会主", "，推进改革", '义', "社会主义"),
        ("全县。", "事求是地说", '实', "实事求是"),
    ] {
        let found = LEXICON.complete_with_gap(left, right);
        let one = found.iter().find(|one| one.missing == missing).unwrap_or_else(|| panic!("{left}_{right}: {found:?}"));
        assert_eq!(one.word(left, right), word);
    }
    assert_eq!(LEXICON.complete_with_gap("他来了。", "，你呢"), []);
}

#[test]
fn a_lost_character_of_a_place_is_found() {
    for (left, right, missing, name) in [
        ("记者从石", "庄市了解到", '家', "石家庄市"),
        ("记者从", "家庄市了解到", '石', "石家庄市"),
        ("到内蒙古呼和浩", "市参加", '特', "呼和浩特市"),
    ] {
        let found = GAZETTEER.complete_with_gap(left, right);
        let one = found.iter().find(|one| one.missing == missing).unwrap_or_else(|| panic!("{left}_{right}: {found:?}"));
        assert_eq!(one.word(left, right), name);
        assert_eq!(one.value.name(), name);
        assert_eq!(one.value.level(), Level::City);
    }
}

#[test]
fn places_know_what_they_belong_to() {
    let county = GAZETTEER.places("泾县").next().unwrap();
    assert_eq!(county.level(), Level::County);
    assert_eq!(county.parent().unwrap().name(), "宣城市");
    assert_eq!(county.full_path(), "安徽省宣城市泾县");
    let short = GAZETTEER.places("石家庄").next().unwrap();
    assert_eq!(short.name(), "石家庄市");
    assert_eq!(GAZETTEER.places("内蒙古").next().unwrap().name(), "内蒙古自治区");
    assert!(GAZETTEER.places("朝阳区").count() >= 2);
    assert!(GAZETTEER.places("市辖区").next().is_none());
    assert!(GAZETTEER.contains("双桂镇") && !GAZETTEER.contains("双桂"), "a town is listed by its full name only");
    for (name, parent) in [("香港特别行政区", None), ("高雄市", Some("台湾省")), ("济源市", Some("河南省")), ("海淀区", Some("北京市"))]
    {
        let place = GAZETTEER.places(name).next().unwrap_or_else(|| panic!("{name}"));
        assert_eq!(place.parent().map(|parent| parent.name()).as_deref(), parent, "{name}");
    }
}

#[test]
fn place_names_at_a_position_are_listed_shortest_first() {
    let text = "在石家庄市举行";
    let names: Vec<&str> = GAZETTEER.names_starting_at(text, 3).map(|len| &text[3..3 + len]).collect();
    assert_eq!(names, ["石家庄", "石家庄市"]);
}

fn newsprint() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(vec![
            "社会", "主义", "石", "家庄", "市", "研", "究", "会", "议", "国民", "政府", "呼和", "浩特", "。", "，", "3", "月", "A", "\n",
            "　", "𠮷", "實", "事", "求是", "人民", "代表", "大", "的",
        ]),
        0..12,
    )
    .prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn completions_are_words_of_both_sides(left in newsprint(), right in newsprint()) {
        for one in LEXICON.complete_with_gap(&left, &right) {
            let word = one.word(&left, &right);
            prop_assert_eq!(word.chars().count(), one.n_chars());
            prop_assert_eq!(LEXICON.frequency(&word), Some(one.value), "{}", word);
        }
        for one in GAZETTEER.complete_with_gap(&left, &right) {
            prop_assert!(GAZETTEER.places(&one.word(&left, &right)).any(|place| place == one.value));
        }
    }

    #[test]
    fn completions_across_are_those_of_both_sides(left in newsprint(), right in newsprint()) {
        let words: Vec<_> = LEXICON.complete_with_gap(&left, &right).into_iter().filter(|one| one.left_chars > 0 && one.right_chars > 0).collect();
        prop_assert_eq!(LEXICON.complete_across(&left, &right), words);
        let places: Vec<_> =
            GAZETTEER.complete_with_gap(&left, &right).into_iter().filter(|one| one.left_chars > 0 && one.right_chars > 0).collect();
        prop_assert_eq!(GAZETTEER.complete_across(&left, &right), places);
    }

    #[test]
    fn each_completion_is_given_once_and_the_list_is_bounded(left in newsprint(), right in newsprint()) {
        let mut missing: Vec<char> = LEXICON.complete_with_gap(&left, &right).iter().map(|one| one.missing).collect();
        prop_assert!(missing.len() <= 64);
        let n_found = missing.len();
        missing.sort_unstable();
        missing.dedup();
        prop_assert_eq!(missing.len(), n_found);
    }

    #[test]
    fn a_straddling_word_is_a_word(left in newsprint(), right in newsprint()) {
        if let Some(straddle) = LEXICON.straddling(&left, &right) {
            let n_left = left.chars().count();
            let word: String = left.chars().skip(n_left - straddle.left_chars).chain(right.chars().take(straddle.right_chars)).collect();
            prop_assert_eq!(LEXICON.frequency(&word), Some(straddle.frequency));
        }
    }

    #[test]
    fn any_text_is_looked_up_without_a_panic(left in any::<String>(), right in any::<String>()) {
        let _ = (LEXICON.complete_with_gap(&left, &right), GAZETTEER.complete_with_gap(&left, &right));
        let _ = (LEXICON.straddling(&left, &right), GAZETTEER.straddling(&left, &right), LEXICON.lookup(&left));
        prop_assert_eq!(simplify(&left).len(), left.len());
        for (at, _) in left.char_indices() {
            prop_assert!(LEXICON.words_starting_at(&left, at).all(|(len, _)| left.is_char_boundary(at + len)));
            prop_assert!(LEXICON.words_ending_at(&left, at).all(|(len, _)| left.is_char_boundary(at - len)));
        }
    }
}
