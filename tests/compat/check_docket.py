import datetime

import simulator
from checking import Check, day
from juriscraper.lib.judge_parsers import normalize_judge_string
from juriscraper.pacer import DocketReport


def docket_title(truth):
    """What juriscraper takes for the name of the case; of an adversary proceeding the lead case's."""
    if "-ap-" in truth["lookup_number"]:
        return truth["parties"][0]["name"] + " - Adversary Proceeding"
    return truth["title"]


class Docket(Check):
    def setUp(self):
        simulator.forget()

    def buy(self, court, truth, **options):
        report = DocketReport(court, self.session)
        report.query(truth["pacer_case_id"], **options)
        return report

    def assert_docket(self, court, truth):
        """The whole docket with its parties, paid for once."""
        simulator.forget()
        report = self.buy(court, truth, show_parties_and_counsel=True, show_terminated_parties=True)
        data = report.data
        self.assertEqual(data["court_id"], court)
        self.assertIn(truth["docket_number"], data["docket_number"])
        self.assert_name(data["case_name"], docket_title(truth))
        self.assertEqual(data["date_filed"], day(truth["date_filed"]))
        self.assertEqual(data["date_terminated"], day(truth["date_terminated"]))
        for read, judge in (("assigned_to_str", truth["judge"]), ("referred_to_str", truth["referred_to"])):
            self.assertEqual(data[read], normalize_judge_string(judge or "")[0])
        self.assert_parties(data["parties"], truth)
        self.assert_entries(data["docket_entries"], truth)
        self.assert_sold("docket")
        return report

    def test_civil(self):
        """a civil case of a district court"""
        self.assert_docket("okwd", simulator.find("okwd", "demo"))

    def test_criminal(self):
        """a criminal case, with its counts"""
        truth = simulator.find("okwd", "defendants")
        parties = self.assert_docket("okwd", truth).data["parties"]
        for read, party in zip(parties, truth["parties"], strict=True):
            read = read.get("criminal_data", {"counts": []})["counts"]
            self.assertEqual(
                sorted((count["name"], count["disposition"], count["status"]) for count in read),
                sorted((name, end, status) for status, counts in party["charges"].items() for name, end in counts),
            )

    def test_bankruptcy(self):
        """a petition of a bankruptcy court"""
        self.assert_docket("canb", simulator.find("canb", "demo"))

    def test_adversary(self):
        """an adversary proceeding"""
        report = self.assert_docket("canb", simulator.find("canb", kind="adversary"))
        self.assertTrue(report.is_adversary_proceeding)

    def test_txnb(self):
        """Texas Northern Bankruptcy, whose numbers stand in front of the text"""
        self.assert_docket("txnb", simulator.find("txnb", kind="petition"))

    def test_page_counts(self):
        """courts that write page counts beside numbers"""
        for court in ("flsb", "wawb"):
            with self.subTest(court):
                self.assert_docket(court, simulator.find(court, kind="petition"))

    def test_national(self):
        """the panel on multidistrict litigation, and the national courts of trade and claims"""
        for court in ("jpml", "cit", "cofc"):
            with self.subTest(court):
                self.assert_docket(court, simulator.find(court, kind="civil"))

    def test_all_courts(self):
        """one case of each district and bankruptcy court"""
        for court in simulator.admin("courts"):
            if court["kind"] != "appellate":
                with self.subTest(court["id"]):
                    self.assert_docket(court["id"], simulator.find(court["id"]))

    def test_long(self):
        """20,000 entries, in several tables"""
        truth = simulator.find("okwd", "vast")
        self.assert_entries(self.buy("okwd", truth).data["docket_entries"], truth)

    def test_range(self):
        """a range of dates, and one of document numbers"""
        truth = simulator.find("okwd", "demo")
        first, last = (day(truth["entries"][at]["date_filed"]) for at in (5, 15))
        read = self.buy("okwd", truth, date_start=first, date_end=last).data["docket_entries"]
        self.assert_entries(read, truth, lambda entry: first <= day(entry["date_filed"]) <= last)
        read = self.buy("okwd", truth, doc_num_start="2", doc_num_end="4").data["docket_entries"]
        self.assert_entries(read, truth, lambda entry: entry["document_number"] in (2, 3, 4))

    def test_order(self):
        """newest first"""
        truth = simulator.find("okwd", "demo")
        read = self.buy("okwd", truth, order_by="-date").data["docket_entries"]
        self.assert_entries(read[::-1], truth)

    def test_nothing_in_range(self):
        """a range with nothing in it: no entries, and a charge"""
        start = datetime.date(2049, 1, 1)
        truth = simulator.find("okwd", "demo")
        self.assertEqual(self.buy("okwd", truth, date_start=start).data["docket_entries"], [])
        self.assert_sold("docket")
