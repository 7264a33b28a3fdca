//! fetch-bus
