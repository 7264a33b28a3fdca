//! Starting and ending the servers that we did not write.

mod child;
mod servers;
mod services;
