use super::*;

#[test]
fn the_shipped_packs_load_and_hold_every_file_of_the_folder() {
    let packs = match RuleSet::load(&shipped_packs()) {
        Ok(set) => set.packs().len(),
        Err(errors) => panic!("{}", errors.iter().map(RuleError::render).collect::<String>()),
    };
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut on_disk: Vec<String> = Vec::new();
    for pack in std::fs::read_dir(folder).unwrap() {
        let pack = pack.unwrap();
        for file in std::fs::read_dir(pack.path()).unwrap() {
            on_disk.push(format!("rules/{}/{}", pack.file_name().to_string_lossy(), file.unwrap().file_name().to_string_lossy()));
        }
    }
    let mut listed: Vec<String> = shipped_packs().into_iter().flat_map(|pack| pack.files).map(|file| file.path).collect();
    on_disk.sort();
    listed.sort();
    assert_eq!(listed, on_disk, "src/rules/shipped.rs lists other files than rules/ holds");
    assert_eq!(packs, std::fs::read_dir(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")).unwrap().count());
}

#[test]
fn every_example_in_the_shipped_packs_comes_out_as_its_author_said() {
    let failed: Vec<String> = RuleSet::shipped()
        .run_examples(|_| true)
        .into_iter()
        .filter(|report| report.outcome != ExampleOutcome::Validated)
        .map(|report| {
            format!("{}:{} {} {:?} → {:?}, expected {:?}", report.path, report.line, report.rule, report.text, report.got, report.expected)
        })
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn the_shipped_packs_have_nothing_to_lint() {
    let lints = RuleSet::shipped().lint(|_| true);
    assert!(lints.is_empty(), "{lints:#?}");
}

/// One pack with one rule file.
fn pack(rules: &str) -> Vec<PackSource> {
    let file = |path: &str, text: &str| SourceFile { path: format!("本报 规则/{path}"), text: text.to_owned() };
    let about = "name = \"mine\"\nversion = \"1\"\nmessage = { zh = \"试\", en = \"trial\" }\n";
    vec![PackSource { origin: "本报 规则".into(), files: vec![file("pack.toml", about), file("词.toml", rules)] }]
}

/// A rule that is complete but for its kind and body; the body begins in line 13.
fn rule(id: &str, body: &str) -> String {
    format!(
        "\n[[rule]]\nid = \"mine/{id}\"\nclass = \"look-alike\"\nphase = \"words\"\nmessage = {{ zh = \"错\", en = \"wrong\" }}\n\
         why = {{ zh = \"因\", en = \"because\" }}\nsource = \"自编\"\nsafety = \"suggested\"\nconfidence = 0.9\n\
         bad = [[\"甲\", \"乙\"]]\ngood = [\"丙\"]\n{body}\n"
    )
}

/// The only error of the rule file `rules`: its place, and all it says in both
/// languages.
fn error(rules: &str) -> (String, String) {
    let errors = RuleSet::load(&pack(rules)).expect_err("the rules are wrong");
    assert_eq!(errors.len(), 1, "{}", errors.iter().map(RuleError::render).collect::<String>());
    let told = errors[0].message();
    (format!("{}:{}:{}", errors[0].path, errors[0].line, errors[0].column), format!("{}\n{}", told.en, told.zh))
}

/// What the error of `rules` must hold: place, and parts of what it says.
#[track_caller]
fn assert_error(rules: &str, place: &str, parts: &[&str]) {
    let (at, told) = error(rules);
    assert_eq!(at, format!("本报 规则/词.toml:{place}"), "{told}");
    for part in parts.iter().chain(&["  do: "]) {
        assert!(told.contains(part), "「{part}」 is not in\n{told}");
    }
}

#[test]
fn an_unknown_key_is_told_with_the_nearest_valid_one() {
    assert_error(
        &rule("a", "kind = \"replace\"\ntabel = [[\"己经\", \"已经\"]]"),
        "14:1",
        &["a rule of kind replace has no key `tabel`", "replace 类规则没有「tabel」这个键", "nearest: table", "write `table`"],
    );
    let head = rule("a", "kind = \"replace\"\ntable = [[\"己经\", \"已经\"]]").replace("safety =", "saftey =");
    let told = RuleSet::load(&pack(&head)).unwrap_err().iter().map(RuleError::render).collect::<String>();
    assert!(told.contains("词.toml:9:1") && told.contains("write `safety`"), "{told}");
    let context = rule("a", "kind = \"replace\"\ntable = [[\"己经\", \"已经\"]]\ncontext = { notleft = [\"自\"] }");
    assert_error(&context, "15:13", &["notleft", "write `not_left`"]);
}

#[test]
fn a_value_outside_the_list_is_told_with_the_list() {
    let rules = rule("a", "kind = \"replace\"\ntable = [[\"己经\", \"已经\"]]").replace("\"suggested\"", "\"sugested\"");
    assert_error(&rules, "9:10", &["`safety` has no value `sugested`", "expected: automatic, suggested, flagged", "write `suggested`"]);
}

#[test]
fn a_pattern_that_matches_the_empty_string_is_refused() {
    for (pattern, column) in [("(?:曰)*", 11), ("^", 11), ("曰?|日*", 11)] {
        let rules = rule("a", &format!("kind = \"replace\"\npattern = '{pattern}'\nto = '日'"));
        assert_error(&rules, &format!("14:{column}"), &["matches the empty string", "at least one character", "能匹配空串"]);
    }
    assert_error(&rule("a", "kind = \"replace\"\ntable = [[\"\", \"日\"]]"), "14:10", &["matches the empty string"]);
    assert_error(&rule("a", "kind = \"flag\"\ntexts = [\"\"]").replace("suggested", "flagged"), "14:10", &["matches the empty string"]);
}

#[test]
fn a_circle_of_replacements_is_told_with_its_steps() {
    let rules = rule("a", "kind = \"replace\"\ntable = [[\"己经\", \"已经\"], [\"已经\", \"巳经\"]]")
        + &rule("b", "kind = \"replace\"\ntable = [[\"巳经\", \"己经\"]]");
    assert_error(&rules, "14:10", &["run in a circle: 己经 → 已经 → 巳经 → 己经", "remove one of the steps", "替换兜了一圈"]);
}

#[test]
fn a_context_that_the_result_breaks_makes_no_circle() {
    let with = |context: &str| rule("a", &format!("kind = \"replace\"\ntable = [[\"报讯\", \"本报讯\"]]\ncontext = {context}"));
    for context in ["{ left = [\"<edge>\"] }", "{ left = [\"<punct>\", \"晚上\"] }", "{ not_left = [\"本\"] }"] {
        assert!(RuleSet::load(&pack(&with(context))).is_ok(), "{context}");
    }
    for context in ["{ left = [\"本\"] }", "{ right = [\"<edge>\"] }", "{ left = [\"<han>\"], not_left = [\"日\"] }"] {
        assert_error(&with(context), "14:10", &["run in a circle: 报讯 → 报讯"]);
    }
}

#[test]
fn a_rule_that_can_never_fire_is_told_with_the_reason() {
    let twice =
        rule("a", "kind = \"replace\"\ntable = [[\"己经\", \"已经\"]]") + &rule("b", "kind = \"replace\"\ntable = [[\"己经\", \"已经\"]]");
    assert_error(&twice, "28:10", &["`己经` can never fire", "本报 规则/词.toml:3 (mine/a) has the same text already", "永远不会命中"]);
    let earlier = rule("a", "kind = \"replace\"\ntable = [[\"曰\", \"日\"]]").replace("\"words\"", "\"characters\"")
        + &rule("b", "kind = \"replace\"\ntable = [[\"昨曰报\", \"昨日报\"]]");
    assert_error(&earlier, "28:10", &["the 「曰」 in it is always changed in an earlier phase"]);
    let blocked = rule("a", "kind = \"replace\"\ntable = [[\"己经\", \"已经\"]]\ncontext = { left = [\"他\"], not_left = [\"他\"] }");
    assert_error(&blocked, "14:10", &["every context it requires is also forbidden"]);
    assert_error(&rule("a", "kind = \"replace\"\npattern = '己\\n经'\nto = '已经'"), "14:11", &["it needs a line break"]);
    let layout = "kind = \"layout\"\nis = [\"body\"]\nis_not = [\"body\"]\naction = \"flag\"";
    assert_error(&rule("a", layout).replace("suggested", "flagged"), "2:1", &["every kind in is stands in is_not as well"]);
}

#[test]
fn other_slips_are_told_too() {
    assert_error("[[rule]\n", "1:8", &["not valid TOML"]);
    assert_error(&rule("a", "kind = \"replace\"\ntable = [[\"己经\", \"己经\"]]"), "14:10", &["is replaced by itself"]);
    assert_error(&rule("a", "kind = \"replace\"\npattern = '(己'\nto = ''"), "14:12", &["wrong at its character 1", "look-around"]);
    assert_error(&rule("a", "kind = \"replace\"\npattern = '(己)经'\nto = '${2}经'"), "15:6", &["the group `2`", "expected: 1"]);
    assert_error(&rule("a", "kind = \"lexicon\"\nterms = [\"石家庄\"]\nmax_distance = 0.5"), "14:10", &["fewer than 4 characters"]);
    assert_error(&rule("a", "kind = \"replace\"\ntable = [[\"己经\", \"已经\"]]").replace("mine/a", "my/A"), "3:6", &["write `mine/`"]);
    let empty = PackSource { origin: "空".into(), files: Vec::new() };
    let told = RuleSet::load(&[empty]).unwrap_err()[0].render();
    assert!(told.starts_with("空:1:1: the pack has no pack.toml"), "{told}");
}

/// The TOML blocks of a page of the documentation that hold rules.
fn documented_rules(page: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    let text = std::fs::read_to_string(path).unwrap();
    let blocks = text.split("```toml\n").skip(1).map(|block| block.split("```").next().unwrap_or_default());
    blocks.filter(|block| block.starts_with("[[rule]]")).collect()
}

#[test]
fn the_documented_rules_work_as_documented() {
    for page in ["docs/rules.md", "docs/rules.zh.md", "CONTRIBUTING.md"] {
        let rules = documented_rules(page);
        let mut packs = shipped_packs();
        packs.retain(|pack| pack.origin == "rules/core");
        let mut own = pack(&rules);
        own[0].files[0].text = own[0].files[0].text.replace("mine", "my-paper");
        packs.append(&mut own);
        let set = RuleSet::load(&packs).unwrap_or_else(|errors| panic!("{page}: {}", errors[0].render()));
        let mine = |rule: &Rule| rule.head.pack() == "my-paper";
        let n_examples = set.run_examples(mine).len();
        assert!(n_examples > 0, "{page} shows no rule");
        for report in set.run_examples(mine) {
            assert_eq!(report.outcome, ExampleOutcome::Validated, "{page}: {report:?}");
        }
        assert_eq!(set.lint(mine), [], "{page}");
        if page != "CONTRIBUTING.md" {
            let kinds: std::collections::BTreeSet<&str> = set.rules().iter().filter(|rule| mine(rule)).map(|rule| rule.head.kind).collect();
            assert_eq!(kinds.len(), kind::KINDS.len(), "{page} shows every kind");
        }
    }
}

#[test]
fn the_shipped_packs_use_every_kind() {
    let set = RuleSet::shipped();
    for kind in &kind::KINDS {
        assert!(set.rules().iter().any(|rule| rule.head.kind == kind.name), "no shipped rule of kind {}", kind.name);
    }
}

#[test]
fn two_rules_that_make_one_change_are_both_heard() {
    // Either may be left out of a run, and the other must still do its work.
    let mut packs = pack(&rule("a", "kind = \"replace\"\ntable = [[\"己经\", \"已经\"]]"));
    packs.append(&mut pack(&rule("a", "kind = \"replace\"\npattern = '己(经)'\nto = '已$1'").replace("mine/", "ours/")));
    packs[1].files[0].text = packs[1].files[0].text.replace("mine", "ours");
    let set = RuleSet::load(&packs).unwrap_or_else(|errors| panic!("{}", errors[0].render()));
    let text = "他己经来了。";
    let found = set.find(Phase::Words, text, &Layout::new(text));
    assert_eq!(found.iter().map(|finding| finding.rule.as_str()).collect::<Vec<_>>(), ["mine/a", "ours/a"]);
}
