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
//!
//! Rows are not walked down the trees: every step of a walk is a guess that the
//! processor gets wrong half of the time. All splits of all trees are looked at
//! feature by feature in the order of their thresholds instead, and each one
//! that a row passes to the right takes the leaves on its left out of the race;
//! the first leaf left over is where the walk would have ended (Lucchese et al.
//! 2015, *QuickScorer*). Eight rows go through at a time.

/// Rows that are scored side by side.
const LANES: usize = 8;

/// Leaves of the largest tree: one bit each.
const MAX_LEAVES: usize = u32::BITS as usize;

/// A loaded table.
#[derive(Debug)]
pub struct Trees {
    /// The splits of all trees by feature, then by threshold.
    splits: Vec<Split>,
    /// Where the splits of each feature start, and where the last ones end.
    starts: Vec<usize>,
    /// The leaves of all trees, those of a tree from left to right.
    leaves: Vec<f32>,
    /// Where the leaves of each tree start.
    first_leaf: Vec<usize>,
    slope: f32,
    offset: f32,
}

#[derive(Clone, Copy, Debug)]
struct Split {
    threshold: f32,
    tree: u32,
    /// The leaves that stay in the race when a row goes right.
    right: u32,
}

/// A node as the table has it.
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
        let mut tree_lines = Vec::new();
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
                "tree" => {
                    trees.push(Vec::new());
                    tree_lines.push(line_idx + 1);
                }
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
        let mut table = Self { splits: Vec::new(), starts: Vec::new(), leaves: Vec::new(), first_leaf: Vec::new(), slope, offset };
        table.compile(&trees, names.len()).map_err(|tree_idx| TreesError {
            line: tree_lines[tree_idx],
            found: "tree".to_owned(),
            expected: format!("trees of at most {MAX_LEAVES} leaves"),
        })?;
        Ok(table)
    }

    /// Lays the trees out by feature; the index of the first tree that is too
    /// large otherwise.
    fn compile(&mut self, trees: &[Vec<Node>], n_features: usize) -> Result<(), usize> {
        let mut by_feature: Vec<Vec<Split>> = vec![Vec::new(); n_features];
        for (tree_idx, tree) in trees.iter().enumerate() {
            self.first_leaf.push(self.leaves.len());
            let first = self.leaves.len();
            self.lay_out(tree, 0, first, tree_idx as u32, &mut by_feature).ok_or(tree_idx)?;
        }
        self.starts.push(0);
        for mut splits in by_feature {
            splits.sort_by(|a, b| a.threshold.total_cmp(&b.threshold));
            self.splits.append(&mut splits);
            self.starts.push(self.splits.len());
        }
        Ok(())
    }

    /// Adds the leaves under node `at` from left to right, and its splits.
    /// `first` is the tree's first leaf; `None` when there are too many.
    fn lay_out(&mut self, tree: &[Node], at: usize, first: usize, tree_idx: u32, by_feature: &mut [Vec<Split>]) -> Option<()> {
        match tree[at] {
            Node::Leaf(value) => {
                self.leaves.push(value);
                (self.leaves.len() - first <= MAX_LEAVES).then_some(())
            }
            Node::Split { feature, threshold, left, right } => {
                let from = self.leaves.len() - first;
                self.lay_out(tree, left, first, tree_idx, by_feature)?;
                let to = self.leaves.len() - first;
                let lost = (u32::MAX >> (MAX_LEAVES - (to - from))) << from;
                by_feature[feature].push(Split { threshold, tree: tree_idx, right: !lost });
                self.lay_out(tree, right, first, tree_idx, by_feature)
            }
        }
    }

    /// The probability for one row, which has all the table's columns.
    #[must_use]
    pub fn probability(&self, row: &[f32]) -> f64 {
        let mut race = vec![[0; 1]; self.first_leaf.len()];
        self.calibrated(self.sums([row], &mut race)[0])
    }

    /// The probabilities for many rows.
    #[must_use]
    pub fn probabilities<const N: usize>(&self, rows: &[[f32; N]]) -> Vec<f64> {
        let mut race = vec![[0; LANES]; self.first_leaf.len()];
        let mut probabilities = Vec::with_capacity(rows.len());
        for block in rows.chunks(LANES) {
            // The lanes that a last block leaves free repeat its last row.
            let lanes = std::array::from_fn(|lane| block[lane.min(block.len() - 1)].as_slice());
            let sums = self.sums::<LANES>(lanes, &mut race);
            probabilities.extend(sums.iter().take(block.len()).map(|&sum| self.calibrated(sum)));
        }
        probabilities
    }

    fn calibrated(&self, sum: f32) -> f64 {
        1.0 / (1.0 + f64::from(-(self.slope * sum + self.offset)).exp())
    }

    /// The sums of the leaves that `rows` end in, added in the order of the
    /// trees. `race` has room for the leaves that each tree has left.
    fn sums<const L: usize>(&self, rows: [&[f32]; L], race: &mut [[u32; L]]) -> [f32; L] {
        race.fill([u32::MAX; L]);
        for (feature, ends) in self.starts.windows(2).enumerate() {
            let values = rows.map(|row| row[feature]);
            for &Split { threshold, tree, right } in &self.splits[ends[0]..ends[1]] {
                let goes_left: [u32; L] = values.map(|value| if value <= threshold { u32::MAX } else { 0 });
                for (leaves, goes_left) in race[tree as usize].iter_mut().zip(goes_left) {
                    *leaves &= goes_left | right;
                }
                // Nor does any row pass a higher threshold.
                if goes_left.iter().fold(u32::MAX, |all, one| all & one) == u32::MAX {
                    break;
                }
            }
        }
        let mut sums = [0.0; L];
        for (left, &first) in race.iter().zip(&self.first_leaf) {
            for (sum, leaves) in sums.iter_mut().zip(left) {
                *sum += self.leaves[first + leaves.trailing_zeros() as usize];
            }
        }
        sums
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

    /// Where a walk down the tree ends.
    fn walked(tree: &[Node], row: &[f32]) -> f32 {
        let mut at = 0;
        loop {
            match tree[at] {
                Node::Leaf(value) => return value,
                Node::Split { feature, threshold, left, right } => at = if row[feature] <= threshold { left } else { right },
            }
        }
    }

    /// A tree of `n_leaves` leaves over three features, from a seed.
    fn grown(n_leaves: usize, mut seed: u64) -> Vec<Node> {
        let mut next = |bound: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % bound
        };
        let mut tree = vec![Node::Leaf(next(1000) as f32)];
        for _ in 1..n_leaves {
            let leaves: Vec<usize> = (0..tree.len()).filter(|&at| matches!(tree[at], Node::Leaf(_))).collect();
            let at = leaves[next(leaves.len() as u64) as usize];
            let (left, right) = (tree.len(), tree.len() + 1);
            tree[at] = Node::Split { feature: next(3) as usize, threshold: next(10) as f32, left, right };
            tree.extend([Node::Leaf(next(1000) as f32), Node::Leaf(next(1000) as f32)]);
        }
        tree
    }

    #[test]
    fn the_race_ends_where_a_walk_ends() {
        let forest: Vec<Vec<Node>> = (1..=MAX_LEAVES).map(|n_leaves| grown(n_leaves, n_leaves as u64)).collect();
        let mut trees =
            Trees { splits: Vec::new(), starts: Vec::new(), leaves: Vec::new(), first_leaf: Vec::new(), slope: 1e-5, offset: 0.5 };
        trees.compile(&forest, 3).unwrap();
        // Thresholds themselves, values between them, and no number at all.
        let values = [-1.0, 0.0, 2.5, 3.0, 4.0, 7.5, 9.0, 12.0, f32::NAN];
        let rows: Vec<[f32; 3]> = values.iter().flat_map(|&a| values.iter().flat_map(move |&b| values.map(|c| [a, b, c]))).collect();
        let found = trees.probabilities(&rows);
        for (row, found) in rows.iter().zip(found) {
            let sum: f32 = forest.iter().map(|tree| walked(tree, row)).sum();
            assert_eq!(found, trees.calibrated(sum), "{row:?}");
            assert_eq!(found, trees.probability(row), "{row:?}");
        }
        assert!(trees.probabilities::<3>(&[]).is_empty());
        assert_eq!(trees.compile(&[grown(MAX_LEAVES + 1, 1)], 3), Err(0));
    }

    #[test]
    fn a_table_for_other_features_is_refused_by_line() {
        assert_eq!(Trees::parse(TABLE, &["a", "c"]).unwrap_err().line, 1);
        assert_eq!(Trees::parse(&TABLE.replace("split\tb", "split\tz"), &["a", "b"]).unwrap_err().line, 4);
        assert!(Trees::parse(&TABLE.replace("\t1\t2", "\t0\t2"), &["a", "b"]).is_err(), "a node that leads back to itself");
        assert!(Trees::parse("", &["a"]).is_err());
    }
}
