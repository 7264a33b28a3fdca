use fetch_library::read::Kind;

use super::*;

fn answer(resource: Resource, query: &str) -> Result<Filters, String> {
    let parameters: Vec<_> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    read(resource, &parameters, &[], chrono_tz::UTC)
        .map_err(|refusal| serde_json::to_string(&refusal.into_object()).unwrap())
}

fn one(resource: Resource, query: &str) -> Filter {
    let mut read = answer(resource, query).unwrap();
    assert_eq!(read.filters.len(), 1, "{query}");
    read.filters.remove(0)
}

fn path(filter: &Filter) -> Vec<&str> {
    filter.path.iter().map(|relation| relation.name).collect()
}

#[test]
fn unknown_parameters_are_named_sorted() {
    assert_eq!(
        answer(Resource::FetchRequests, "foo=1&bar=2&status=1&page_size=3").unwrap_err(),
        r#"{"detail":"Unknown filter parameters are not allowed.","unknown_params":["bar","foo"]}"#
    );
    for bad in [
        "id=1",
        "user=1",
        "date_created__gte=2020-01-01",
        "court__id=cand",
        "docket__id=1",
        "docket_number__in=1",
        "status__in__in=1",
    ] {
        assert!(answer(Resource::FetchRequests, bad).is_err(), "{bad}");
    }
    assert!(answer(Resource::Dockets, "court_id=cand").is_err());
}

#[test]
fn values_must_be_among_the_choices() {
    assert_eq!(
        answer(Resource::FetchRequests, "status=9").unwrap_err(),
        r#"{"status":["Select a valid choice. 9 is not one of the available choices."]}"#
    );
    assert_eq!(
        answer(Resource::FetchRequests, "docket=x&court=nope").unwrap_err(),
        r#"{"docket":["Select a valid choice. That choice is not one of the available choices."],"court":["Select a valid choice. That choice is not one of the available choices."]}"#
    );
    let kept = answer(Resource::FetchRequests, "status=&status__in=1,4,5").unwrap();
    let numbers = [1, 4, 5].map(Value::Integer).to_vec();
    assert_eq!(kept.filters.len(), 1);
    assert_eq!(kept.filters[0].test, Test::OneOf(numbers));
}

#[test]
fn names_lead_through_relations() {
    let filter = one(Resource::RecapDocuments, "docket_entry__docket__court=cand");
    assert_eq!(path(&filter), ["docket_entry", "docket"]);
    assert_eq!(filter.test, Test::OneOf(vec![Value::Text("cand".into())]));
    let filter = one(Resource::DocketEntries, "docket__id=5");
    assert_eq!(path(&filter), ["docket"]);
    let filter = one(Resource::DocketEntries, "entry_number__isnull=true");
    assert_eq!(filter.test, Test::IsNull(true));
    let filter = one(Resource::Parties, "attorney__name__istartswith=rob");
    assert_eq!(path(&filter), ["attorney"]);
    let deep = "docket_entries__docket__docket_entries__docket__court";
    assert_eq!(
        path(&one(Resource::Dockets, &format!("{deep}=cand"))).len(),
        4
    );
    let deeper = format!("docket_entries__docket__{deep}");
    assert!(answer(Resource::Dockets, &format!("{deeper}=cand")).is_err());
    let to_the_court = one(Resource::Dockets, &format!("{deep}__id=cand"));
    assert_eq!(path(&to_the_court).len(), 5);
}

#[test]
fn a_class_of_courts_may_be_one_of_several() {
    let query = "court__jurisdiction=FD&court__jurisdiction=F";
    let filter = one(Resource::Dockets, query);
    assert_eq!(path(&filter), ["court"]);
    let classes = ["FD", "F"].map(|class| Value::Text(class.to_owned()));
    assert_eq!(filter.test, Test::OneOf(classes.to_vec()));
    for none in ["jurisdiction=", "jurisdiction=FD&jurisdiction="] {
        assert_eq!(
            answer(Resource::Courts, none).unwrap().filters,
            [],
            "{none}"
        );
    }
    // Of what is no class, the last counts.
    let filter = one(Resource::Courts, "position=1&position=2");
    assert_eq!(filter.test, Test::OneOf(vec![Value::Decimal("2".into())]));
}

#[test]
fn an_exclamation_mark_excludes_and_rows_named_must_exist() {
    let read = answer(Resource::FetchRequests, "status!=2&recap_document__in=1,2").unwrap();
    assert!(read.filters[0].exclude && !read.filters[1].exclude);
    assert_eq!(read.references.len(), 1);
    assert_eq!(read.references[0].ids, [1, 2]);
}

#[test]
fn filters_that_ask_about_other_rows_are_told() {
    for (query, beyond) in [
        ("id=cand&position__gte=1", false),
        ("jurisdiction!=FD", false),
        ("dockets=1", true),
        ("dockets__blocked=false", true),
        ("dockets__court__id=cand", true),
    ] {
        let filters = answer(Resource::Courts, query).unwrap();
        assert_eq!(filters.reach_beyond(), beyond, "{query}");
    }
}

/// Every way to other rows is open, and every lookup of every column that is reached by it reads a
/// value of its kind.
#[test]
fn every_filter_of_the_tables_is_read() {
    for resource in [
        Resource::Dockets,
        Resource::DocketEntries,
        Resource::RecapDocuments,
        Resource::Courts,
    ] {
        for relation in resource.relations() {
            for column in relation.to.columns() {
                for lookup in column.lookups {
                    let value = match (column.kind, lookup) {
                        (_, Lookup::IsNull) => "true",
                        (Kind::Date | Kind::Instant, Lookup::Range) => "2024-01-01,2024-01-02",
                        (Kind::Integer | Kind::Thousandths, Lookup::Range) => "1,2",
                        (Kind::Word(_), _) => "FD",
                        (
                            Kind::Date | Kind::Instant,
                            Lookup::Exact
                            | Lookup::GreaterOrEqual
                            | Lookup::Greater
                            | Lookup::LessOrEqual
                            | Lookup::Less,
                        ) => "2024-01-01",
                        _ => "1",
                    };
                    let suffix = suffix_of(*lookup);
                    let name = format!("{}__{}__{suffix}={value}", relation.name, column.name);
                    assert_eq!(path(&one(resource, &name)), [relation.name], "{name}");
                }
            }
        }
    }
}
