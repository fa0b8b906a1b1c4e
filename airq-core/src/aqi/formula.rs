//! Indices that rate their pollutants together, by a sum.

use super::rate::{Input, Missing, Rated};
use super::scale_position::BandPosition;
use super::table::{Formula, IndexTable, Term};
use crate::model::GasConditions;

impl IndexTable {
    /// Rates the sum of all pollutants. The pollutant with the greatest part is responsible.
    ///
    /// # Errors
    /// [`Missing::Nothing`] if no pollutant has a value, [`Missing::TooFewPollutants`] if one lacks.
    pub(super) fn rate_together(&self, formula: &Formula, inputs: &[Input]) -> Result<Rated, Missing> {
        let mut sum = 0.0;
        let mut known = 0;
        let mut greatest: Option<(f64, &Input)> = None;
        for term in formula.terms {
            let Some(input) = formula.input(term, inputs) else { continue };
            let Ok(part) = term.of(input) else { continue };
            sum += part;
            known += 1;
            if greatest.is_none_or(|(greatest, _)| part > greatest) {
                greatest = Some((part, input));
            }
        }
        let (_, input) = greatest.ok_or(Missing::Nothing)?;
        if known < formula.terms.len() {
            return Err(Missing::TooFewPollutants { needed: formula.terms.len(), one_of: &[] });
        }
        let number = rounded(sum * formula.factor);
        let level = usize::try_from(number - 1).unwrap_or_default();
        let position = BandPosition::of_number(level.min(self.bands.len() - 1), number);
        Ok(self.rated(position, input))
    }
}

impl Formula {
    fn input<'a>(&self, term: &Term, inputs: &'a [Input]) -> Option<&'a Input> {
        inputs.iter().find(|input| input.pollutant == term.pollutant && input.averaging == self.averaging)
    }

    /// Returns the reason why a pollutant has no rating of its own.
    pub(super) fn without_own_rating(&self, term: &Term, inputs: &[Input]) -> Missing {
        match self.input(term, inputs) {
            None => Missing::NotMeasured,
            Some(input) => term.of(input).err().unwrap_or(Missing::OnlyTogether),
        }
    }
}

impl Term {
    fn of(&self, input: &Input) -> Result<f64, Missing> {
        let value = input.unit.convert(input.value?, self.unit, input.pollutant, GasConditions::Celsius20);
        let value = value.filter(|value| value.is_finite()).ok_or(Missing::NotANumber)?;
        // A negative concentration is noise of an instrument.
        Ok((self.coefficient * value.max(0.0)).exp_m1())
    }
}

/// Rounds to the nearest whole number of at least 1, halves up.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
fn rounded(value: f64) -> u32 {
    (value.round() as u32).max(1)
}
