//! Small pages of our own; all people and cases in them are invented.

/// A district docket: header, one party a side, three entries, and a receipt.
pub fn district_docket() -> String {
    let entries = [
        entry("03/05/2024", "1", "100", "COMPLAINT with Jury Demand against Nimbus Kettle Works. (Entered: 03/06/2024)"),
        entry("03/07/2024", "2", "104", "SUMMONS Issued , returned."),
        "<tr><td>03/08/2024</td><td>&nbsp;</td><td>Minute Entry: nobody came. (Entered: 03/08/2024)</td></tr>".to_owned(),
    ];
    docket_with(
        "CIVIL DOCKET FOR CASE #: 1:24-cv-00417-ABC-DE",
        &parties(),
        &entries.concat(),
    )
}

/// An entry with a link to its document.
pub fn entry(date: &str, number: &str, sequence: &str, text: &str) -> String {
    format!(
        "<tr><td>{date}</td><td><a href='https://ecf.cand.uscourts.gov/doc1/035112345{number}' \
         onClick=\"goDLS('/doc1/035112345{number}','998877','{sequence}','','','1','','');return(false);\">{number}</a></td>\
         <td>{text}</td></tr>"
    )
}

fn parties() -> String {
    "<table><tr><td><b><u>Plaintiff </u></b></td></tr>\
     <tr><td><b>Orla Penhallow</b><br><i>individually</i></td><td>represented by</td>\
     <td><b>Tamsin Quill</b><br>Quill &amp; Vane LLP<br>1 Harbour Row<br><i>LEAD ATTORNEY</i><br><i>Bar Status: Active</i></td></tr>\
     <tr><td></td><td></td><td>V.</td></tr>\
     <tr><td><b><u>Defendant (1)</u></b></td></tr>\
     <tr><td><b>Nimbus Kettle Works</b><br>TERMINATED: 04/01/2024</td><td>represented by</td>\
     <td><b>Tamsin Quill</b><br>(See above for address)<br></td></tr></table>"
        .to_owned()
}

/// Puts parts together as a page, with the evidence of a session and a receipt.
pub fn docket_with(heading: &str, parties: &str, entries: &str) -> String {
    format!(
        "<html><body><a href='/cgi-bin/login.pl?logout'>Log Out</a><div id='cmecfMainContent'>\
         <h3>U.S. District Court<br>{heading}</h3>\
         <table><tr><td>Penhallow et al vs. Nimbus Kettle Works<br>Assigned to: District Judge Rosalind M Ferrant<br>\
         Cause: 28:1332 Diversity</td>\
         <td>Date Filed: 03/05/2024<br>Jury Demand: Plaintiff<br>Nature of Suit: 190 Contract: Other<br>\
         Jurisdiction: Diversity</td></tr></table>{parties}\
         <table><tr><th>Date Filed</th><th>#</th><th>Docket Text</th></tr>{entries}</table>{}</div></body></html>",
        receipt()
    )
}

/// A receipt as courts append it.
pub fn receipt() -> String {
    "<hr><center><table border=1><tr><th colspan=4><font size=+1>PACER Service Center</font></th></tr>\
     <tr><th colspan=4><font>Transaction Receipt</font></th></tr><tr></tr><tr></tr>\
     <tr><td colspan=4 align=center><font>11/02/2026 09:15:42</font></td></tr>\
     <tr><th><font>PACER Login:</font></th><td><font>example-login</font></td>\
     <th><font>Client Code:</font></th><td><font>kettle-7</font></td></tr>\
     <tr><th><font>Description:</font></th><td><font>Docket Report</font></td>\
     <th><font>Search Criteria:</font></th><td><font>1:24-cv-00417-ABC-DE</font></td></tr>\
     <tr><th><font>Billable Pages:</font></th><td><font>12</font></td>\
     <th><font>Cost:</font></th><td><font>1.20</font></td></tr></table></center>"
        .to_owned()
}

/// A menu of a district court, with one attachment that has a size and one that is restricted.
pub fn menu() -> String {
    "<a href='/cgi-bin/login.pl?logout'>x</a><b>Document Selection Menu</b>\
     <form><table><tr><td>Document Number:</td><td><input name='document_7_0' value='555-90555-2'></td>\
     <td><a href='/doc1/035155500001' onClick=\"goDLS('/doc1/035155500001','998877','31','','','1','','')\">7</a></td><td>2 pages</td><td>88.4 KB</td></tr>\
     <tr><td><input name='document_7_1' value='556-1000-3'></td>\
     <td><a href='/doc1/035155500002' onClick=\"goDLS('/doc1/035155500002','998877','31','','','1','','')\">1</a></td>\
     <td>Exhibit A: Kettle</td><td>3 pages</td><td>1.0 KB</td></tr>\
     <tr><td></td><td><a href='/doc1/035155500003'>2</a></td><td>Exhibit B</td><td></td><td></td></tr></table>\
     <input type=button value='Download All' onClick=\"x('show_multidocs.pl?caseid=998877&arr_de_seq_nums=31&magic_num=')\"></form>"
        .to_owned()
}

/// The price of a document.
pub fn price_page() -> String {
    format!(
        "<p>To accept charges shown below, click on the 'View Document' button, otherwise go back.</p>\
         <p>You will only be billed for 30 pages.</p>{}\
         <form method=post action='/doc1/035155500001' onSubmit=\"goDLS('/doc1/035155500001','998877','31','1','','1','','','');return(false);\">\
         <input type=submit value='View Document'></form>",
        receipt()
    )
}

/// A full docket of an appellate court: header, case below, parties, and the entries.
pub fn appeal(entries: &str) -> String {
    format!(
        "<html><body><table><!-- NEW SECTION - Case Stub --><tr><td>\
         <table><tr><td><b>Court of Appeals Docket #: </b>26-1042</td><td><b>Docketed:</b> 02/03/2026<br><b>Termed:</b></td></tr>\
         <tr><td>Wren Hollow, et al v. Nimbus Kettle Works</td></tr><tr><td><b>Appeal From:</b> null</td></tr>\
         <tr><td><b>Fee Status:</b> fee  paid</td></tr></table></td></tr>\
         <tr><td><table><tr><td><b>Case Type Information:</b></td></tr><tr><td><b>1)</b> civil</td></tr>\
         <tr><td><b>2)</b> private</td></tr><tr><td><b>3)</b> null</td></tr></table></td></tr>\
         <tr><td>{}</td></tr><tr><td><b>Panel Assignment:</b><b>Panel:</b> ABC DE</td></tr></table>\
         <!-- NEW SECTION - Party/Aty List --><br>{}\
         <!-- NEW SECTION - DOCKET ENTRIES --><form><table><tr><td><table>{entries}</table></td></tr></table></form>{}</body></html>",
        case_below(),
        sides(),
/// A history of a district court: a complaint filed a day before it was entered, with its text, and
/// a minute entry.
pub fn history() -> String {
    let dates = |rows: &str| format!("<td><table>{rows}</table></td>");
    let filed = "<tr><td><i>Filed: </i></td><td>03/05/2024</td></tr><tr><td><i>Entered: </i></td><td>03/06/2024</td></tr>";
    let both = "<tr><td><i>Filed &amp; Entered: &nbsp;</i></td><td>03/08/2024</td></tr>";
    format!(
        "<center><b><font size=\"+1\">1:24-cv-00417-ABC-DE</font></b> Penhallow et al v. Nimbus Kettle Works<br>\
         J. Orrin Vale, presiding<br>Rosalind M Ferrant, referral<br><b>Date filed:</b> 03/05/2024<br>\
         <b>Date terminated:</b> 05/01/2024<br><b>Date of last filing:</b> 05/02/2024</center>\
         <h2>History</h2><center><table><tr><th>Doc.<br>No.</th><th>Dates</th><th>Description</th></tr>\
         <tr><td><a href='/doc1/035112345001' onClick=\"goDLS('/doc1/035112345001','998877','100','','','1','','')\">1</a></td>{}\
         <td><a href=\"javascript:DktText('1')\"></a> Complaint</td></tr>\
         <tr><td colspan=2><i>Docket Text:</i> COMPLAINT about a kettle , with Exhibits.</td></tr>\
         <tr><td>&nbsp;</td>{}<td> Minute Entry</td></tr></table>{}</center>",
        dates(filed),
        dates(both),
        receipt()
    )
}

fn case_below() -> String {
    "<table><tr><td><b>Originating Court Information:</b></td></tr>\
     <tr><td><b>District: </b>0971-3 : <a href='https://ecf.cand.uscourts.gov/cgi-bin/DktRpt.pl?caseNumber=1:24-cv-00417'>1:24-cv-00417-ABC</a></td></tr>\
     <tr><td><b>Trial Judge: </b>Rosalind M. Ferrant, District Judge</td></tr>\
     <tr><td><b>Date Filed: </b>03/05/2024</td></tr>\
     <tr><td><b>Date Order/Judgment:</b></td><td><b>Date Decided:</b></td><td><b>Date NOA Filed:</b></td></tr>\
     <tr><td>&nbsp;01/20/2026</td><td>01/21/2026</td><td>01/30/2026</td></tr></table>"
        .to_owned()
}

fn sides() -> String {
    "<table><tr><td><table><tr><td colspan=2></td></tr>\
     <tr><td>WREN HOLLOW<br><b>Terminated: </b>04/01/2026<br><b>Alias: </b>Wrenna<br>of the mill<br>\n&nbsp;Plaintiff&nbsp;-&nbsp;Appellant,</td>\
     <td>\nTamsin Quill<br>Direct: <a href='tel:555'>555</a><br>[COR NTC Retained]<br>Quill &amp; Vane LLP<br><br>\nIda Moss<br>[NTC]<br>1 Quay<br> <br>Back door</td></tr>\
     <tr><td colspan=2>v.</td></tr>\
     <tr><td>NIMBUS KETTLE WORKS<br>Defendant - Appellee</td><td>Tamsin Quill<br>(See above)<br><br>\n</td></tr>\
     </table></td></tr></table>"
        .to_owned()
}

/// An entry of an appeal that shows its number and lets its document be chosen.
pub fn appeal_entry(date: &str, number: &str, text: &str) -> String {
    format!(
        "<tr><td>{date}</td><td><input type=checkbox name=d value='77{number}'>\
         <a href='https://ecf.ca9.uscourts.gov/docs1/00911234560{number}'>&nbsp;{number}&nbsp;</a><br><font>14</font></td>\
         <td>{text}</td></tr>"
    )
}

/// A menu of an appellate court.
pub fn appeal_menu() -> String {
    "<table><tr><td><table><tr><th>Document</th></tr>\
     <tr><td><input class='selDocCl' onclick='sumDocSelected(this,3,13481, 7548050)'></td><td>1</td>\
     <td><a href='/docs1/00911234567'>x</a>&nbsp;</td><td> Brief </td><td>3</td><td>13.17 KB</td></tr>\
     <tr><td>2</td><td><a href='/docs1/00911234566'>x</a></td><td>Cover letter</td><td>1</td></tr></table></td></tr></table>\
     <script>open('TransportRoom?servlet=ShowDocMulti&caseId=4711&dktType=x&d=31&outputForm=view')</script>"
        .to_owned()
}

/// The answers of ACMS about a case.
pub fn acms_case() -> String {
    let parties = "<table><tr><td> WREN HOLLOW<br><strong>Terminated:</strong> 04/01/2026<br>&nbsp;AKA Wrenna, <br>&nbsp;Petitioner, </td>\
        <td><div>Tamsin Quill<br>[Retained]<br>1 Harbour Row</div><div><p>&nbsp;</p></div></td></tr></table>";
    let entry = "<p><strong>KETTLE</strong>&nbsp;filed. [Entered: 02/03/2026 01:20 PM]</p>";
    serde_json::json!({
        "caseDetails": {
            "caseId": "11111111-2222-3333-4444-555555555555", "caseNumber": "26-1042",
            "name": "Hollow v. Nimbus", "caseOpened": "2026-02-03", "feeStatus": "Paid", "aNumber": "A000-000-000",
            "court": {"name": "Board of Kettles", "identifier": "95"}, "districtCourtName": "North Quay",
            "caseType": "Agency", "caseSubType": "", "caseSubSubType": "Review", "partyAttorneyList": parties,
        },
        "docketInfo": {"docketEntries": [{
            "entryNumber": 3, "docketEntryText": entry, "endDateFormatted": "02/02/2026",
            "docketEntryId": "66666666-7777-8888-9999-000000000000", "pageCount": 20,
        }]},
    })
    .to_string()
}

/// The answers of ACMS about an entry.
pub fn acms_menu() -> String {
    serde_json::json!({
        "caseDetails": {"caseId": "11111111-2222-3333-4444-555555555555"},
        "docketEntry": {
            "docketEntryId": "66666666-7777-8888-9999-000000000000", "entryNumber": 3,
            "docketEntryText": "<p>KETTLE&nbsp;\u{fb01}led.</p>", "createdOn": "2026-02-03T23:59:59Z", "endDate": "2026-02-02",
        },
        "docketEntryDocuments": [
            {
                "documentNumber": "2", "name": "26-1042 003-02 - Kettle - Lid.v2.pdf", "billablePages": 18, "cost": 1.8,
                "fileSize": 142, "docketDocumentDetailsId": "77777777-7777-7777-7777-777777777777",
                "documentPermission": "Public", "createdOn": "2026-02-03T15:23:08Z",
            },
            {"documentNumber": "3.1", "name": "Spout - Lid.pdf"},
        ],
    })
    .to_string()
}
/// A report of written opinions, sorted by case: two of one case, of which the second leaves out
/// what it shares with the first.
pub fn opinions() -> String {
    let document = |number: u32| {
        format!(
            "<td><a href='/doc1/03511234500{number}' onclick=\"goDLS('/doc1/03511234500{number}','998877','10{number}','','','1','','');\">{number}</a></td>"
        )
    };
    format!(
        "<table><tr><th>Case Number &amp; Name:</th><th>Date Filed:</th><th>Doc. #</th><th>Description:</th><th>Notes:</th></tr>\
         <tr><td><a href='/cgi-bin/DktRpt.pl?998877'>1:24-cv-00417-ABC </a><br><b>Penhallow et al v. Nimbus Kettle Works</b></td>\
         <td>03/05/2024</td>{}<td> ORDER  about a kettle</td>\
         <td><i>Office:</i> Harbour<br><i>NOS:</i> Contract: Other<br><i>Cause:</i> 28:1332 Diversity<br></td></tr>\
         <tr><td>&nbsp;</td><td>03/07/2024</td>{}<td>ORDER about its lid</td><td></td></tr></table>\
         <b>Total number of opinions reported:</b> 3<br>",
        document(1),
        document(2)
    )
}

/// A feed with these items.
pub fn feed(items: &str) -> String {
    format!(
        "<?xml version='1.0' encoding='ISO-8859-1'?>\n<rss version='2.0'><channel><title>Recent Entries</title>\
         <link>https://ecf.cand.uscourts.gov</link><description>Docket entries of type: all</description>{items}</channel></rss>"
    )
}

/// An item with a document, whose description is this.
pub fn feed_item(title: &str, case: &str, description: &str) -> String {
    format!(
        "<item><title>{title}</title><link>https://ecf.cand.uscourts.gov/cgi-bin/DktRpt.pl?{case}</link>\
         <description>{description} (&#x3C;a href=&#x27;https://ecf.cand.uscourts.gov/doc1/035112345001?caseid={case}&#x26;de_seq_num=31&#x27;&#x3E;7&#x3C;/a&#x3E;)</description>\
         <guid isPermaLink='true'>https://ecf.cand.uscourts.gov/cgi-bin/DktRpt.pl?{case}-31</guid>\
         <pubDate>Tue, 05 Mar 2024 10:15:00 GMT</pubDate></item>"
    )
}

/// A docket of the archive: two parties, an entry with an attachment, and a minute entry.
pub fn archived_docket() -> String {
    "<?xml version='1.0' encoding='utf-8'?><!DOCTYPE gov_uscourts_docket SYSTEM 'docket.dtd'>\
     <gov_uscourts_docket><case_details><court>cand</court><docket_num>1:24-cv-00417</docket_num>\
     <case_name>Penhallow et al v. Nimbus Kettle Works</case_name><case_cause>28:1332 Diversity</case_cause>\
     <assigned_to>District Judge Rosalind M Ferrant</assigned_to><date_case_filed>2024-03-05</date_case_filed>\
     <date_case_terminated>0000-00-00</date_case_terminated></case_details>\
     <party_list><party><name>Orla Penhallow</name><type>Plaintiff</type><attorney_list><attorney>\
     <attorney_name>Tamsin Quill</attorney_name><contact>1 Harbour Row\n</contact>\
     <attorney_role>LEAD ATTORNEY\n Bar Status: Active\n\n ATTORNEY TO BE NOTICED</attorney_role></attorney></attorney_list></party>\
     <party><name>Nimbus Kettle Works</name><type>Defendant (1)</type><extra_info>TERMINATED: 04/01/2024</extra_info>\
     <attorney_list><attorney><attorney_name>Tamsin Quill</attorney_name><contact>(See  above for address)</contact></attorney></attorney_list></party></party_list>\
     <document_list><document doc_num='1' attachment_num='0'><pacer_doc_id>035112345001</pacer_doc_id><pacer_de_seq_num>100</pacer_de_seq_num>\
     <date_filed>2024-03-05</date_filed><long_desc>COMPLAINT &amp; Exhibits ,  all &amp;#036; 5</long_desc><short_desc>Complaint</short_desc></document>\
     <document doc_num='1' attachment_num='2'><pacer_doc_id>035112345002</pacer_doc_id><short_desc>Exhibit</short_desc></document>\
     <document doc_num='2' attachment_num='0'><date_filed>0000-00-00</date_filed></document></document_list></gov_uscourts_docket>"
        .to_owned()
}
