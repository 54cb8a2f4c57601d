//! Links, names of files and tests, versions, words and the guide of damage.

use std::collections::BTreeSet;

use jiaokan::detect::registry;
use jiaokan::rules::RuleSet;

use super::{exists, files, quoted, read, table};

/// Folders whose files documents and comments name by path.
const NAMED: [&str; 11] = ["src/", "docs/", "rules/", "tests/", "corpus/", "models/", "xtask/", "fuzz/", "examples/", "benches/", ".ci/"];

fn documents() -> Vec<String> {
    files("", "md")
}

/// The targets of the links in a Markdown text.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

/// The address that a heading gets.
fn slug(heading: &str) -> String {
    let letters = heading.trim_start_matches('#').trim().to_lowercase();
    letters.chars().filter_map(|c| if c == ' ' { Some('-') } else { (c.is_alphanumeric() || c == '-' || c == '_').then_some(c) }).collect()
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut broken = Vec::new();
    let mut n_links = 0;
    for document in documents() {
        let text = read(&document);
        let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
        for link in links(&text).filter(|link| !link.contains("://") && !link.starts_with("mailto:")) {
            n_links += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() { document.clone() } else { format!("{folder}/{path}").trim_start_matches('/').to_owned() };
            if !exists(&target) {
                broken.push(format!("{document}: {link}"));
            } else if !anchor.is_empty() && !read(&target).lines().any(|line| line.starts_with('#') && slug(line) == anchor) {
                broken.push(format!("{document}: {link}: no such heading"));
            }
        }
    }
    assert!(n_links > 10, "links are found");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn files_named_in_documents_and_comments_exist() {
    let mut missing = Vec::new();
    let sources = ["src", "tests", "xtask", "examples", "benches"].iter().flat_map(|folder| files(folder, "rs"));
    for path in documents().into_iter().chain(sources) {
        let text = read(&path);
        let comments = |line: &&str| path.ends_with(".md") || line.trim_start().starts_with("//");
        for named in text.lines().filter(comments).flat_map(quoted) {
            let plain = named.chars().all(|c| c.is_alphanumeric() || "/._-".contains(c));
            // Git ignores the first three; the last is written on demand.
            let ignored =
                ["fuzz/corpus", "fuzz/artifacts", "fuzz/target", "docs/figures.json"].iter().any(|folder| named.starts_with(folder));
            if plain && !ignored && NAMED.iter().any(|folder| named.starts_with(folder)) && !exists(&named) {
                missing.push(format!("{path}: {named}"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// Every version of this program that a text states.
fn versions(text: &str) -> Vec<String> {
    let stated = |before: &str| {
        text.split(before)
            .skip(1)
            .map(|rest| rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect::<String>())
            .filter(|version| version.contains('.') && version.starts_with(|c: char| c.is_ascii_digit()))
            .map(|version| version.trim_end_matches('.').to_owned())
            .collect::<Vec<_>>()
    };
    ["jiaokan ", "jiaokan v", "jiaokan = \"", "jiaokan-"].iter().flat_map(|before| stated(before)).collect()
}

#[test]
fn no_document_states_another_version() {
    assert_eq!(versions("jiaokan 9.1.2, jiaokan = \"8.0\" and jiaokan fix"), ["9.1.2", "8.0"]);
    for document in documents().into_iter().filter(|document| document != "CHANGELOG.md") {
        for version in versions(&read(&document)) {
            assert!(env!("CARGO_PKG_VERSION").starts_with(&version), "{document} speaks of version {version}");
        }
    }
}

#[test]
fn one_thing_has_one_name() {
    let glossary = table(&read("ARCHITECTURE.md"), "## Words");
    let banned: BTreeSet<String> =
        glossary.iter().flat_map(|row| row[3].split(['，', ',', '、'])).map(|word| word.trim().to_lowercase()).collect();
    let banned: Vec<&String> = banned.iter().filter(|word| !word.is_empty() && *word != "–").collect();
    assert!(banned.len() > 10, "the glossary bans synonyms: {banned:?}");
    let mut found = Vec::new();
    let told = ["src/report", "src/cli"].iter().flat_map(|folder| files(folder, "rs").into_iter().chain(files(folder, "html")));
    // The protocol of language servers has words of its own.
    let told = told.filter(|path| !path.ends_with("tests.rs") && !path.ends_with("fixture.rs") && !path.starts_with("src/cli/lsp/"));
    for path in documents().into_iter().chain(told) {
        let text = read(&path).to_lowercase();
        for (idx, line) in text.lines().enumerate() {
            // The glossary itself has to name them.
            let own = path == "ARCHITECTURE.md" && line.starts_with('|');
            let words: Vec<&str> = line.split(|c: char| !c.is_ascii_alphanumeric()).collect();
            for word in banned.iter().filter(|_| !own) {
                let plural = format!("{word}s");
                let hit = if word.is_ascii() && !word.contains(' ') {
                    words.contains(&word.as_str()) || words.contains(&plural.as_str())
                } else {
                    line.contains(word.as_str())
                };
                if hit {
                    found.push(format!("{path}:{}: {word}", idx + 1));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_folder_of_the_source_has_a_heading_and_tests_that_hold_it() {
    let text = read("ARCHITECTURE.md");
    let folders: BTreeSet<String> =
        files("src", "rs").iter().filter_map(|path| path.strip_prefix("src/")?.split_once('/').map(|(name, _)| name.to_owned())).collect();
    let code: String = ["src", "tests"].iter().flat_map(|folder| files(folder, "rs")).map(|path| read(&path)).collect();
    let sections: Vec<&str> = text.split("\n### ").skip(1).collect();
    for folder in folders {
        let section = sections
            .iter()
            .find(|section| section.starts_with(&format!("`{folder}`")))
            .unwrap_or_else(|| panic!("no heading for {folder}"));
        assert!(section.contains("**Invariant.**") && section.contains("Held by"), "{folder}: an invariant and what holds it");
    }
    let mut n_tests = 0;
    for held in text.split("Held by").skip(1) {
        for test in quoted(held.split("\n\n").next().unwrap()).iter().filter(|name| name.contains('_') && !name.contains(['/', '.', ':'])) {
            n_tests += 1;
            assert!(code.contains(&format!("fn {test}(")), "there is no test {test}");
        }
    }
    assert!(n_tests > 20, "tests are named");
}

#[test]
fn the_changelog_names_every_rule_or_its_pack() {
    let text = read("CHANGELOG.md");
    let detectors: Vec<String> = registry().iter().map(|detector| detector.meta().id.to_owned()).collect();
    for id in &detectors {
        assert!(text.contains(&format!("`{id}`")), "{id} is not in CHANGELOG.md");
    }
    for pack in RuleSet::shipped().packs() {
        assert!(text.contains(&format!("`{}/…`", pack.name)), "{} is not in CHANGELOG.md", pack.name);
    }
}
