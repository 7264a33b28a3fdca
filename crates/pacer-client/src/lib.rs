//! pacer-client
