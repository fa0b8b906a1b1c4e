//! How city names match: by a key without accents, case or outer blanks.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A city's name made comparable: compatibility-decomposed, accents stripped, case folded, blanks trimmed and merged.
///
/// `MADRID`, `madrid` and `Madrid ` have one key; `málaga` has that of `Málaga`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CityKey(String);

impl CityKey {
    pub(crate) fn new(name: &str) -> Self {
        let plain: String = name.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
        // A lower-cased letter can decompose once more (İ), so marks go a second time.
        let plain: String = plain.nfkd().filter(|c| !is_combining_mark(*c)).collect();
        CityKey(plain.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns the three names nearest to `given`, best first. A name that shares nothing with `given` is not returned.
pub(crate) fn nearest<'a>(given: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let worst = crate::error::cut(given).chars().count().max(2) / 2;
    nearest_within(given, names, worst)
}

/// Returns the three names nearest to `given`, best first, among those within an edit distance of `worst`.
pub(crate) fn nearest_within<'a>(given: &str, names: impl Iterator<Item = &'a str>, worst: usize) -> Vec<String> {
    // A hostile length must not cost a quadratic time.
    let given: String = CityKey::new(&crate::error::cut(given)).0;
    let mut scored: Vec<(usize, &str)> =
        names.map(|name| (distance(&given, &CityKey::new(&crate::error::cut(name)).0), name)).collect();
    scored.sort_unstable();
    scored.dedup();
    scored.into_iter().filter(|(score, _)| *score <= worst).take(3).map(|(_, name)| name.to_owned()).collect()
}

/// How many characters to insert, remove, replace or swap with a neighbour to make one text of the other
/// (Damerau-Levenshtein, optimal string alignment); what follows a common prefix costs nothing, so `Rivas` finds
/// `Rivas-Vaciamadrid`.
fn distance(a: &str, b: &str) -> usize {
    if a.chars().count() >= 3 && b.starts_with(a) {
        return 1;
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_blanks_do_not_part_a_city() {
        let madrid = CityKey::new("Madrid");
        assert_eq!(CityKey::new("MADRID"), madrid);
        assert_eq!(CityKey::new(" madrid  "), madrid);
        assert_eq!(CityKey::new("málaga"), CityKey::new("Ma\u{301}laga"));
        assert_eq!(CityKey::new("MÁLAGA"), CityKey::new("Malaga"));
        assert_eq!(CityKey::new("İstanbul"), CityKey::new("istanbul"));
    }

    #[test]
    fn a_part_of_a_name_is_another_city() {
        assert_ne!(CityKey::new("RIVAS-VACIAMADRID"), CityKey::new("Madrid"));
    }

    #[test]
    fn the_nearest_names_come_best_first() {
        let names = ["Barcelona", "Madrid", "Málaga", "Rivas-Vaciamadrid"];
        assert_eq!(nearest("Madird", names.into_iter()), ["Madrid"]);
        assert_eq!(nearest("malga", names.into_iter()), ["Málaga"]);
        assert_eq!(nearest("rivas", names.into_iter())[0], "Rivas-Vaciamadrid");
        assert!(nearest("Tokyo", names.into_iter()).is_empty());
    }
}
