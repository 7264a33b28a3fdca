//! The lives of requests, end to end: the real binaries, Postgres, NATS and tesseract, and a
//! simulated PACER that counts what it sold. One module a theme.

mod bad_input;
mod canary;
mod crashes;
mod deployment;
mod grpc;
mod lives;
mod real_pages;
