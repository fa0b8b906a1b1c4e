//! The tables of the standards. A revision of a standard gets a new id and an entry in [`ALL`]. Existing tables never change.

mod caaqs;
mod eu_2008;
mod eu_2024;
mod european;
mod uk;
mod us_naaqs;
mod who_2021;

use super::table::StandardTable;

/// Every table, the default first.
pub(super) const ALL: [&StandardTable; 7] = [
    &eu_2008::TABLE,
    &eu_2024::TABLE,
    &who_2021::TABLE,
    &us_naaqs::TABLE,
    &uk::TABLE,
    &caaqs::TABLE_2025,
    &caaqs::TABLE_2020,
];
