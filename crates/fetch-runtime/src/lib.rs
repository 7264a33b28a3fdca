//! fetch-runtime
