//! pacer-sim
