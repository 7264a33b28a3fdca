//! pdf-fetcher
