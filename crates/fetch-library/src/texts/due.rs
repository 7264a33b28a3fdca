//! When work on a text is due, which is the order in which readers take it.
//!
//! Interactive work goes before bulk work, and the first parts of all texts before second ones, so
//! that a long scan keeps no short one waiting. But each of that by so much time and no more: what
//! has waited for longer goes before everything that comes later, or a steady stream of short
//! scans would keep the end of a long one waiting for ever.

/// Bulk work lets pass what comes within so many seconds after it.
pub(super) const BULK_YIELDS: f64 = 3600.0;

/// Each part of a text lets pass what comes within so many seconds after the part before it: about
/// the time that a core takes for a part.
pub(super) const PART_YIELDS: f64 = 20.0;

/// No part lets pass what comes later than so many seconds after its text was planned.
pub(super) const PARTS_YIELD_AT_MOST: f64 = 600.0;
