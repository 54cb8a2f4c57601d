//! How loading and reading grow with the number of rules and of terms.
//!
//! `cargo bench --bench rule_count` prints a line for each size: time to check
//! and compile the packs the first time and with the compiled lists kept, and
//! speed of one phase over a text. Words are made up of frequent characters, so
//! that triggers are hit as often as real ones. `-- terms` prints the rows of
//! terms only.

use std::fmt::Write as _;
use std::fs;
use std::time::Instant;

use jiaokan::document::Layout;
use jiaokan::finding::Phase;
use jiaokan::rules::{Host, PackSource, RuleSet, SourceFile, shipped_packs};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

/// Characters of which words and texts are made.
const CHARS: &str = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严";

/// The same numbers on every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }

    fn word(&mut self, chars: &[char], n: usize) -> String {
        (0..n).map(|_| chars[self.below(chars.len())]).collect()
    }
}

fn pack(files: Vec<(String, String)>) -> PackSource {
    let head = "name = \"made\"\nversion = \"1\"\nmessage = { zh = \"合成\", en = \"made up\" }\n";
    let mut all = vec![SourceFile { path: "made/pack.toml".to_owned(), text: head.to_owned() }];
    all.extend(files.into_iter().map(|(path, text)| SourceFile { path: format!("made/{path}"), text }));
    PackSource { origin: "made".to_owned(), files: all }
}

const DEFAULTS: &str = "[defaults]\nclass = \"look-alike\"\nphase = \"words\"\nmessage = { zh = \"「{observed}」\", en = \"{observed}\" }\n\
    why = { zh = \"例\", en = \"made up\" }\nsource = \"合成\"\nsafety = \"suggested\"\nconfidence = 0.9\n";

fn rules(n: usize, chars: &[char]) -> PackSource {
    let mut numbers = Numbers(7);
    let mut files = Vec::new();
    for start in (0..n).step_by(2000) {
        let mut text = format!("{DEFAULTS}kind = \"replace\"\n");
        for idx in start..(start + 2000).min(n) {
            let word = numbers.word(chars, 4);
            let (from, to) = (format!("{word}甲{idx}"), format!("{word}乙{idx}"));
            let _ = write!(
                text,
                "[[rule]]\nid = \"made/rule-{idx}\"\ntable = [[\"{from}\", \"{to}\"]]\nbad = [[\"{from}\", \"{to}\"]]\ngood = [\"{to}\"]\n"
            );
        }
        files.push((format!("{start:06}.toml"), text));
    }
    pack(files)
}

/// A rule with its terms in a file.
fn terms(n: usize, chars: &[char]) -> PackSource {
    let mut numbers = Numbers(11);
    let list: Vec<String> = (0..n).map(|_| numbers.word(chars, 6)).collect();
    let rule = format!(
        "{DEFAULTS}kind = \"lexicon\"\n[[rule]]\nid = \"made/terms\"\nmax_distance = 0.5\nterms_file = \"names.txt\"\nbad = [[\"a\", \"a\"]]\ngood = [\"b\"]\n"
    );
    pack(vec![("terms.toml".to_owned(), rule), ("names.txt".to_owned(), list.join("\n"))])
}

fn known_bad(n: usize, chars: &[char]) -> PackSource {
    let mut numbers = Numbers(13);
    let mut text = String::new();
    for idx in 0..n {
        let word = numbers.word(chars, 4);
        let _ = writeln!(text, "{word}甲{idx} {word}乙{idx}");
    }
    pack(vec![("known-bad.txt".to_owned(), text)])
}

/// A folder that keeps compiled lists, and all threads, as the program has.
struct Folder(tempfile::TempDir);

impl Host for Folder {
    fn kept(&self, key: &str) -> Option<Vec<u8>> {
        fs::read(self.0.path().join(key)).ok()
    }

    fn keep(&self, key: &str, bytes: &[u8]) {
        fs::write(self.0.path().join(key), bytes).expect("a temporary folder can be written");
    }

    fn each(&self, n: usize, job: &(dyn Fn(usize) + Sync)) {
        (0..n).into_par_iter().for_each(job);
    }
}

/// The shortest of a few times to do something, in milliseconds, and what
/// came of it.
fn shortest<T>(n: usize, mut what: impl FnMut() -> T) -> (f64, T) {
    let mut best = f64::INFINITY;
    let mut made = None;
    for _ in 0..n {
        drop(made.take());
        let start = Instant::now();
        made = Some(what());
        best = best.min(start.elapsed().as_secs_f64() * 1e3);
    }
    (best, made.expect("it was done at least once"))
}

fn measure(what: &str, n: usize, made: PackSource, text: &str) {
    let mut packs = shipped_packs();
    packs.push(made);
    let folder = Folder(tempfile::tempdir().expect("there is room for a temporary folder"));
    let load = || match RuleSet::load_with(&packs, &folder) {
        Ok(set) => set,
        Err(errors) => panic!("{}", errors[0]),
    };
    let (cold, set) = shortest(1, load);
    drop(set);
    let (warm, set) = shortest(3, load);
    let layout = Layout::new(text);
    let (read, n_found) = shortest(5, || set.find(Phase::Words, text, &layout).len());
    let speed = text.len() as f64 / read / 1e3;
    println!("{what:10} {n:>9}  load cold {cold:>8.1} ms  warm {warm:>6.1} ms  read {speed:>7.1} MB/s  ({n_found} found)");
}

fn main() {
    let chars: Vec<char> = CHARS.chars().collect();
    let mut numbers = Numbers(3);
    let mut text = String::new();
    for _ in 0..20_000 {
        text += &numbers.word(&chars, 18);
        text += "，\n";
    }
    // The first look-up reads the word list; it is not what is measured.
    let _ = RuleSet::shipped().find(Phase::Words, &text, &Layout::new(&text));
    // Rows may be chosen by their first word.
    let chosen: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let measure = |what: &str, n: usize, make: fn(usize, &[char]) -> PackSource| {
        if chosen.is_empty() || chosen.iter().any(|word| word == what) {
            measure(what, n, make(n, &chars), &text);
        }
    };
    for n in [10, 100, 1_000, 10_000] {
        measure("rules", n, rules);
    }
    for n in [1_000, 10_000, 100_000, 1_000_000] {
        measure("known-bad", n, known_bad);
    }
    for n in [1_000, 10_000, 100_000, 1_000_000] {
        measure("terms", n, terms);
    }
}
