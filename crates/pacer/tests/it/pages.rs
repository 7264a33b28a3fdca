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

/// A register with one claim that was amended, and one that has next to nothing.
pub fn claims_register() -> String {
    "<center><h2>Claims Register</h2><font size=+1><a href='/cgi-bin/DktRpt.pl?998877'>24-10417-rf Wren</a>\
     <span class='label'>Closed</span> 08/23/2025, <span class='label'>Debtor dismissed</span> 10/11/2025<br><p></font>\
     <table><tr><td><b>Honorable Judge:</b>  Ines  Corr<td><b> </b> x<td><b>Chapter: </b> 11\
     <tr><td><b>Office: </b> Harbour<td><b>&nbsp;</b><td><b>Last Date to file claims: </b> 09/09/2024\
     <tr><td><b>Trustee: </b> <td><b>Vault</b> 9<td><b>Volume:</b><td><b>Last Date to file (Govt): </b> </table>\
     <table class=complexReport><tr class=rowBackground1><td>\n\
     <font size=-1><i>Creditor:</i>&nbsp;&nbsp;(7265448)&nbsp;<br> Jory Blackwood &amp; Co.<br>Pier 9<br>\n\
     <a href='/x'>Claimant History</a><br>Harbour  Row 1&nbsp; </font>\n</td>\
     <td>\n<font size=-1><b>Claim No: 12</b><br><i>Original Filed Date</i>:&nbsp;05/14/2024<br>\
     <i>Original Entered\n Date</i>:&nbsp;05/15/2024<br><i>Last Amendment Filed</i>:&nbsp;06/01/2024<br>\
     <i>Last Amendment Entered</i>:&nbsp;06/02/2024<br></font></td>\
     <td><font><i>Status:</i>\nWithdraw <a href='/x'>192</a><br><i>Filed by:</i> CR<br><i>Entered by:</i>\nAda  Finch\
     <br><i>Modified:</i> 07/01/2024</font></td></tr>\
     <tr><td colspan=3><table><tr><td>&nbsp;Amount <td> claimed:<td> $379.56</td><td></tr>\
     <tr><td>Secured<td>claimed:<td>$1.00</tr><tr><td>Priority<td>claimed:<td>$2.00</tr>\
     <tr><td>Unsecured<td>claimed:<td>$3.00</tr><tr><td>Admin<td>claimed:<td>$4.00</tr>\
     <tr><td>Unknown<td>claimed:<td></tr><tr><td> <td>claimed:<td>$6.00</tr><tr><td><font></tr></table><tfoot>\
     <tr><td colspan=5><i>History:</i><table><tr><td>Details<td><td><a href='/cgi-bin/show_doc.pl?caseid=998877&claim_id=55&claim_num=12-2'>12-2</a>\
     <td>05/14/2024<td> Claim #12 filed by Jory  Blackwood <tr></tr>\
     <tr><td><td><td><a href='/doc1/126155500001?caseid=998877&de_seq_num=69&dm_id=77&doc_num=19'>19</a><td>06/13/2024<td>Withdrawn <i>Remarks: x</i></tr>\
     <tr><td><td><td><a href='/doc1/126155500002'>20</a><td><td></tr>\
     <tr><td><td><td><a href='/cgi-bin/show_doc.pl?caseid=998877&claim_id=56'>sealed</a><td>06/14/2024<td>None</tr></table></td></tr>\
     <tr><td><i>Description:</i> Kettles  sold</td></tr><tr><td><i>Remarks:</i> None seen <i>Remarks:</i> later</td></tr></table><br>\
     <table class='wide complexReport'><tr><td>To\n<font><i>Creditor:</i> (8)<br>Ines Corr</font></td><td><b>Claim No:</b></td><td></td></tr></table>\
     <center><h3>Claims Register Summary</h3></center>\
     <b>Case Name:</b> Wren Hollow Mills , et al<br><b>Case Number:</b> 24-10417-rf<br><b>Chapter:</b> 7<br>\
     <b>Date Filed:</b> 12/17/2023<br><b>Total Number  Of Claims:</b> 2<br><b>No label</b> 5<br></center>"
        .to_owned()
}

/// A report with one claim that has everything.
pub fn claims_activity() -> String {
    "<h2>Claims Activity Report</h2><table class=complexReport><tbody><tr><td>\n\
     Case: 24-10417-rf<br>Title: Wren Hollow Mills  et al.  <br>CASE CLOSED on 05/24/2025<br>Office: 7<br>\
     Claim No: <b><a href='/cgi-bin/show_doc.pl?caseid=998877&amp;claim_id=55&amp;claim_num=12-2&amp;magic_num=MAGIC'>12</a><br>\
     <a href='/cgi-bin/show_doc.pl?caseid=998877&amp;claim_doc_seq=1&amp;claim_id=55&amp;claim_num=12-2'> Exhibit\n A </a><br>\
     <a href='/cgi-bin/show_doc.pl?caseid='></a></b><br>Filed: 10/03/2024<br>Entered: 10/04/2024<br>Amends No: 3<br></td>\
     <td>\nAmount claimed: $1600.00 <br>Amount allowed: $1.00<br>Secured claimed: $2.00<br>Priority claimed: $3.00<br>Office: 99<br></td>\
     <td>Chapter: 13<br>Judge: Corr<br>Trustee: Finch_7<br>Filed by: Creditor<br>Entered by: J.  Quill<br>Status: : Withdraw<br>\
     Last date to file claims: 11/18/2024<br>Last&nbsp;date to file (Govt):  <br>&nbsp;</td></tr>\
     <tr><td colspan=3>Creditor name/address: Jory Blackwood , c/o: Pier 9<br>Creditor ID: (8)</td><td>Remarks: not here</td></tr>\
     <tr><td>Description: **LATE** <br>Remarks: Seen <b>Status: bold</b></td></tr><tr><td>Description: too far</td></tr></tbody></table>"
        .to_owned()
}

/// The summary of a case of either kind of court.
pub fn case_summary() -> String {
    "<div id=cmecfMainContent><center><b><font size=+1>1:24-bk-00417-ABC</font></b> Orla v. Nimbus<br>\
     Rosalind Ferrant, presiding<p>Related case: 23cv12<br><b>Date filed:</b> 03/05/2024 <b>Chapter:</b> 7<br></center>\
     <table><tr class=rowBackground1><td><a href='iquery.pl?9-L_1_0-0-7'>24-10417</a></td><td>Wren</td><td>7</td>\
     <td>03/05/24</td><td>N / A</td></tr></table>\
     <form name=bnc><input name=data value='1|Ines'></form>\
     <div class=ui-title></div><a id=entriesLink><span>3</span></a></div>"
        .to_owned()
}
