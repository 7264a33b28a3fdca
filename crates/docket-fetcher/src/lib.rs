//! docket-fetcher
