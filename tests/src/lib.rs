//! The lives of requests, end to end, on the whole stack; see `it/`.
