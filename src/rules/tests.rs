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
