//! One number of a row.

/// A number of a row: a concentration, a count, or a capture.
///
/// ```
/// use airq_core::Measurements;
/// let rows = Measurements::from_csv(b"station,time,no2\naq_salvia,2016-10-01T00:00:00.004Z,48.30\n")?;
/// let no2 = rows[0].value(airq_core::Parameter::NO2).unwrap();
/// assert_eq!(no2.number, 48.3);
/// assert_eq!(no2.text, "48.3");
/// # Ok::<(), airq_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Value<'a> {
    /// The nearest `f64`. A number that is out of its range, such as `1e999`, is infinite.
    pub number: f64,
    /// The number with the digits of the source, without zeros at the end of its decimals: a number by the grammar of JSON. A number of
    /// more than 20 characters, or with an exponent, has the shortest digits that are distinct in double precision.
    pub text: &'a str,
}

impl<'a> Value<'a> {
    /// The value of a cell; `None` if the cell is empty.
    pub(super) fn of_cell(text: &'a str) -> Option<Value<'a>> {
        let number = text.parse().ok()?;
        Some(Value { number, text })
    }
}
