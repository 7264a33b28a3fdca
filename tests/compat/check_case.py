import simulator
from checking import Check, day
from juriscraper.pacer import CaseQuery, ClaimsRegister, DocketHistoryReport, MobileQuery

KINDS = (("okwd", "civil"), ("okwd", "criminal"), ("canb", "petition"), ("canb", "adversary"))


class Case(Check):
    def setUp(self):
        simulator.forget()

    def ask(self, report, truth, **options):
        report.query(truth["pacer_case_id"], **options)
        return report.data

    def test_query(self):
        """what a case is, for nothing"""
        for court, kind in KINDS:
            with self.subTest(f"{court} {kind}"):
                truth = simulator.find(court, kind=kind)
                data = self.ask(CaseQuery(court, self.session), truth)
                self.assertIn(truth["docket_number"], data["docket_number"])
                self.assert_name(data["case_name"], truth["title"])
                self.assertEqual(data["assigned_to_str"], truth["judge"])
                self.assertEqual(data["date_filed"], day(truth["date_filed"]))
                self.assertEqual(data.get("date_terminated"), day(truth["date_terminated"]))
                last = max(entry["date_filed"] for entry in truth["entries"])
                self.assertEqual(data["date_last_filing"], day(last))
        self.assert_sold()

    def test_sealed(self):
        """a sealed case has links and nothing else"""
        for court in ("okwd", "canb"):
            self.assertEqual(self.ask(CaseQuery(court, self.session), simulator.find(court, "sealed")), {})
        self.assert_sold()

    def test_mobile(self):
        """the number of entries, for nothing"""
        for court, kind in KINDS:
            truth = simulator.find(court, kind=kind)
            data = self.ask(MobileQuery(court, self.session), truth)
            self.assertEqual(data["entry_count"], len(truth["entries"]))
        self.assert_sold()

    def test_claims(self):
        """a claims register without claims: empty, and a charge"""
        truth = simulator.find("canb", "demo")
        data = self.ask(ClaimsRegister("canb", self.session), truth, docket_number=truth["docket_number"])
        self.assertEqual(data, {})
        self.assert_sold("claims")

    def test_history(self):
        """the history of a docket, with and without the text of its entries"""
        for court, kind in (("okwd", "civil"), ("canb", "petition")):
            for texts in (False, True):
                with self.subTest(f"{court} {kind} {texts}"):
                    truth = simulator.find(court, kind=kind)
                    data = self.ask(DocketHistoryReport(court, self.session), truth, show_de_descriptions=texts)
                    self.assert_history(data, truth, texts)
                    self.assert_sold("history")

    def assert_history(self, data, truth, texts):
        self.assertIn(truth["docket_number"], data["docket_number"])
        self.assertEqual(len(data["docket_entries"]), len(truth["entries"]))
        for entry, true in zip(data["docket_entries"], truth["entries"], strict=True):
            number, main = true["document_number"], (true["documents"] or [{}])[0]
            self.assertEqual(entry["document_number"], number and str(number))
            self.assertEqual(entry["pacer_doc_id"], main.get("pacer_doc_id"))
            self.assertEqual(entry["date_filed"], day(true["date_filed"]))
            self.assertEqual(entry["short_description"], true["title"])
            self.assertEqual(true["text"] in entry["description"], texts)
