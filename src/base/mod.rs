//! What every other module may use: raw clocks, positions in a source, errors that say what to do. Imports only `std` and `chrono`.

pub mod count;
pub mod error;
pub mod form;
pub mod glob;
pub mod node;
pub mod position;
pub mod stamp;

pub use count::{count, number};
pub use error::Error;
pub use form::{Envelope, Severity};
pub use position::Position;
pub use stamp::{Clock, Stamp, When, Zones};
