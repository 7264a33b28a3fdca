//! Parties (`docs/API.md#parties`) and attorneys (`docs/API.md#attorneys`).

use fetch_library::read::{
    AttorneyRow, ComplaintRow, CountRow, PartyRow, PartyTypeRow, RepresentationRow,
};

use super::endpoint::View;
use crate::dialect::{ApiError, Item, Object, moment, rendered::date};

/// What hangs off the parties of a page.
struct Around {
    types: Vec<PartyTypeRow>,
    counts: Vec<CountRow>,
    complaints: Vec<ComplaintRow>,
    counsel: Vec<RepresentationRow>,
}

pub(super) async fn render_parties(view: &View, ids: &[i64]) -> Result<Vec<Object>, ApiError> {
    let control = &view.api.control;
    let parties = control.library.parties(ids).await?;
    let types = control.library.party_types(ids).await?;
    let type_ids: Vec<i64> = types.iter().map(|row| row.id).collect();
    let around = Around {
        counts: control.library.criminal_counts(&type_ids).await?,
        complaints: control.library.criminal_complaints(&type_ids).await?,
        counsel: control.library.counsel_of_parties(ids).await?,
        types,
    };
    Ok(parties
        .iter()
        .map(|row| party(view, row, &around))
        .collect())
}

pub(super) async fn render_attorneys(view: &View, ids: &[i64]) -> Result<Vec<Object>, ApiError> {
    let attorneys = view.api.control.library.attorneys(ids).await?;
    let clients = view.api.control.library.clients_of_attorneys(ids).await?;
    Ok(attorneys
        .iter()
        .map(|row| attorney(view, row, &clients))
        .collect())
}

fn party(view: &View, row: &PartyRow, around: &Around) -> Object {
    let counsel = around.counsel.iter().filter(|role| role.party_id == row.id);
    let types = around.types.iter().filter(|kind| kind.party_id == row.id);
    Object::new()
        .with("resource_uri", view.here.row("parties", row.id))
        .with("id", row.id)
        .with(
            "attorneys",
            Item::list(counsel.map(|role| counsel_of(view, role))),
        )
        .with(
            "party_types",
            Item::list(types.map(|kind| party_type(view, kind, around))),
        )
        .with(
            "date_created",
            moment::write(row.date_created, view.api.time_zone),
        )
        .with(
            "date_modified",
            moment::write(row.date_modified, view.api.time_zone),
        )
        .with("name", row.name.as_str())
        .with("extra_info", row.extra_info.as_str())
}

fn counsel_of(view: &View, role: &RepresentationRow) -> Object {
    Object::new()
        .with("attorney", view.here.row("attorneys", role.attorney_id))
        .with("attorney_id", role.attorney_id)
        .with("date_action", date(role.date_action))
        .with("docket", view.here.row("dockets", role.docket_id))
        .with("docket_id", role.docket_id)
        .with("role", role.role)
}

fn party_type(view: &View, row: &PartyTypeRow, around: &Around) -> Object {
    let counts = around
        .counts
        .iter()
        .filter(|count| count.party_type_id == row.id);
    let complaints = around
        .complaints
        .iter()
        .filter(|it| it.party_type_id == row.id);
    Object::new()
        .with("docket", view.here.row("dockets", row.docket_id))
        .with("docket_id", row.docket_id)
        .with("name", row.name.as_str())
        .with("date_terminated", date(row.date_terminated))
        .with("extra_info", row.extra_info.as_str())
        .with(
            "highest_offense_level_opening",
            row.highest_offense_level_opening.as_str(),
        )
        .with(
            "highest_offense_level_terminated",
            row.highest_offense_level_terminated.as_str(),
        )
        .with("criminal_counts", Item::list(counts.map(criminal_count)))
        .with(
            "criminal_complaints",
            Item::list(complaints.map(criminal_complaint)),
        )
}

fn criminal_count(row: &CountRow) -> Object {
    Object::new()
        .with("id", row.id)
        .with("name", row.name.as_str())
        .with("disposition", row.disposition.as_str())
        .with("status", row.status)
        .with("party_type", row.party_type_id)
}

fn criminal_complaint(row: &ComplaintRow) -> Object {
    Object::new()
        .with("id", row.id)
        .with("name", row.name.as_str())
        .with("disposition", row.disposition.as_str())
        .with("party_type", row.party_type_id)
}

fn attorney(view: &View, row: &AttorneyRow, clients: &[RepresentationRow]) -> Object {
    let clients = clients.iter().filter(|role| role.attorney_id == row.id);
    let clients = clients.map(|role| {
        Object::new()
            .with("role", role.role)
            .with("docket", view.here.row("dockets", role.docket_id))
            .with("party", view.here.row("parties", role.party_id))
            .with("date_action", date(role.date_action))
    });
    Object::new()
        .with("resource_uri", view.here.row("attorneys", row.id))
        .with("id", row.id)
        .with("parties_represented", Item::list(clients))
        .with(
            "date_created",
            moment::write(row.date_created, view.api.time_zone),
        )
        .with(
            "date_modified",
            moment::write(row.date_modified, view.api.time_zone),
        )
        .with("name", row.name.as_str())
        .with("contact_raw", row.contact_raw.as_str())
        .with("phone", row.phone.as_str())
        .with("fax", row.fax.as_str())
        .with("email", row.email.as_str())
}
