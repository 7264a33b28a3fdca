//! Files of documents: their text is taken again by those who take texts.

use fetch_control::Control;
use fetch_db::Error;
use fetch_ledger::files::KeptFile;
use fetch_library::texts::TextAgain;

use crate::{
    choice::Choice,
    report::{CaseReport, Finding, PageFound},
};

/// Has the texts of the chosen files of a court taken again, at most as many as are `left`.
pub(crate) async fn read_again(
    control: &Control,
    court: &str,
    choice: &Choice,
    left: &mut usize,
) -> Result<CaseReport, Error> {
    let files = control.ledger.kept_files(court, choice.capture).await?;
    let fitting = files
        .iter()
        .filter(|file| choice.has_time_of(file.date_created) && choice.is_after(court, file.id));
    let mut pages = Vec::new();
    for file in fitting.take(*left) {
        pages.push(found(control, file, choice.dry_run).await?);
    }
    *left -= pages.len();
    Ok(CaseReport {
        court: court.to_owned(),
        case: String::new(),
        pages,
        read_after: 0,
        dockets: Vec::new(),
        requests: Vec::new(),
    })
}

async fn found(control: &Control, file: &KeptFile, dry_run: bool) -> Result<PageFound, Error> {
    let is_there = match control.db.blobs.look_up(&file.sha256).await {
        Ok(_) => None,
        Err(error @ (Error::Malformed { .. } | Error::File(_))) => Some(error.to_string()),
        Err(error) => return Err(error),
    };
    let (finding, why) = match is_there {
        Some(why) => (Finding::Damaged, why),
        None => match control
            .library
            .read_text_again(&file.sha256, dry_run)
            .await?
        {
            TextAgain::Wanted => (Finding::Handed, String::new()),
            TextAgain::UnderWay => (Finding::Unchanged, "it is being read at present".to_owned()),
        },
    };
    Ok(PageFound {
        capture: file.id,
        item: file.item_key.clone(),
        request: None,
        finding,
        why,
    })
}
