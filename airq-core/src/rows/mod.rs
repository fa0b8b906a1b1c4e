//! Typed rows: the measurements or averages of a query as values, without JSON or CSV in between.
//!
//! ```text
//! repository, or the CSV of an answer → csv::RowFeed → RowVisitor → MeasurementRef, borrowed → Measurement, owned
//! ```

mod measurement;
mod measurements;
mod overall_index;
mod schema;
#[cfg(feature = "serde")]
mod serialize;
mod value;
mod visitor;

pub use measurement::{Measurement, MeasurementRef};
pub use measurements::Measurements;
pub use overall_index::OverallIndex;
pub use schema::RowSchema;
pub use value::Value;
pub use visitor::RowSummary;
pub(crate) use visitor::{visit_csv, visit_written};
