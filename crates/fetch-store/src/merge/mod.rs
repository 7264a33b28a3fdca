//! How a page becomes rows.
