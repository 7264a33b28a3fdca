use proptest::prelude::*;

use super::*;

/// What an address was read as, in a line.
fn read(pasted: &str) -> String {
    let address = match Address::parse(pasted) {
        Ok(address) => address,
        Err(error) => return error.to_string(),
    };
    let case = match address.case {
        None => "case ?".to_owned(),
        Some(CaseName::Id(id)) => format!("case {id}"),
        Some(CaseName::Number(number)) => format!("number {number}"),
    };
    let document = match address.document {
        None => "docket".to_owned(),
        Some(DocumentName::Id(id)) => format!("document {id}"),
        Some(DocumentName::Number { entry, attachment }) => {
            let attachment = attachment.map(|number| format!(".{number}"));
            format!("entry {entry}{}", attachment.unwrap_or_default())
        }
    };
    let court = address.court.cl_id.as_deref().unwrap_or_default();
    format!("{court}, {case}, {document}")
}

#[test]
fn what_people_paste_is_read() {
    let rows = [
        // Documents, with and without their case.
        (
            "https://ecf.cand.uscourts.gov/doc1/035112345",
            "cand, case ?, document 035012345",
        ),
        (
            "https://ecf.cand.uscourts.gov/doc1/035012345",
            "cand, case ?, document 035012345",
        ),
        (
            "https://ecf.cand.uscourts.gov/doc1/035112345?caseid=178502&de_seq_num=7&magic_num=MAGIC",
            "cand, case 178502, document 035012345",
        ),
        (
            "https://ecf.ca9.uscourts.gov/docs1/009112345",
            "ca9, case ?, document 009012345",
        ),
        (
            "https://ecf.ca9.uscourts.gov/docs1/009112345?caseId=3344",
            "ca9, case ?, document 009012345",
        ),
        (
            "https://ecf.ca9.uscourts.gov/n/beam/servlet/TransportRoom?servlet=ShowDoc&dls_id=009112345&caseId=3344",
            "ca9, case ?, document 009012345",
        ),
        (
            "https://ecf.ca5.uscourts.gov/cmecf/servlet/TransportRoom?servlet=ShowDoc/005112345",
            "ca5, case ?, document 005012345",
        ),
        // Documents by their number.
        (
            "https://ecf.cand.uscourts.gov/cgi-bin/show_case_doc?12,178502,,,",
            "cand, case 178502, entry 12",
        ),
        (
            "https://ecf.cand.uscourts.gov/cgi-bin/show_case_doc?12,178502,3,,",
            "cand, case 178502, entry 12.3",
        ),
        (
            "https://ecf.canb.uscourts.gov/cgi-bin/show_doc.pl?caseid=4711&de_seq_num=7&dm_id=9&doc_num=12",
            "canb, case 4711, entry 12",
        ),
        (
            "https://storage.courtlistener.com/recap/gov.uscourts.cand.178502/gov.uscourts.cand.178502.12.0.pdf",
            "cand, case 178502, entry 12",
        ),
        (
            "https://archive.org/download/gov.uscourts.cand.178502/gov.uscourts.cand.178502.12.3.pdf",
            "cand, case 178502, entry 12.3",
        ),
        // Dockets.
        (
            "https://ecf.cand.uscourts.gov/cgi-bin/DktRpt.pl?178502",
            "cand, case 178502, docket",
        ),
        (
            "https://ecf.cand.uscourts.gov/cgi-bin/iquery.pl?178502",
            "cand, case 178502, docket",
        ),
        (
            "https://ecf.cand.uscourts.gov/cgi-bin/qrySummary.pl?178502",
            "cand, case 178502, docket",
        ),
        (
            "https://ecf.cand.uscourts.gov/cgi-bin/HistDocQry.pl?178502#top",
            "cand, case 178502, docket",
        ),
        (
            "https://ecf.cand.uscourts.gov/cgi-bin/iquery.pl?625371913403797-L_9999_1-0-178502",
            "cand, case 178502, docket",
        ),
        (
            "https://ecf.cand.uscourts.gov/cgi-bin/mobile_query.pl?search=caseInfo&caseid=178502",
            "cand, case 178502, docket",
        ),
        (
            "https://ecf.cand.uscourts.gov/cgi-bin/DktRpt.pl?caseNumber=3:16-cv-00432&caseId=0",
            "cand, number 3:16-cv-00432, docket",
        ),
        (
            "https://ecf.ca9.uscourts.gov/n/beam/servlet/TransportRoom?servlet=CaseSummary.jsp&caseNum=16-1432&incOrigDkt=Y",
            "ca9, number 16-1432, docket",
        ),
        (
            "https://ecf.ca9.uscourts.gov/n/beam/servlet/TransportRoom?servlet=CaseQuery.jsp&caseid=33&csnum1=16-1432",
            "ca9, number 16-1432, docket",
        ),
        (
            "https://www.courtlistener.com/?type=r&q=&docket_number=3%3A16-cv-00432&court=cand",
            "cand, number 3:16-cv-00432, docket",
        ),
        (
            "https://www.courtlistener.com/api/rest/v4/dockets/?court=cand&pacer_case_id=178502",
            "cand, case 178502, docket",
        ),
        (
            "https://archive.org/details/gov.uscourts.cand.178502",
            "cand, case 178502, docket",
        ),
        // PACER's name of a court is not always CourtListener's.
        (
            "https://ecf.azb.uscourts.gov/cgi-bin/DktRpt.pl?99",
            "arb, case 99, docket",
        ),
        (
            "https://ecf.cofc.uscourts.gov/cgi-bin/DktRpt.pl?99",
            "uscfc, case 99, docket",
        ),
        // As it comes out of mails.
        (
            "ecf.cand.uscourts.gov/doc1/035112345",
            "cand, case ?, document 035012345",
        ),
        (
            " <HTTP://ECF.CAND.USCOURTS.GOV/doc1/035112345> ",
            "cand, case ?, document 035012345",
        ),
    ];
    for (pasted, expected) in rows {
        assert_eq!(read(pasted), expected, "{pasted}");
    }
}

#[test]
fn a_refusal_names_what_was_not_understood() {
    let rows = [
        ("", "not a web address"),
        ("3:16-cv-00432", "not a web address"),
        ("javascript:alert(1)", "not a web address"),
        (
            "ftp://ecf.cand.uscourts.gov/doc1/035112345",
            "not a web address",
        ),
        ("https://10.0.0.1/doc1/035112345", "not a web address"),
        (
            "https://example.com/doc1/035112345",
            "'example.com' is not the site of a court",
        ),
        (
            "https://ecf.nope.uscourts.gov/doc1/035112345",
            "'ecf.nope.uscourts.gov' is not",
        ),
        (
            "https://ca9-showdoc.azurewebsites.us/23-1234",
            "is a site of ACMS",
        ),
        (
            "https://dcecf.psc.uscourts.gov/doc1/035112345",
            "Nothing can be bought",
        ),
        (
            "https://ecf.cand.uscourts.gov/",
            "'/' on ecf.cand.uscourts.gov",
        ),
        (
            "https://ecf.cand.uscourts.gov/cgi-bin/login.pl?178502",
            "'/cgi-bin/login.pl'",
        ),
        (
            "https://ecf.cand.uscourts.gov/cgi-bin/DktRpt.pl",
            "'/cgi-bin/DktRpt.pl'",
        ),
        (
            "https://ecf.cand.uscourts.gov/cgi-bin/DktRpt.pl?625371913403797-L_1_0-1",
            "made for one visit",
        ),
        (
            "https://ecf.cand.uscourts.gov/cgi-bin/DktRpt.pl?17a",
            "'/cgi-bin/DktRpt.pl' on",
        ),
        (
            "https://ecf.cand.uscourts.gov/doc1/03x112345",
            "'/doc1/03x112345' on",
        ),
        (
            "https://ecf.cand.uscourts.gov/doc1/041112345",
            "041112345, does not begin like those of cand",
        ),
        (
            "https://ecf.cand.uscourts.gov/cgi-bin/show_case_doc?0,178502,,,",
            "'0' in this address",
        ),
        (
            "https://ecf.ca9.uscourts.gov/n/beam/servlet/TransportRoom?servlet=DocketReportFilter.jsp&caseId=33",
            "Appeals are asked for by their number",
        ),
        (
            "https://www.courtlistener.com/docket/4214664/penhallow-v-nimbus/",
            "only CourtListener's own number",
        ),
        (
            "https://www.courtlistener.com/docket/4214664/12/2/penhallow-v-nimbus/",
            "only CourtListener's own number",
        ),
        (
            "https://www.courtlistener.com/docket/4214664/3-16-cv-00432/",
            "docket number 3:16-cv-00432 in it, but not the court",
        ),
        (
            "https://www.courtlistener.com/?docket_number=3:16-cv-00432",
            "but not the court",
        ),
        (
            "https://www.courtlistener.com/?docket_number=3:16-cv-00432&court=nope",
            "'nope' in this address",
        ),
        (
            "https://www.courtlistener.com/opinion/12/a-v-b/",
            "'/opinion/12/a-v-b/'",
        ),
    ];
    for (pasted, expected) in rows {
        let told = Address::parse(pasted).map(|_| ()).unwrap_err().to_string();
        assert!(told.contains(expected), "{pasted}: {told}");
    }
}

#[test]
fn what_may_be_secret_is_not_repeated() {
    for pasted in [
        "https://ann:hunter2@ecf.cand.uscourts.gov/nowhere?magic_num=hunter2",
        "https://ann:hunter2@example.com/nowhere?magic_num=hunter2#hunter2",
        "https://ecf.cand.uscourts.gov/cgi-bin/DktRpt.pl?625371913403797-L_hunter2-1",
        "https://ecf.cand.uscourts.gov/cgi-bin/DktRpt.pl?PacerSession=hunter2",
        "https://ecf.cand.uscourts.gov/cgi-bin/DktRpt.pl?625371913403797-L_1_0-1-hunter2",
        "https://ecf.cand.uscourts.gov/cgi-bin/show_case_doc?PacerSession=hunter2",
        "https://ecf.cand.uscourts.gov/cgi-bin/show_case_doc?12,PacerSession=hunter2,,,",
        "https://ecf.cand.uscourts.gov/cgi-bin/show_case_doc?12,178502,hunter2,,",
        "https://ecf.cand.uscourts.gov/doc1/035112345;jsessionid=hunter2",
        "https://ecf.cand.uscourts.gov/doc1/035112345%3Bjsessionid=hunter2",
        "https://ecf.cand.uscourts.gov/cgi-bin/login.pl;jsessionid=hunter2",
        "https://ecf.ca9.uscourts.gov/n/beam/servlet/TransportRoom;jsessionid=hunter2?servlet=ShowDoc/hunter2",
        "https://www.courtlistener.com/opinion/12/;jsessionid=hunter2",
    ] {
        let told = Address::parse(pasted).map(|_| ()).unwrap_err().to_string();
        assert!(!told.contains("hunter2"), "{told}");
    }
}

#[test]
fn every_court_that_sells_is_found_by_its_site() {
    let courts = Court::all().iter().filter(|court| sold(court).is_some());
    for court in courts.filter(|court| court.kind != CourtKind::BankruptcyPanel) {
        let Some(prefix) = court.doc_id_prefix.as_deref() else {
            continue;
        };
        let pasted = format!("https://{}/docs1/{prefix}112345", court.host);
        let found = Address::parse(&pasted).unwrap().court;
        assert_eq!(found.cl_id, court.cl_id, "{pasted}");
    }
}

proptest! {
    #[test]
    fn nothing_that_is_pasted_is_too_much(pasted in ".{0,300}") {
        let _ = Address::parse(&pasted);
    }

    #[test]
    fn nor_is_anything_on_the_site_of_a_court(
        site in "(https?://)?(ecf.cand.uscourts.gov|ecf.ca9.uscourts.gov|www.courtlistener.com|archive.org)",
        rest in "(/doc1/|/docs1/|/cgi-bin/DktRpt.pl\\?|/cgi-bin/show_case_doc\\?|/n/beam/servlet/TransportRoom\\?servlet=|/docket/|/gov.uscourts.)?.{0,60}",
    ) {
        if let Ok(address) = Address::parse(&format!("{site}{rest}")) {
            prop_assert!(address.court.is_pacer_court());
            prop_assert!(address.case.is_some() || address.document.is_some());
        }
    }
}
