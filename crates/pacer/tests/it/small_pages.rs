//! Pages that say one thing only: the list of creditors, and the page of a case for phones.

use pacer::page::PageError;
use pacer::page::kind::Kind;
use pacer::page::list_of_creditors::{self, ListOfCreditors};
use pacer::page::mobile_query::{self, MobileQuery};
use pacer::page::possible_case_numbers::Hints;

fn creditors(page: &str) -> Option<ListOfCreditors> {
    list_of_creditors::parse(page.as_bytes(), "nysb").expect("the page can be read")
}

#[test]
fn creditors_are_handed_on_as_they_are() {
    let page = "<form name=other><input name=data value=wrong></form><input name=data value=wrong>\
                <form name=bnc><input name=n value=2><p><input name=data value='1|Ines  Corr ,|\n2|Ada &amp; Co|'>\
                <input name=data value=later></form>";
    let data = creditors(page).expect("it is a list").data;
    assert_eq!(data.as_deref(), Some("1|Ines  Corr ,|\n2|Ada & Co|"));
}

#[test]
fn page_may_lack_the_creditors() {
    let empty = "<form name=bnc><input name=other value=1></form>";
    let expected = ListOfCreditors {
        court_id: "nysb".to_owned(),
        data: None,
    };
    assert_eq!(creditors(empty), Some(expected));
    assert_eq!(
        creditors("<b>you entered a non-bankruptcy\n type case: cv"),
        None
    );
}

#[test]
fn only_bankruptcy_courts_list_creditors() {
    assert_eq!(
        list_of_creditors::parse(b"x", "cand"),
        Err(PageError::NotBankruptcy)
    );
}

const FREE: &str = "<div class='bar ui-title x'> \n</div><span>9</span>\
                    <a id=entriesLink href='#'>Docket Entries<b><span> 143 </span></b><span>7</span></a>";

#[test]
fn phone_page_counts_the_entries() {
    let free = MobileQuery::Free {
        court_id: "cand".to_owned(),
        entry_count: 143,
        cost: String::new(),
    };
    assert_eq!(mobile_query::parse(FREE.as_bytes(), "cand"), Ok(Some(free)));
}

#[test]
fn phone_page_tells_what_was_charged() {
    let page =
        "<div class=ui-title>\n Pages: 3  Cost: $0.30 (billed)</div><div class=ui-title>x</div>";
    let json = Kind::MobileQuery
        .to_json(page.as_bytes(), "cand", Hints::default())
        .unwrap();
    assert_eq!(
        json,
        r#"{"cost":0.3,"cost_raw":"Pages: 3  Cost: $0.30 (billed)"}"#
    );
    let charged: MobileQuery = serde_json::from_str(&json).unwrap();
    assert!(matches!(
        charged,
        MobileQuery::Charged { cost_cents: 30, .. }
    ));
}

#[test]
fn phone_page_without_a_number_is_refused() {
    let read = |page: &str| mobile_query::parse(page.as_bytes(), "cand");
    assert_eq!(read("<p>Log in"), Err(PageError::Missing("title")));
    let odd = FREE.replace("143", "many");
    assert_eq!(read(&odd), Err(PageError::Bad("number of entries")));
    let none = FREE.replace("entriesLink", "x");
    assert_eq!(read(&none), Err(PageError::Missing("number of entries")));
    assert_eq!(
        read(&FREE.replace(" \n<", "Cost: free<")),
        Err(PageError::Bad("cost"))
    );
    let written_into = format!("{FREE}<script>MetaMask(web3)</script>");
    assert_eq!(read(&written_into), Ok(None));
}
