//! fetch-model
