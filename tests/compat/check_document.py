import simulator
from checking import Check, session
from juriscraper.pacer import (
    AppellateDocketReport,
    DocketReport,
    DownloadConfirmationPage,
)
from juriscraper.pacer.hidden_api import ShowCaseDocApi


def opened(id):
    return f"{id[:3]}1{id[4:]}"


class Document(Check):
    def setUp(self):
        simulator.forget()

    def tearDown(self):
        simulator.admin("courts/okwd/settings", {}, "PUT")

    def main(self, truth, number):
        entry = next(entry for entry in truth["entries"] if entry["document_number"] == number)
        return entry["documents"][0]["pacer_doc_id"]

    def download(self, court, truth, number, **more):
        return DocketReport(court, self.session).download_pdf(truth["pacer_case_id"], self.main(truth, number), **more)

    def assert_pdf(self, court, id, response, message=""):
        """The document with this id: as many pages, the bill says."""
        self.assertEqual(message, "")
        self.assertTrue(response.content.startswith(b"%PDF-"))
        self.assertEqual(pages(response.content), simulator.document(court, id)["pages"])

    def assert_bought(self, court, truth, number, **more):
        self.assert_pdf(court, self.main(truth, number), *self.download(court, truth, number, **more))
        sale = simulator.sales()[-1]
        self.assertEqual(sale["item"]["pacer_doc_id"], self.main(truth, number))
        self.assert_sold("document")

    def test_deliveries(self):
        """a PDF that comes directly, in a frame, and by `window.location`"""
        for court in ("okwd", "canb"):
            truth = simulator.find(court, "deliveries")
            for number, way in ((1, "directly"), (2, "in a frame"), (3, "by a script")):
                with self.subTest(f"{court} {way}"):
                    self.assert_bought(court, truth, number)

    def test_scanned(self):
        """a scanned document"""
        self.assert_bought("okwd", simulator.find("okwd", "demo"), 3)

    def test_attachment(self):
        """an attachment, by its own id"""
        truth = simulator.find("okwd", "demo")
        exhibit = truth["entries"][0]["documents"][2]["pacer_doc_id"]
        response, message = DocketReport("okwd", self.session).download_pdf(truth["pacer_case_id"], exhibit)
        self.assert_pdf("okwd", exhibit, response, message)
        self.assert_sold("document")

    def test_shared(self):
        """a document of a related case, which comes once the case is no longer named"""
        self.assert_bought("okwd", simulator.find("okwd", "refusals"), 12)

    def test_free_opinion(self):
        """an opinion that is free, and leaves no charge"""
        truth = simulator.find("okwd", "deliveries")
        self.assert_pdf("okwd", self.main(truth, 4), *self.download("okwd", truth, 4))
        self.assert_sold()

    def test_free_look(self):
        """a free look by its magic number: once, for nothing, without a session"""
        for delivery in ("direct", "iframe"):
            with self.subTest(delivery):
                simulator.admin("courts/okwd/settings", {"delivery": delivery}, "PUT")
                truth = simulator.find("okwd", "rarities")
                id = self.main(truth, 6)
                look = simulator.admin("free-looks", {"court": "okwd", "pacer_doc_id": id})
                report = DocketReport("okwd", None)
                magic = look["token"]
                response, message = report.download_pdf(truth["pacer_case_id"], id, magic)
                self.assert_pdf("okwd", id, response, message)
                response, message = report.download_pdf(truth["pacer_case_id"], id, magic)
                self.assertIsNone(response)
                self.assertIn("not available via magic link", message)
        self.assert_sold()

    def test_appellate_free_look(self):
        """a free look at an appellate filing"""
        truth = simulator.find("ca9", "filings")
        id = self.main(truth, 1)
        look = simulator.admin("free-looks", {"court": "ca9", "pacer_doc_id": id})
        report = DocketReport("ca9", None)
        for fresh in (True, False):
            response, message = report.download_pdf(truth["pacer_case_id"], id, look["token"], appellate=True)
            if fresh:
                self.assert_pdf("ca9", id, response, message)
            else:
                self.assertIsNone(response)
        self.assert_sold()

    def test_appellate(self):
        """documents of courts of appeals"""
        for court in ("ca1", "ca4", "ca5", "ca7", "ca9", "ca11", "cadc", "cafc", "cavc"):
            with self.subTest(court):
                truth = simulator.find(court, "filings")
                id = truth["entries"][0]["documents"][0]["pacer_doc_id"]
                report = AppellateDocketReport(court, self.session)
                self.assert_pdf(court, id, *report.download_pdf(opened(id), truth["pacer_case_id"]))
                self.assertEqual(simulator.sales()[-1]["item"]["pacer_doc_id"], id)
                self.assert_sold("document")

    def test_price(self):
        """the price of a document, before it is bought"""
        for court, peculiarity in (
            ("okwd", "demo"), ("canb", "demo"), ("ca1", "demo"), ("ca5", "filings"), ("cavc", "filings"),
        ):
            with self.subTest(court):
                truth = simulator.find(court, peculiarity)
                alone = (entry for entry in truth["entries"] if len(entry["documents"]) == 1)
                self.assert_price(court, truth, next(alone))

    def assert_price(self, court, truth, entry):
        id, pages = entry["documents"][0]["pacer_doc_id"], entry["documents"][0]["pages"]
        page = DownloadConfirmationPage(court, self.session)
        page.query(id)
        data = page.data
        self.assertIn(truth["docket_number"], data["docket_number"])
        self.assertEqual(data["billable_pages"], str(min(pages, 30)))
        self.assertEqual(data["cost"], f"{min(pages, 30) / 10:.2f}")
        if page.is_appellate:
            number = entry["document_number"]
            self.assertEqual(data["document_number"], str(number) if number else opened(id))
        self.assert_sold()

    def test_price_not_asked(self):
        """an account that wants no receipts gets the document in place of its price"""
        truth = simulator.find("okwd", "demo")
        page = DownloadConfirmationPage("okwd", session("demo-noreceipts"))
        page.query(self.main(truth, 2))
        self.assertEqual(page.data, {})
        self.assert_sold("document")

    def test_number_to_id(self):
        """from a document's number to its id"""
        truth = simulator.find("okwd", "demo")
        api = ShowCaseDocApi("okwd", self.session)
        api.query(truth["pacer_case_id"], 2)
        self.assertEqual(api.data, self.main(truth, 2))
        self.assert_sold()


def pages(pdf):
    return pdf.count(b"/Type /Page") - pdf.count(b"/Type /Pages")
