//! Lists with an index of their own, against the same lists in the automaton.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::host::Means;
use super::*;

/// Keeps in memory.
#[derive(Default)]
struct Shelf {
    kept: Mutex<BTreeMap<String, Vec<u8>>>,
    n_made: AtomicUsize,
}

impl Host for Shelf {
    fn kept(&self, key: &str) -> Option<Vec<u8>> {
        self.kept.lock().unwrap().get(key).cloned()
    }

    fn keep(&self, key: &str, bytes: &[u8]) {
        self.n_made.fetch_add(1, Ordering::Relaxed);
        self.kept.lock().unwrap().insert(key.to_owned(), bytes.to_vec());
    }

    fn each(&self, n: usize, job: &(dyn Fn(usize) + Sync)) {
        // Another order than the files have.
        (0..n).rev().for_each(job);
    }
}

const ABOUT: &str = "name = \"mine\"\nversion = \"1\"\nmessage = { zh = \"试\", en = \"trial\" }\n";

const DEFAULTS: &str = "[defaults]\nclass = \"look-alike\"\nphase = \"words\"\nmessage = { zh = \"「{observed}」\", en = \"{observed}\" }\n\
    why = { zh = \"因\", en = \"because\" }\nsource = \"自编\"\nsafety = \"suggested\"\nconfidence = 0.9\n";

fn source(files: &[(&str, &str)]) -> PackSource {
    let all = [("pack.toml", ABOUT)].into_iter().chain(files.iter().copied());
    let files = all.map(|(path, text)| SourceFile { path: format!("本报/{path}"), text: text.to_owned() }).collect();
    PackSource { origin: "本报".into(), files }
}

fn terms_rule(body: &str) -> String {
    format!("{DEFAULTS}[[rule]]\nid = \"mine/terms\"\nkind = \"lexicon\"\nbad = [[\"甲\", \"乙\"]]\ngood = [\"丙\"]\n{body}\n")
}

fn load(pack: &PackSource, host: &dyn Host, large: usize) -> RuleSet {
    let mut packs = shipped_packs();
    packs.push(pack.clone());
    RuleSet::load_by(&packs, Means { host, large }).unwrap_or_else(|errors| panic!("{}", errors[0].render()))
}

fn errors(pack: &PackSource, large: usize) -> Vec<String> {
    let errors = RuleSet::load_by(std::slice::from_ref(pack), Means { host: &Shelf::default(), large });
    errors.map_or_else(|errors| errors.iter().map(RuleError::render).collect(), |_| Vec::new())
}

fn found(set: &RuleSet, text: &str) -> Vec<Finding> {
    let layout = Layout::new(text);
    let mut found = set.find(Phase::Words, text, &layout);
    found.retain(|finding| finding.rule.starts_with("mine/"));
    found
}

/// Few characters, so that words overlap, repeat, and are near to each other.
fn words(n: usize, lengths: &[usize], seed: u64) -> Vec<String> {
    let chars: Vec<char> = "己已巳末未大太犬入人a径".chars().collect();
    let mut number = seed;
    let mut below = |n: usize| {
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(number >> 33).unwrap() % n
    };
    (0..n).map(|idx| (0..lengths[idx % lengths.len()]).map(|_| chars[below(chars.len())]).collect()).collect()
}

fn text() -> String {
    words(400, &[30, 7, 1], 5).join("\n")
}

fn known_bad() -> PackSource {
    let mut seen = std::collections::BTreeSet::new();
    let mut list = "# 认错的词\n\n".to_owned();
    for (idx, word) in words(600, &[2, 3, 4, 5, 8], 3).into_iter().enumerate().filter(|(_, word)| seen.insert(word.clone())) {
        list += &match idx % 3 {
            0 => format!("{word}   {}正{idx} # 改\n", word.chars().next().unwrap()),
            1 => format!("  {word}\t正{idx}\r\n"),
            _ => format!("{word} # 只标出\n"),
        };
    }
    let rules = format!(
        "{DEFAULTS}[[rule]]\nid = \"mine/few\"\nkind = \"replace\"\ntable = [[\"己大己\", \"已\"]]\nbad = [[\"己大己\", \"已\"]]\ngood = [\"丙\"]\n"
    );
    source(&[("known-bad.txt", &list), ("few.toml", &rules)])
}

#[test]
fn a_list_finds_the_same_with_and_without_an_index_of_its_own() {
    let list = words(500, &[4, 6, 9, 6], 11).join("\n");
    let mut packs = vec![known_bad()];
    for body in ["max_distance = 0.5", "max_distance = 0.5\nedits = \"any\"\ncontext = { not_left = [\"径\"] }"] {
        packs.push(source(&[("rules.toml", &terms_rule(&format!("terms_file = \"names.txt\"\n{body}"))), ("names.txt", &list)]));
    }
    let long: String = list.lines().filter(|line| line.chars().count() > 5).map(|line| format!("{line} # 名\r\n")).collect();
    let both = "terms = [\"己已巳末未大太\", \"a径#径径人人\"]\nterms_file = \"names.txt\"\nmax_distance = 1\nedits = \"any\"";
    packs.push(source(&[("rules.toml", &terms_rule(both)), ("names.txt", &long)]));
    let text = text();
    for pack in packs {
        let (in_automaton, with_index) = (load(&pack, &Alone, usize::MAX), load(&pack, &Alone, 0));
        let expected = found(&in_automaton, &text);
        assert!(expected.len() > 20, "only {} found", expected.len());
        assert_eq!(found(&with_index, &text), expected);
        let indexed = |set: &RuleSet| set.rules().iter().filter(|rule| rule.matcher.has_own_index()).count();
        assert_eq!(indexed(&in_automaton), 0);
        assert!(indexed(&with_index) > 0);
        for (one, other) in in_automaton.rules().iter().zip(with_index.rules()) {
            assert_eq!((&one.head.id, &one.head.body, one.forms()), (&other.head.id, &other.head.body, other.forms()));
        }
        assert_eq!(
            with_index.lint(|rule| rule.head.id.starts_with("mine/known")),
            in_automaton.lint(|rule| rule.head.id.starts_with("mine/known"))
        );
    }
}

#[test]
fn what_is_kept_gives_the_same_and_is_made_once() {
    let text = text();
    let list = words(500, &[6], 11).join("\n");
    for pack in [known_bad(), source(&[("rules.toml", &terms_rule("terms_file = \"names.txt\"")), ("names.txt", &list)])] {
        let shelf = Shelf::default();
        let first = found(&load(&pack, &shelf, 0), &text);
        let n_made = shelf.n_made.load(Ordering::Relaxed);
        assert!(n_made > 0);
        assert_eq!(found(&load(&pack, &shelf, 0), &text), first);
        assert_eq!(shelf.n_made.load(Ordering::Relaxed), n_made, "all of it was there");
        let mut other = pack.clone();
        for file in other.files.iter_mut().filter(|file| file.path.ends_with(".txt")) {
            file.text += "\n己己己己己己";
        }
        load(&other, &shelf, 0);
        assert!(shelf.n_made.load(Ordering::Relaxed) > n_made, "another list was taken for the same");
    }
}

#[test]
fn whatever_became_of_what_was_kept_gives_the_same() {
    let text = text();
    let pack = known_bad();
    let terms = source(&[("rules.toml", &terms_rule("terms_file = \"names.txt\"")), ("names.txt", &words(60, &[6], 11).join("\n"))]);
    for pack in [pack, terms] {
        let shelf = Shelf::default();
        let expected = found(&load(&pack, &shelf, 0), &text);
        let good = shelf.kept.lock().unwrap().clone();
        let spoil: [fn(&mut Vec<u8>); 7] = [
            Vec::clear,
            |bytes| bytes.truncate(bytes.len() / 2),
            |bytes| bytes.truncate(bytes.len() - 1),
            |bytes| bytes[20] ^= 1,
            |bytes| bytes.iter_mut().for_each(|byte| *byte = 0xff),
            |bytes| {
                let middle = bytes.len() / 2;
                bytes[middle] ^= 0x10;
            },
            |bytes| bytes.extend([0; 8]),
        ];
        for spoil in spoil {
            shelf.kept.lock().unwrap().values_mut().for_each(spoil);
            assert_eq!(found(&load(&pack, &shelf, 0), &text), expected);
            assert_eq!(*shelf.kept.lock().unwrap(), good, "made anew");
        }
        // A file that has another's name.
        let any = good.values().next().unwrap().clone();
        shelf.kept.lock().unwrap().values_mut().for_each(|bytes| bytes.clone_from(&any));
        assert_eq!(found(&load(&pack, &shelf, 0), &text), expected);
    }
}

#[test]
fn contradictions_are_told_whether_a_list_is_large_or_not() {
    let earlier = format!("{DEFAULTS}[[rule]]\nid = \"mine/early\"\nkind = \"replace\"\ntable = [[\"末大\", \"未大\"]]\nbad = [[\"甲\", \"乙\"]]\ngood = [\"丙\"]\n")
        .replace("\"words\"", "\"characters\"");
    let cases: [(&str, &str, &str); 6] = [
        ("径河 泾河\n晴天 情天\n径河 经河\n", "", "has the same text already"),
        ("径河 泾河\n径河\n", "", "has the same text already"),
        ("径河 泾河\n泾河 经河\n经河 径河\n", "", "run in a circle"),
        ("大末大人 大未大人\n", &earlier, "is always changed in an earlier phase"),
        ("未大 末大\n", &earlier, "run in a circle: 末大 → 未大 → 末大"),
        ("径河 泾河\n一个 两个 三个\n字 词\n", "", "more than two words"),
    ];
    for (list, rules, expected) in cases {
        let pack = source(&[("known-bad.txt", list), ("early.toml", rules)]);
        let told = errors(&pack, 0);
        assert!(told.iter().any(|told| told.contains(expected)), "{told:#?}");
        assert_eq!(told, errors(&pack, usize::MAX), "{list}");
    }
    let clean = source(&[("known-bad.txt", "大径河 大泾河 # 径河\n径河 泾河\n河\n"), ("early.toml", &earlier)]);
    assert_eq!((errors(&clean, 0), errors(&clean, usize::MAX)), (Vec::new(), Vec::new()));
}

#[test]
fn two_large_lists_are_held_against_each_other() {
    let mut packs = vec![source(&[("known-bad.txt", "径河 泾河\n")]), source(&[("known-bad.txt", "泾河 径河\n")])];
    packs[1].files[0].text = ABOUT.replace("mine", "ours");
    for large in [0, usize::MAX] {
        let told = RuleSet::load_by(&packs, Means { host: &Shelf::default(), large }).unwrap_err();
        assert_eq!(told.len(), 1);
        assert!(told[0].render().contains("run in a circle: 径河 → 泾河 → 径河"), "{}", told[0].render());
    }
}

#[test]
fn a_slip_in_a_list_is_told_with_file_line_and_column() {
    let told = |files: &[(&str, &str)], large: usize| errors(&source(files), large).join("");
    for large in [0, usize::MAX] {
        let rule = terms_rule("terms_file = \"names.txt\"");
        let short = told(&[("rules.toml", &rule), ("names.txt", "# 名\n居民委员会主任\n  石家庄\n医疗 保险公司\n")], large);
        assert!(short.contains("本报/names.txt:3:3: 「石家庄」 has fewer than 6 characters"), "{short}");
        assert!(short.contains("本报/names.txt:4:1: "), "{short}");
        let empty = told(&[("rules.toml", &rule), ("names.txt", "# 名\n\n")], large);
        assert!(empty.contains("rules.toml:14:14: `names.txt` holds no term"), "{empty}");
    }
    let missing = told(&[("rules.toml", &terms_rule("terms_file = \"name.txt\"")), ("names.txt", "居民委员会主任\n")], 0);
    assert!(
        missing.contains("rules.toml:14:14: there is no list `name.txt` in the pack") && missing.contains("write `names.txt`"),
        "{missing}"
    );
    for outside in ["../names.txt", "/names.txt", "..\\\\names.txt", "C:names.txt", "sub/names.txt"] {
        let told = told(&[("rules.toml", &terms_rule(&format!("terms_file = \"{outside}\""))), ("names.txt", "居民委员会主任\n")], 0);
        assert!(told.contains("rules.toml:14:14: ") && told.contains("does not lie in the folder of the pack"), "{told}");
    }
    let toml = told(&[("rules.toml", &terms_rule("terms_file = \"pack.toml\""))], 0);
    assert!(toml.contains("there is no list `pack.toml` in the pack"), "{toml}");
    let neither = told(&[("rules.toml", &terms_rule("max_distance = 1"))], 0);
    assert!(neither.contains("has terms or terms_file"), "{neither}");
    let many: String = (0..2000).map(|n| format!("短{n}\n")).collect();
    let n_told = errors(&source(&[("rules.toml", &terms_rule("terms_file = \"names.txt\"")), ("names.txt", &many)]), 0).len();
    assert_eq!(n_told, 100, "nobody reads two thousand");
}

#[test]
fn a_measurement_is_of_the_list_as_it_was() {
    let body = |list: &str, rule: &str| {
        let set = load(&source(&[("rules.toml", &terms_rule(rule)), ("names.txt", list)]), &Alone, 0);
        set.get("mine/terms").unwrap().head.body.clone()
    };
    let before = body("居民委员会主任\n", "terms_file = \"names.txt\"");
    assert_eq!(body("居民委员会主任 # 注\n", "terms_file = \"names.txt\""), before);
    assert_ne!(body("居民委员会主席\n", "terms_file = \"names.txt\""), before);
}
