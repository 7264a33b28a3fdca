import simulator
from checking import Check, day, plain
from juriscraper.pacer import AppellateDocketReport


class Appellate(Check):
    def setUp(self):
        simulator.forget()

    def buy(self, court, truth, **options):
        report = AppellateDocketReport(court, self.session)
        everything = dict(
            show_docket_entries=True, show_orig_docket=True, show_prior_cases=True,
            show_associated_cases=True, show_panel_info=True, show_party_atty_info=True, show_caption=True,
        )
        report.query(truth["docket_number"], **(everything | options))
        return report

    def assert_appeal(self, court, truth):
        # Juriscraper says that it comes from outside, which the Federal Circuit asks about.
        self.session.headers["Referer"] = f"https://ecf.{court}.uscourts.gov/" if court == "cafc" else "https://external"
        self.addCleanup(self.session.headers.update, {"Referer": "https://external"})
        data = self.buy(court, truth).data
        self.assertEqual(data["docket_number"], truth["docket_number"])
        self.assert_name(data["case_name"], truth["title"])
        self.assertEqual(data["date_filed"], day(truth["date_filed"]))
        self.assertEqual(data["date_terminated"], day(truth["date_terminated"]))
        self.assert_parties(data["parties"], truth)
        self.assert_filings(data["docket_entries"], truth)
        appeal, origin = truth["appeal"], data["originating_court_information"]
        self.assertEqual(data["fee_status"], appeal["fee_status"])
        self.assertEqual(data["nature_of_suit"], appeal["nature_of_suit"] or "")
        self.assertEqual(data["panel"], appeal["panel"] or [])
        if appeal["origin"] and appeal["origin"]["court"]:
            # Without the initials of the judges.
            self.assertEqual(origin["docket_number"], "-".join(appeal["origin"]["docket_number"].split("-")[:3]))
            self.assertEqual(origin["court_id"], appeal["origin"]["court"])
            self.assertEqual(origin["date_filed"], day(appeal["origin"]["date_filed"]))
        self.assert_sold("docket")

    def assert_filings(self, read, truth):
        """Entries, where a court that numbers nothing goes by the id of the document."""
        self.assertEqual(len(read), len(truth["entries"]))
        for entry, true in zip(read, truth["entries"], strict=True):
            id = true["documents"][0]["pacer_doc_id"] if true["documents"] else None
            number = true["document_number"]
            self.assertEqual(entry["pacer_doc_id"], id)
            self.assertEqual(entry["document_number"], str(number) if number else id)
            self.assertEqual(entry["date_filed"], day(true["date_filed"]))
            self.assertEqual(entry["date_entered"], day(true["date_entered"]))
            self.assertIn(plain(true["text"]), plain(entry["description"]))

    def test_all_courts(self):
        """one ordinary appeal of each circuit, and of the veterans' court"""
        for court in simulator.admin("courts"):
            if court["kind"] == "appellate":
                with self.subTest(court["id"]):
                    self.assert_appeal(court["id"], simulator.find(court["id"]))

    def test_peculiar(self):
        """an agency's appeal, one without origin, one with others beside it, one of odd filings"""
        for peculiarity in ("demo", "agency", "noorigin", "consolidated", "filings"):
            with self.subTest(peculiarity):
                self.assert_appeal("ca1", simulator.find("ca1", peculiarity))

    def test_empty(self):
        """an appeal without entries: none, and a charge"""
        data = self.buy("ca4", simulator.find("ca4", "empty")).data
        self.assertEqual(data["docket_entries"], [])
        self.assert_sold("docket")

    def test_dates(self):
        """a range of dates"""
        truth = simulator.find("ca1", "demo")
        first, last = (day(truth["entries"][at]["date_filed"]) for at in (5, 15))
        read = self.buy("ca1", truth, date_start=first, date_end=last).data["docket_entries"]
        within = [entry for entry in truth["entries"] if first <= day(entry["date_filed"]) <= last]
        self.assert_filings(read, truth | {"entries": within})

    def test_not_found(self):
        """a number that no appeal has: nothing in it, and a charge"""
        data = self.buy("ca4", {"docket_number": "20-7777"}).data
        self.assertEqual(data, {})
        self.assert_sold("docket")

    def test_sealed(self):
        """a sealed appeal: an exception, and no charge"""
        with self.assertRaises(IndexError):  # What courts say is not known; ours has no case name.
            self.buy("ca4", simulator.find("ca4", "sealed")).data
        self.assert_sold()

    def test_outside_link(self):
        """the Federal Circuit's page about links from outside is empty, and free"""
        truth = simulator.find("cafc")
        self.assertEqual(self.buy("cafc", truth).data, {})
        self.assert_sold()
