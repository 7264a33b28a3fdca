//! Buying on a real database, at a court that each test makes for itself.

mod books;
mod court;
mod driver;
mod house;
