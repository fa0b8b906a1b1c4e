//! The tables of the standards. A revision of a standard gets a new id and an entry in [`ALL`]. Existing tables never change.

mod caaqs;
mod eu_2008;
mod eu_2024;
mod european;
mod uk;
mod us_naaqs;
mod who_2021;

use super::Standard;

/// Every table, the default first.
pub(super) const ALL: &[Standard] = &[
    Standard(&eu_2008::TABLE),
    Standard(&eu_2024::TABLE),
    Standard(&who_2021::TABLE),
    Standard(&us_naaqs::TABLE),
    Standard(&uk::TABLE),
    Standard(&caaqs::TABLE_2025),
    Standard(&caaqs::TABLE_2020),
];
