//! Starting and ending the servers that we did not write.

mod child;
mod proxy;
mod servers;
mod services;
