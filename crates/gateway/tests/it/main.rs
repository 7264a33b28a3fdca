//! The front doors against a real Postgres: each test has a database of its own.
//!
//! The server is named by `PACER_FETCH_TEST_DATABASE_URL`. Without it the tests are skipped,
//! except where `CI` is set: there that is a failure.

mod grpc;
mod house;
mod pages;

/// A house of the test's own; where there is no database, the test ends here.
macro_rules! house {
    () => {
        match crate::house::House::build().await {
            Some(house) => house,
            None => return,
        }
    };
}

mod read;
mod walls;
