//! The stores without a database: the blobs on a real folder, and a database that is away.

mod absence;
mod blobs;
