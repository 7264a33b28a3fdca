import requests

import simulator
from checking import Check, session
from juriscraper.pacer import (
    AppellateAttachmentPage,
    AppellateDocketReport,
    AttachmentPage,
    DocketReport,
)

#: What juriscraper says about each way of refusing a document, in the order of the case.
REFUSED = {
    1: "Failed to get docket entry",
    2: "Document not available",
    3: "Permission denied",
    4: "Unable to get transcript",
    5: "No matter of public record",
    6: "Document is sealed",
    7: "Document is sealed",
    8: "Document is sealed",
    9: "Document is sealed",
    10: "not available for viewing by non-court users",
    11: "nature of suit",
}


class Errors(Check):
    def setUp(self):
        simulator.forget()

    def docket(self, court, truth, session=None):
        report = DocketReport(court, session or self.session)
        report.query(truth["pacer_case_id"])
        return report.data

    def test_sealed(self):
        """the docket of a sealed case is empty"""
        for court in ("okwd", "canb"):
            with self.subTest(court):
                self.assertEqual(self.docket(court, simulator.find(court, "sealed")), {})
        self.assert_sold()

    def test_billed(self):
        """a case that is closed, being opened, or of the wrong type: empty, and charged"""
        for peculiarity in ("administrativelyclosed", "beingopened", "wrongtype"):
            with self.subTest(peculiarity):
                self.assertEqual(self.docket("okwd", simulator.find("okwd", peculiarity)), {})
                self.assert_sold("docket")

    def test_no_documents(self):
        """a case without documents is empty"""
        self.assertEqual(self.docket("okwd", simulator.find("okwd", "empty")), {})
        self.assert_sold()

    def test_no_case(self):
        """a case that does not exist is empty"""
        self.assertEqual(self.docket("okwd", {"pacer_case_id": "9"}), {})
        self.assert_sold()

    def test_asked_before(self):
        """an account that is asked before dockets gets the price, which is empty, and is not charged"""
        truth = simulator.find("okwd", "demo")
        self.assertEqual(self.docket("okwd", truth, session("demo-receipts")), {})
        self.assert_sold()

    def test_notices(self):
        """the court's own notices are empty dockets"""
        truth = simulator.find("okwd", "demo")
        for notice in ("case_not_found", "case_under_seal", "incomplete_request", "no_such_page_id",
                       "dates_reversed", "no_documents"):
            with self.subTest(notice):
                simulator.order(kind="notice", notice=notice, path="DktRpt")
                self.assertEqual(self.docket("okwd", truth), {})

    def test_client_code(self):
        """without its client code an account gets no docket and no document, and with it both"""
        truth = simulator.find("okwd", "demo")
        self.assertEqual(self.docket("okwd", truth, session("demo-firm")), {})
        id = truth["entries"][1]["documents"][0]["pacer_doc_id"]
        report = DocketReport("okwd", session("demo-firm"))
        response, message = report.download_pdf(truth["pacer_case_id"], id)
        self.assertIsNone(response)
        self.assertIn("Client code required", message)
        self.assert_sold()
        coded = session("demo-firm", client_code="matter 7")
        self.assertTrue(self.docket("okwd", truth, coded)["docket_entries"])
        self.assertEqual(simulator.sales()[0]["client_code"], "matter 7")

    def test_refusals(self):
        """each way in which a court refuses a document is told apart, and none is charged"""
        for court in ("okwd", "canb"):
            truth = simulator.find(court, "refusals")
            for number, reason in REFUSED.items():
                with self.subTest(f"{court} document {number}"):
                    id = truth["entries"][number - 1]["documents"][0]["pacer_doc_id"]
                    report = DocketReport(court, self.session)
                    response, message = report.download_pdf(truth["pacer_case_id"], id)
                    self.assertIsNone(response)
                    self.assertIn(reason, message)
        self.assert_sold()

    def test_sealed_entry(self):
        """a sealed entry is seen without buying"""
        truth = simulator.find("okwd", "refusals")
        report = DocketReport("okwd", self.session)
        sealed, plain = (truth["entries"][at]["documents"][0]["pacer_doc_id"] for at in (0, 12))
        self.assertTrue(report.is_entry_sealed(truth["pacer_case_id"], sealed))
        self.assertFalse(report.is_entry_sealed(truth["pacer_case_id"], plain))
        self.assert_sold()

    def test_pdf_in_page(self):
        """the words of a PDF in place of the PDF are told apart"""
        truth = simulator.find("okwd", "demo")
        simulator.order(kind="pdf_as_html", method="POST", path="doc1", times=2)
        id = truth["entries"][1]["documents"][0]["pacer_doc_id"]
        response, message = DocketReport("okwd", self.session).download_pdf(truth["pacer_case_id"], id)
        self.assertIsNone(response)
        self.assertIn("PDF content was placed directly in HTML", message)
        # It shows no evidence of a session, so that juriscraper logged in and bought once more.
        self.assert_sold("document", "document")

    def test_menu_of_refused(self):
        """a page that refuses a document is no menu"""
        truth = simulator.find("okwd", "refusals")
        page = AttachmentPage("okwd", self.session)
        page.query(truth["entries"][0]["documents"][0]["pacer_doc_id"])
        self.assertEqual(page.data, {})

    def test_appellate(self):
        """an appellate document that is withheld, and a menu in its place, are no PDF"""
        for court in ("ca1", "ca4"):
            truth = simulator.find(court, "filings")
            report = AppellateDocketReport(court, self.session)
            withheld = truth["entries"][1]["documents"][0]["pacer_doc_id"]
            response, message = report.download_pdf(withheld, truth["pacer_case_id"])
            self.assertEqual((response, message), (None, "Unable to download PDF."))
            several = truth["entries"][5]["documents"][0]["pacer_doc_id"]
            response, message = report.download_pdf(several, truth["pacer_case_id"])
            self.assertIsNone(response)
            self.assertIn("An attachment page was returned instead", message)
            page = AppellateAttachmentPage(court, self.session)
            page.query(withheld)
            self.assertEqual(page.data, {})
        self.assert_sold()

    def test_statuses(self):
        """statuses are exceptions"""
        truth = simulator.find("okwd", "demo")
        for status in (403, 404, 500, 502, 503):
            with self.subTest(status):
                simulator.order(kind="status", status=status, path="doc1", times=9)
                page = AttachmentPage("okwd", self.session)
                with self.assertRaises(requests.HTTPError):
                    page.query(truth["entries"][0]["documents"][0]["pacer_doc_id"])
                simulator.admin("faults", method="DELETE")

    def test_reset(self):
        """a connection that is reset is an exception"""
        simulator.order(kind="reset_before", path="DktRpt")
        with self.assertRaises(requests.ConnectionError):
            self.docket("okwd", simulator.find("okwd", "demo"))
        self.assert_sold()

    def test_nothing_known(self):
        """a page with a menu that nobody knows is an empty menu and an empty docket"""
        truth = simulator.find("okwd", "demo")
        simulator.order(kind="unknown_html", court="okwd", times=2)
        page = AttachmentPage("okwd", self.session)
        page.query(truth["entries"][0]["documents"][0]["pacer_doc_id"])
        self.assertEqual(page.data, {})
        self.assertEqual(self.docket("okwd", truth), {})
