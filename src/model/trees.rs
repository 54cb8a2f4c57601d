//! Sums of small decision trees: how several kinds of evidence become one
//! probability.
//!
//! The table is a text file that a person can read, written by a training
//! script and committed with its card:
//!
//! ```text
//! # comments
//! features <tab> name <tab> name …
//! calibration <tab> slope <tab> offset
//! tree
//! split <tab> feature <tab> threshold <tab> left <tab> right
//! leaf <tab> value
//! ```
//!
//! Nodes of a tree are numbered from 0 in the order they stand; a row goes left
//! when its feature is at most the threshold. The probability is the logistic
//! function of `slope * sum of leaves + offset`.

/// A loaded table.
#[derive(Debug)]
pub struct Trees {
    trees: Vec<Vec<Node>>,
    slope: f32,
    offset: f32,
}

#[derive(Clone, Copy, Debug)]
enum Node {
    Split { feature: usize, threshold: f32, left: usize, right: usize },
    Leaf(f32),
}

/// Why a table was refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("line {line}: found {found:?}, expected {expected}")]
pub struct TreesError {
    /// Line, counted from 1.
    pub line: usize,
    /// What stands there.
    pub found: String,
    /// What should.
    pub expected: String,
}

impl Trees {
    /// Reads a table whose rows have the columns `names`, in this order.
    ///
    /// # Errors
    /// At the first line that does not fit, named by its number.
    pub fn parse(table: &str, names: &[&str]) -> Result<Self, TreesError> {
        let mut trees: Vec<Vec<Node>> = Vec::new();
        let (mut slope, mut offset, mut features_seen) = (1.0, 0.0, false);
        for (line_idx, line) in table.lines().enumerate() {
            let wrong = |expected: &str| TreesError { line: line_idx + 1, found: line.to_owned(), expected: expected.to_owned() };
            let mut fields = line.split('\t');
            match fields.next().unwrap_or_default() {
                "" => {}
                comment if comment.starts_with('#') => {}
                "features" => {
                    if !fields.eq(names.iter().copied()) {
                        return Err(wrong(&format!("the features {}", names.join(" "))));
                    }
                    features_seen = true;
                }
                "calibration" => {
                    slope = number(fields.next()).ok_or_else(|| wrong("a slope"))?;
                    offset = number(fields.next()).ok_or_else(|| wrong("an offset"))?;
                }
                "tree" => trees.push(Vec::new()),
                "leaf" => {
                    let value = number(fields.next()).ok_or_else(|| wrong("a value"))?;
                    trees.last_mut().ok_or_else(|| wrong("`tree` before its nodes"))?.push(Node::Leaf(value));
                }
                "split" => {
                    let name = fields.next().unwrap_or_default();
                    let feature = names.iter().position(|known| *known == name).ok_or_else(|| wrong("the name of a feature"))?;
                    let threshold = number(fields.next()).ok_or_else(|| wrong("a threshold"))?;
                    let mut child = || fields.next().and_then(|field| field.parse().ok());
                    let (left, right) = child().zip(child()).ok_or_else(|| wrong("two node numbers"))?;
                    let node = Node::Split { feature, threshold, left, right };
                    trees.last_mut().ok_or_else(|| wrong("`tree` before its nodes"))?.push(node);
                }
                _ => return Err(wrong("features, calibration, tree, split or leaf")),
            }
        }
        let end = |expected: &str| TreesError { line: table.lines().count() + 1, found: String::new(), expected: expected.to_owned() };
        if !features_seen || trees.is_empty() {
            return Err(end("a `features` line and at least one tree"));
        }
        // Children stand after their parent, so that every walk ends.
        let sound = |tree: &Vec<Node>| {
            !tree.is_empty()
                && tree.iter().enumerate().all(|(idx, node)| match *node {
                    Node::Leaf(_) => true,
                    Node::Split { left, right, .. } => left > idx && right > idx && left < tree.len() && right < tree.len(),
                })
        };
        if !trees.iter().all(sound) {
            return Err(end("children that stand after their parent"));
        }
        Ok(Self { trees, slope, offset })
    }

    /// The probability for one row.
    #[must_use]
    pub fn probability(&self, row: &[f32]) -> f64 {
        let sum: f32 = self.trees.iter().map(|tree| value(tree, row)).sum();
        1.0 / (1.0 + f64::from(-(self.slope * sum + self.offset)).exp())
    }
}

fn value(tree: &[Node], row: &[f32]) -> f32 {
    let mut at = 0;
    loop {
        match tree[at] {
            Node::Leaf(value) => return value,
            Node::Split { feature, threshold, left, right } => at = if row[feature] <= threshold { left } else { right },
        }
    }
}

fn number(field: Option<&str>) -> Option<f32> {
    field?.parse::<f32>().ok().filter(|number| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "features\ta\tb\ncalibration\t2\t0\ntree\nsplit\tb\t0.5\t1\t2\nleaf\t-1\nleaf\t1\n";

    #[test]
    fn walks_to_the_leaf_and_calibrates() {
        let trees = Trees::parse(TABLE, &["a", "b"]).unwrap();
        assert!((trees.probability(&[0.0, 0.0]) - 1.0 / (1.0 + 2.0_f64.exp())).abs() < 1e-6);
        assert!((trees.probability(&[0.0, 0.6]) - 1.0 / (1.0 + (-2.0_f64).exp())).abs() < 1e-6);
    }

    #[test]
    fn a_table_for_other_features_is_refused_by_line() {
        assert_eq!(Trees::parse(TABLE, &["a", "c"]).unwrap_err().line, 1);
        assert_eq!(Trees::parse(&TABLE.replace("split\tb", "split\tz"), &["a", "b"]).unwrap_err().line, 4);
        assert!(Trees::parse(&TABLE.replace("\t1\t2", "\t0\t2"), &["a", "b"]).is_err(), "a node that leads back to itself");
        assert!(Trees::parse("", &["a"]).is_err());
    }
}
