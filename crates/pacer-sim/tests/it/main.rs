//! The simulator over real HTTP, as a stranger's program would use it.

mod acms;
mod acms_elsewhere;
mod acms_refused;
mod apart;
mod appellate_docket;
mod appellate_document;
mod appellate_faults;
mod appellate_manners;
mod case_page;
mod docket;
mod document;
mod fault;
mod free_look;
mod harness;
mod layout;
mod ledger;
mod limit;
mod load;
mod lookup;
mod replay;
mod second_factor;
mod sign_on;
mod truth;
