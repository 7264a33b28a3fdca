//! What is said over gRPC about messages that cannot be read, or be done.

mod details;
mod groups;
mod messages;
mod reflection;
mod webhooks;
