use super::{Config, KEYS, Kind};

/// A `jiaokan.toml` that says nothing but explains everything: every key with
/// its meaning and its default, commented out.
#[must_use]
pub fn template() -> String {
    let mut out = String::from(
        "# jiaokan 的设置；各项均为默认值，去掉行首 # 即可修改。命令行选项优先于本文件。\n\
         # Settings of jiaokan, all at their defaults; remove the # to change one.\n\
         # Options of the command line win over this file.\n",
    );
    let mut section = "";
    for ((key, value, _), known) in Config::default().rows().zip(KEYS) {
        let (here, name) = key.name.split_once('.').unwrap_or(("", key.name));
        if here != section {
            section = here;
            out.push_str(&format!("\n[{section}]\n"));
        } else {
            out.push('\n');
        }
        out.push_str(&format!("# {}\n# {}\n", known.summary[0], known.summary[1]));
        if let Kind::Choice(words) = known.kind {
            out.push_str(&format!("# {}\n", words.join(" | ")));
        }
        out.push_str(&format!("#{name} = {value}\n"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_sets_nothing_and_uncommented_sets_the_defaults() {
        let mut config = Config::default();
        config.read(&template()).unwrap();
        assert_eq!(config, Config::default());
        let uncommented: String = template()
            .lines()
            .map(|line| {
                line.strip_prefix('#').filter(|rest| rest.contains(" = ") && !rest.starts_with(' ')).unwrap_or(line).to_owned() + "\n"
            })
            .collect();
        config.read(&uncommented).unwrap();
        for ((key, value, origin), (_, default, _)) in config.rows().zip(Config::default().rows()) {
            assert_eq!(value, default);
            assert!(matches!(origin, super::super::Origin::File { .. }), "{} is not in the template", key.name);
        }
    }
}
