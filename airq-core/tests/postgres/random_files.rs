//! Random files of measurements.

/// A pseudo-random number below `end`.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end + 1));
        }
    }
}

const COLUMNS: [&str; 5] = ["no2", "o3", "temperature", "fluff [furlong]", "order []"];

/// A file with some of the columns: rows of some stations and times, with the values that `value` has for them.
pub(crate) fn file(random: &mut Random, value: impl Fn(&mut Random, usize) -> usize) -> String {
    let mut columns: Vec<usize> = (0..COLUMNS.len()).filter(|_| random.below(2) == 0).collect();
    random.shuffle(&mut columns);
    let names: Vec<&str> = columns.iter().map(|column| COLUMNS[*column]).collect();
    let mut csv = [&["station", "time"], &*names].concat().join(",") + "\n";
    for _ in 0..random.below(30) {
        let (station, hour) = (random.below(3), random.below(8));
        let mut cells = vec![format!("s{station}"), format!("2016-10-01T0{hour}:00:00Z")];
        for column in &columns {
            let cell = (station * 8 + hour) * COLUMNS.len() + column;
            let is_empty = random.below(3) == 0;
            cells.push(if is_empty { String::new() } else { value(random, cell).to_string() });
        }
        csv = csv + &cells.join(",") + "\n";
    }
    csv
}

/// The lines of a file in another order.
pub(crate) fn shuffled(random: &mut Random, csv: &str) -> String {
    let (header, rows) = csv.split_once('\n').unwrap();
    let mut rows: Vec<&str> = rows.lines().collect();
    random.shuffle(&mut rows);
    format!("{header}\n{}\n", rows.join("\n")).trim_end().to_owned() + "\n"
}
