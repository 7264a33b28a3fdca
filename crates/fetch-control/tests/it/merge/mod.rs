//! Pages become rows, merged.

mod appeals;
mod chance;
mod changes;
mod corpus;
pub mod documents;
mod entries;
pub mod pages;
mod parties;
mod together;

use fetch_library::{
    Library,
    merge::{DocketTarget, MergedDocket},
};
use fetch_model::kept_page::DocketPage;
use pacer::page::{appellate_docket::AppellateDocket, docket::Docket};

/// Merging pages whose kind is known.
pub trait MergeDocket {
    /// Merges a docket report.
    async fn merge_docket(
        &self,
        target: &DocketTarget,
        page: &Docket,
    ) -> Result<MergedDocket, fetch_db::Error>;

    /// The same of an appellate court.
    async fn merge_appellate_docket(
        &self,
        target: &DocketTarget,
        page: &AppellateDocket,
    ) -> Result<MergedDocket, fetch_db::Error>;
}

impl MergeDocket for Library {
    async fn merge_docket(
        &self,
        target: &DocketTarget,
        page: &Docket,
    ) -> Result<MergedDocket, fetch_db::Error> {
        let page = DocketPage::District(Box::new(page.clone()));
        self.merge_page(target, &page).await
    }

    async fn merge_appellate_docket(
        &self,
        target: &DocketTarget,
        page: &AppellateDocket,
    ) -> Result<MergedDocket, fetch_db::Error> {
        let page = DocketPage::Appellate(Box::new(page.clone()));
        self.merge_page(target, &page).await
    }
}
