//! Rates concentrations: the band of each pollutant, and the worst of them.

use super::AirQualityIndex;
use super::fixed::Fixed;
use super::scale_position::{BandPosition, ScalePosition};
use super::table::{AveragingPeriod, Band, IndexTable, Minimum, Scale};
use crate::model::{GasConditions, Parameter, Unit};
use std::fmt;

/// A concentration to rate, or the reason why it is missing.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Input {
    /// The pollutant.
    pub pollutant: Parameter,
    /// The averaging period of the concentration.
    pub averaging: AveragingPeriod,
    /// The concentration in `unit`.
    pub value: Result<f64, Missing>,
    /// The unit: the pollutant's canonical unit unless it was changed with [`in_unit`](Input::in_unit).
    pub unit: Unit,
}

/// The reason why a value is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Missing {
    /// There is no measurement.
    NotMeasured,
    /// There are too few values for a mean.
    TooFew {
        /// The number of values.
        known: usize,
        /// The minimum number of values.
        needed: usize,
        /// The number of values without gaps.
        of: usize,
    },
    /// The value is infinite or NaN.
    NotANumber,
    /// No pollutant of the index could be rated.
    Nothing,
    /// Too few pollutants are rated.
    TooFewPollutants {
        /// The minimum number of pollutants.
        needed: usize,
        /// At least one of these pollutants is needed, unless the list is empty.
        one_of: &'static [Parameter],
    },
    /// The value is above the scale of the averaging period.
    AboveScale,
    /// The index rates its pollutants only together.
    OnlyTogether,
}

/// The rating of concentrations by an index.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Rating {
    /// The index.
    pub index: AirQualityIndex,
    /// The sub-index of each pollutant of the index, in the order of the index's table.
    pub sub_indices: Vec<SubIndex>,
    /// The rating of an index that rates its pollutants together.
    together: Option<Result<Rated, Missing>>,
}

/// The part of a [`Rating`] for one pollutant.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SubIndex {
    /// The pollutant.
    pub pollutant: Parameter,
    /// The band and number, or the reason why they are missing.
    pub rated: Result<Rated, Missing>,
}

/// The band of a pollutant, with the concentration that was rated.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Rated {
    /// The pollutant.
    pub pollutant: Parameter,
    /// The rank of the band, 1 for the best.
    pub level: usize,
    /// The band.
    pub band: Band,
    /// The number, if the index has numbers.
    pub number: Option<u32>,
    /// The averaging period of the concentration.
    pub averaging: AveragingPeriod,
    /// The concentration in `unit`, as given in the input.
    pub value: f64,
    /// The unit of the concentration.
    pub unit: Unit,
    position: BandPosition,
}

impl Missing {
    /// Returns the reason for too few values: [`NotMeasured`](Missing::NotMeasured) if there is no value at all.
    pub(crate) fn few(known: usize, needed: usize, of: usize) -> Missing {
        if known == 0 { Missing::NotMeasured } else { Missing::TooFew { known, needed, of } }
    }
}

impl Input {
    /// Returns an input with a concentration in the pollutant's canonical unit.
    pub fn new(pollutant: Parameter, averaging: AveragingPeriod, value: f64) -> Self {
        Input { pollutant, averaging, value: Ok(value), unit: pollutant.unit() }
    }

    /// Returns an input without a concentration.
    pub fn missing(pollutant: Parameter, averaging: AveragingPeriod, why: Missing) -> Self {
        Input { pollutant, averaging, value: Err(why), unit: pollutant.unit() }
    }

    /// Sets the unit without converting the value.
    pub fn in_unit(self, unit: Unit) -> Self {
        Input { unit, ..self }
    }
}

impl AirQualityIndex {
    /// Rates concentrations. The result depends on nothing but the inputs.
    ///
    /// Mass concentrations and mixing ratios of gases are converted at 20 °C and 101.3 kPa, the conditions of airq's canonical
    /// values. Inputs with averaging periods that the index does not use are ignored.
    pub fn rate(self, inputs: &[Input]) -> Rating {
        if let Some(formula) = self.0.formula {
            let mut sub_indices = Vec::new();
            for term in formula.terms {
                let rated = Err(formula.without_own_rating(term, inputs));
                sub_indices.push(SubIndex { pollutant: term.pollutant, rated });
            }
            return Rating { index: self, sub_indices, together: Some(self.0.rate_together(formula, inputs)) };
        }
        let mut pollutants: Vec<Parameter> = Vec::new();
        for scale in self.0.scales {
            if !pollutants.contains(&scale.pollutant) {
                pollutants.push(scale.pollutant);
            }
        }
        let mut sub_indices = Vec::new();
        for pollutant in pollutants {
            sub_indices.push(SubIndex { pollutant, rated: self.0.rate(pollutant, inputs) });
        }
        Rating { index: self, sub_indices, together: None }
    }
}

impl Rating {
    /// Returns the worst of the rated pollutants, which determines the band of the index. Pollutants in the same band are
    /// ordered by number, then by position in the band, then by the order of the index's table. If the index rates its pollutants
    /// together, the result has their rating and the pollutant with the greatest part.
    ///
    /// # Errors
    /// [`Missing::Nothing`] if no pollutant is rated; [`Missing::TooFewPollutants`] if the index needs more.
    pub fn worst(&self) -> Result<&Rated, Missing> {
        if let Some(together) = &self.together {
            return together.as_ref().map_err(|missing| *missing);
        }
        let Minimum { pollutants, one_of } = self.index.0.minimum;
        let mut worst: Option<&Rated> = None;
        let mut count = 0;
        let mut has_one = one_of.is_empty();
        for sub_index in &self.sub_indices {
            let Ok(rated) = &sub_index.rated else { continue };
            count += 1;
            has_one |= one_of.contains(&rated.pollutant);
            if worst.is_none_or(|worst| rated.position > worst.position) {
                worst = Some(rated);
            }
        }
        let worst = worst.ok_or(Missing::Nothing)?;
        if count < pollutants || !has_one {
            return Err(Missing::TooFewPollutants { needed: pollutants, one_of });
        }
        Ok(worst)
    }
}

impl IndexTable {
    /// Rates a pollutant by all its scales. A concentration within a scale takes precedence over one beyond the end of another
    /// scale. Otherwise the highest rating counts.
    fn rate(&self, pollutant: Parameter, inputs: &[Input]) -> Result<Rated, Missing> {
        let mut within = None;
        let mut beyond = None;
        let mut why = None;
        for scale in self.scales.iter().filter(|scale| scale.pollutant == pollutant) {
            match self.locate(scale, inputs) {
                Ok((ScalePosition::In(position), input)) => within = higher(within, self.rated(position, input)),
                Ok((ScalePosition::Beyond(position), input)) => beyond = higher(beyond, self.rated(position, input)),
                Ok((ScalePosition::Below, _)) => {}
                Ok((ScalePosition::Unrated, _)) => why = Some(Missing::AboveScale),
                Err(missing) => why = why.filter(|why| *why != Missing::NotMeasured).or(Some(missing)),
            }
        }
        within.or(beyond).ok_or(why.unwrap_or(Missing::NotMeasured))
    }

    /// Returns the position of the best input for a scale. The averaging periods of a scale are in order of preference.
    fn locate<'a>(&self, scale: &Scale, inputs: &'a [Input]) -> Result<(ScalePosition, &'a Input), Missing> {
        let mut why = None;
        for averaging in scale.averagings {
            for input in inputs {
                if input.pollutant != scale.pollutant || input.averaging != *averaging {
                    continue;
                }
                match concentration(input, scale) {
                    Ok(value) => {
                        return Ok((scale.locate(value, self.numbers, self.bands.len(), self.is_last(scale)), input));
                    }
                    Err(missing) => why = why.or(Some(missing)),
                }
            }
        }
        Err(why.unwrap_or(Missing::NotMeasured))
    }

    /// Returns whether no other scale of the pollutant reaches a higher band.
    fn is_last(&self, scale: &Scale) -> bool {
        let end = scale.first + scale.ends.len();
        self.scales.iter().all(|other| other.pollutant != scale.pollutant || other.first + other.ends.len() <= end)
    }

    pub(super) fn rated(&self, position: BandPosition, input: &Input) -> Rated {
        Rated {
            pollutant: input.pollutant,
            level: position.level + 1,
            band: self.bands[position.level],
            number: position.number,
            averaging: input.averaging,
            value: input.value.unwrap_or_default(),
            unit: input.unit,
            position,
        }
    }
}

fn higher(best: Option<Rated>, new: Rated) -> Option<Rated> {
    best.filter(|best| best.position >= new.position).or(Some(new))
}

/// Returns the concentration of an input in the unit of a scale.
fn concentration(input: &Input, scale: &Scale) -> Result<Fixed, Missing> {
    // The number of decimals that are kept after a conversion of units, in addition to the decimals of the scale. Means are
    // exact to millionths, so a mean of 54 ppb may be converted to 53.9999998, which must not be truncated to 53.
    const EXTRA_DECIMALS: u32 = 4;
    let value = input.unit.convert(input.value?, scale.unit, input.pollutant, GasConditions::Celsius20);
    let value = value.and_then(Fixed::new).ok_or(Missing::NotANumber)?;
    Ok(match scale.decimals {
        Some(decimals) if input.unit != scale.unit => value.rounded(decimals + EXTRA_DECIMALS),
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
            Missing::TooFewPollutants { needed, one_of } => {
                write!(f, "{needed} pollutants are needed")?;
                let codes: Vec<&str> = one_of.iter().map(|pollutant| pollutant.code()).collect();
                if codes.is_empty() { Ok(()) } else { write!(f, ", one of them {}", codes.join(" or ")) }
            }
            Missing::AboveScale => f.write_str("the value is above the scale, and a mean of another period is needed"),
            Missing::OnlyTogether => f.write_str("the index rates its pollutants only together"),
        }
    }
}

impl std::error::Error for Missing {}
