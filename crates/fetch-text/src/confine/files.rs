//! Landlock: no path may be opened, made, moved or run, no port reached, nobody signalled.

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, RestrictionStatus, Ruleset,
    RulesetAttr, RulesetError, RulesetStatus, Scope,
};

/// The newest interface that this was written for. Older kernels enforce what they know.
const NEWEST: ABI = ABI::V7;

/// Refuses all of it to this thread and to those that it starts.
pub(super) fn forbid() -> Result<(), String> {
    let status = restrict().map_err(|error| error.to_string())?;
    match status.ruleset {
        RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced => Ok(()),
        RulesetStatus::NotEnforced => Err("not in this kernel".to_owned()),
    }
}

/// What is handled and has no exception is refused.
fn restrict() -> Result<RestrictionStatus, RulesetError> {
    Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?
        .restrict_self()
}
