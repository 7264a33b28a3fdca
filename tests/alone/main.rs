//! What is measured by the clock on the wall, on the whole stack. A program of its own, because cargo
//! runs the programs of tests one after the other: nothing else works meanwhile.

// What a test has counted is for whoever reads its output.
#![allow(clippy::print_stdout)]

mod slow_callers;
