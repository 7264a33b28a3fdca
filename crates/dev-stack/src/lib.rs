//! dev-stack
