//! fetch-store
