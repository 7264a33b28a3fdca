//! What merging pages changes: each docket is remembered as it was before.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use fetch_model::{
    DocketId, DocumentId,
    kept_page::{DocketPage, Menu},
};
use sqlx::PgConnection;

use crate::{
    Error,
    content::{self, Content},
    merge::{self, DocketTarget, MergedMenu, Report},
};

/// What a page of a docket was merged into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedPage {
    /// The docket.
    pub docket: DocketId,
    /// The entries that the page lists, as content rows name them.
    pub listed: Vec<String>,
}

/// A docket that pages were merged into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// Which.
    pub docket: DocketId,
    /// What it was before; none if it was made.
    pub before: Option<Content>,
    /// What it is now.
    pub after: Content,
}

/// Of every docket that a page was merged into, what it was before; none of one that was made.
#[derive(Debug)]
pub struct Changes {
    /// Where days begin.
    time_zone: Tz,
    before: BTreeMap<i64, Option<Content>>,
}

impl Changes {
    /// None yet; days begin in that zone.
    #[must_use]
    pub fn new(time_zone: Tz) -> Changes {
        Changes {
            time_zone,
            before: BTreeMap::new(),
        }
    }

    /// Merges the page of a docket, as those who buy dockets do.
    pub async fn merge_page(
        &mut self,
        connection: &mut PgConnection,
        target: &DocketTarget,
        page: &DocketPage,
    ) -> Result<MergedPage, Error> {
        let report = Report::of(page, self.time_zone);
        let found = report.find(connection, target).await?;
        self.note(connection, found.docket, found.is_new).await?;
        let (merged, listed) = report.merge(connection, target, &found).await?;
        Ok(MergedPage {
            docket: merged.docket,
            listed: listed.iter().map(i64::to_string).collect(),
        })
    }

    /// Merges a menu, as those who fetch menus do.
    pub async fn merge_menu(
        &mut self,
        connection: &mut PgConnection,
        document: DocumentId,
        menu: &Menu,
    ) -> Result<MergedMenu, Error> {
        let (page, layout) = merge::listed(menu);
        match merge::find_place(connection, document, &page).await? {
            Ok(place) => {
                self.note(connection, place.docket, false).await?;
                merge::merge_into(connection, &place, &page, layout).await
            }
            Err(nowhere) => Ok(nowhere),
        }
    }

    /// Notes what a docket was before any page was merged into it; it is locked.
    async fn note(
        &mut self,
        connection: &mut PgConnection,
        docket: i64,
        is_new: bool,
    ) -> Result<(), Error> {
        if self.before.contains_key(&docket) {
            return Ok(());
        }
        let before = match is_new {
            true => None,
            false => Some(content::of_docket(&mut *connection, DocketId(docket)).await?),
        };
        self.before.insert(docket, before);
        Ok(())
    }

    /// The dockets that pages were merged into so far.
    pub async fn touched(&self, connection: &mut PgConnection) -> Result<Vec<Touched>, Error> {
        let mut touched = Vec::with_capacity(self.before.len());
        for (docket, before) in &self.before {
            let docket = DocketId(*docket);
            touched.push(Touched {
                docket,
                before: before.clone(),
                after: content::of_docket(&mut *connection, docket).await?,
            });
        }
        Ok(touched)
    }

    /// What a docket was before any page was merged into it; none if it was made, or none was.
    #[must_use]
    pub fn before(&self, docket: DocketId) -> Option<&Content> {
        self.before.get(&docket.0)?.as_ref()
    }
}
