//! Buys and reads docket reports and attachment menus: takes `fetch.job.docket.>` and
//! `fetch.job.attachments.>`, leaves a saved docket or menu.
//!
//! Never sees a password, opens no connection to a court of its own, decides nothing about money.
//! Start reading at `job.rs`.

mod appeal;
mod job;
mod menu;
mod serve;

pub use fetch_purchase::FetcherConfig as Config;
pub use job::DocketJob;
pub use menu::MenuJob;
pub use serve::serve;
