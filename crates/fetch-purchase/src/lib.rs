//! fetch-purchase
