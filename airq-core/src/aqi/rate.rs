//! From concentrations to bands: each pollutant's, and the worst.

use super::AirQualityIndex;
use super::fixed::Fixed;
use super::place::{Place, Standing};
use super::table::{AveragingPeriod, Band, Scale, Table};
use crate::model::{GasConditions, Pollutant, Unit};
use std::fmt;

/// A concentration to be rated, or why there is none.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Input {
    /// Of which pollutant.
    pub pollutant: Pollutant,
    /// What it is the mean of.
    pub averaging: AveragingPeriod,
    /// In `unit`.
    pub value: Result<f64, Missing>,
    /// The pollutant's canonical unit, unless [`in_unit`](Input::in_unit) says otherwise.
    pub unit: Unit,
}

/// Why something has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Missing {
    /// Nothing is known of it.
    NotMeasured,
    /// Too few of the values that it is a mean of are there.
    TooFew {
        /// So many are there.
        known: usize,
        /// So many must.
        needed: usize,
        /// Of so many.
        of: usize,
    },
    /// It is infinite or NaN.
    NotANumber,
    /// No pollutant of the index could be rated.
    Nothing,
}

/// What an index says of some concentrations.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Rating {
    /// The index.
    pub index: AirQualityIndex,
    /// Each pollutant of the index, in the order of its table.
    pub sub_indices: Vec<SubIndex>,
}

/// A pollutant's part of a [`Rating`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SubIndex {
    /// The pollutant.
    pub pollutant: Pollutant,
    /// Its band and number, or why it has none.
    pub rated: Result<Rated, Missing>,
}

/// A pollutant's band, and the concentration it is of.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Rated {
    /// The pollutant.
    pub pollutant: Pollutant,
    /// The band's place, 1 for the best.
    pub level: usize,
    /// The band.
    pub band: Band,
    /// The index as a number, where it has numbers.
    pub number: Option<u32>,
    /// What the rated concentration is the mean of.
    pub averaging: AveragingPeriod,
    /// The rated concentration, as it was given.
    pub value: f64,
    /// Its unit.
    pub unit: Unit,
    standing: Standing,
}

impl Missing {
    /// So many of so many values, where more are needed; not measured if it is none.
    pub(crate) fn few(known: usize, needed: usize, of: usize) -> Missing {
        if known == 0 { Missing::NotMeasured } else { Missing::TooFew { known, needed, of } }
    }
}

impl Input {
    /// A concentration in the pollutant's canonical unit.
    pub fn new(pollutant: Pollutant, averaging: AveragingPeriod, value: f64) -> Self {
        Input { pollutant, averaging, value: Ok(value), unit: pollutant.canonical_unit() }
    }

    /// No concentration, and why.
    pub fn missing(pollutant: Pollutant, averaging: AveragingPeriod, why: Missing) -> Self {
        Input { pollutant, averaging, value: Err(why), unit: pollutant.canonical_unit() }
    }

    /// The same number in another unit.
    pub fn in_unit(self, unit: Unit) -> Self {
        Input { unit, ..self }
    }
}

impl AirQualityIndex {
    /// Rates concentrations. Mass and parts of gases meet at 20 °C and 101.3 kPa, where airq's canonical values are stated.
    ///
    /// The result depends on the inputs alone. Averaging periods that the index does not use are passed over.
    pub fn rate(self, inputs: &[Input]) -> Rating {
        let mut pollutants: Vec<Pollutant> = Vec::new();
        for scale in self.0.scales {
            if !pollutants.contains(&scale.pollutant) {
                pollutants.push(scale.pollutant);
            }
        }
        let sub_index = |pollutant| SubIndex { pollutant, rated: self.0.rate(pollutant, inputs) };
        Rating { index: self, sub_indices: pollutants.into_iter().map(sub_index).collect() }
    }
}

impl Rating {
    /// The worst of the rated pollutants, which gives the index its band. Of several in one band it is the one of the
    /// highest number, then the one farthest through the band, then the first of the table.
    ///
    /// # Errors
    /// [`Missing::Nothing`] if none is rated.
    pub fn worst(&self) -> Result<&Rated, Missing> {
        let mut worst: Option<&Rated> = None;
        for rated in self.sub_indices.iter().filter_map(|sub| sub.rated.as_ref().ok()) {
            if worst.is_none_or(|worst| rated.standing > worst.standing) {
                worst = Some(rated);
            }
        }
        worst.ok_or(Missing::Nothing)
    }
}

impl Table {
    /// A pollutant by all its scales: where one ends and another rates it, that one; else the highest.
    fn rate(&self, pollutant: Pollutant, inputs: &[Input]) -> Result<Rated, Missing> {
        let (mut within, mut beyond, mut why) = (None, None, None);
        for scale in self.scales.iter().filter(|scale| scale.pollutant == pollutant) {
            match self.place(scale, inputs) {
                Ok((Place::In(standing), input)) => within = higher(within, self.rated(standing, input)),
                Ok((Place::Beyond(standing), input)) => beyond = higher(beyond, self.rated(standing, input)),
                Ok((Place::Below, _)) => {}
                Err(missing) => why = why.or(Some(missing)),
            }
        }
        within.or(beyond).ok_or(why.unwrap_or(Missing::NotMeasured))
    }

    /// The place of the best input that there is for a scale.
    fn place<'a>(&self, scale: &Scale, inputs: &'a [Input]) -> Result<(Place, &'a Input), Missing> {
        let mut why = None;
        for averaging in scale.averagings {
            let matches = |input: &&Input| input.pollutant == scale.pollutant && input.averaging == *averaging;
            for input in inputs.iter().filter(matches) {
                match concentration(input, scale) {
                    Ok(value) => return Ok((scale.place(value, self.numbers, self.is_last(scale)), input)),
                    Err(missing) => why = why.or(Some(missing)),
                }
            }
        }
        Err(why.unwrap_or(Missing::NotMeasured))
    }

    /// Whether no other scale of its pollutant goes further.
    fn is_last(&self, scale: &Scale) -> bool {
        let reach = |scale: &Scale| scale.first + scale.ends.len();
        self.scales.iter().all(|other| other.pollutant != scale.pollutant || reach(other) <= reach(scale))
    }

    fn rated(&self, standing: Standing, input: &Input) -> Rated {
        Rated {
            pollutant: input.pollutant,
            level: standing.level + 1,
            band: self.bands[standing.level],
            number: standing.number,
            averaging: input.averaging,
            value: input.value.unwrap_or_default(),
            unit: input.unit,
            standing,
        }
    }
}

fn higher(best: Option<Rated>, new: Rated) -> Option<Rated> {
    best.filter(|best| best.standing >= new.standing).or(Some(new))
}

/// The input's concentration in a scale's unit.
fn concentration(input: &Input, scale: &Scale) -> Result<Fixed, Missing> {
    // A mean is known to millionths, so that one of 54 ppb comes back as 53.9999998: cut off, it would be 53.
    const BEHIND_THE_CUT: u32 = 4;
    let value = input.unit.convert(input.value?, scale.unit, input.pollutant, GasConditions::Celsius20);
    let value = value.and_then(Fixed::new).ok_or(Missing::NotANumber)?;
    Ok(match scale.decimals {
        Some(decimals) if input.unit != scale.unit => value.rounded(decimals + BEHIND_THE_CUT),
        _ => value,
    })
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Missing::NotMeasured => f.write_str("no value"),
            Missing::TooFew { known, needed, of } => {
                write!(f, "{known} of {of} values are there, {needed} are needed")
            }
            Missing::NotANumber => f.write_str("the value is not a finite number"),
            Missing::Nothing => f.write_str("no pollutant of the index could be rated"),
        }
    }
}

impl std::error::Error for Missing {}
