import simulator
from checking import Check
from juriscraper.lib.exceptions import ParsingException
from juriscraper.pacer import PossibleCaseNumberApi


class Lookup(Check):
    def look_up(self, court, number, **hints):
        report = PossibleCaseNumberApi(court, self.session)
        report.query(number)
        return report.data(**hints)

    def assert_found(self, found, truth):
        self.assertEqual(found["pacer_case_id"], truth["pacer_case_id"])
        self.assertIn(truth["title"], found["title"])

    def test_forms(self):
        """every way of writing a number finds the case"""
        truth = simulator.find("okwd", "demo")
        for number in ("5:16-cv-00432", "5:16-CV-00432", "16-cv-432", "16-00432", "1600432"):
            with self.subTest(number):
                self.assert_found(self.look_up("okwd", number), truth)

    def test_each_court_type(self):
        """civil, criminal, petition, adversary; courts quote with either mark"""
        for court, kind in (
            ("okwd", "civil"), ("nysd", "criminal"), ("canb", "petition"), ("flsb", "adversary"),
            ("jpml", "civil"), ("cit", "civil"), ("cofc", "civil"),
        ):
            with self.subTest(f"{court} {kind}"):
                truth = simulator.find(court, kind=kind)
                self.assert_found(self.look_up(court, truth["lookup_number"]), truth)

    def test_not_found(self):
        """an unknown number is None"""
        self.assertIsNone(self.look_up("okwd", "1:20-cv-77777"))

    def test_sealed(self):
        """a sealed case is None"""
        for court in ("okwd", "canb"):
            truth = simulator.find(court, "sealed")
            self.assertIsNone(self.look_up(court, truth["lookup_number"]))

    def test_several(self):
        """two offices have the number: an exception, unless the office or the name is known"""
        first, second = [row for row in simulator.cases("okwd") if row["peculiarity"] == "twin"]
        with self.assertRaises(ParsingException):
            self.look_up("okwd", "20-90002")
        for row in (first, second):
            truth = simulator.admin(f"courts/okwd/cases/{row['pacer_case_id']}")
            office = row["lookup_number"][0]
            self.assert_found(self.look_up("okwd", "20-90002", office_number=office), truth)
            self.assert_found(self.look_up("okwd", "20-90002", case_name=truth["title"]), truth)

    def test_letters(self):
        """letters that no case has leave nothing, and that is an exception"""
        with self.assertRaises(ParsingException):
            self.look_up("okwd", "20-90002", docket_number_letters="xx")

    def test_defendants(self):
        """of several defendants the main case is chosen, and with a gap none"""
        truth = simulator.numbered("okwd", 90006)
        self.assert_found(self.look_up("okwd", "1:20-cr-90006"), truth)
        with self.assertRaises(ParsingException):
            self.look_up("okwd", "1:20-cr-90007")

    def test_free(self):
        """looking up costs nothing"""
        simulator.forget()
        self.look_up("okwd", "5:16-cv-00432")
        self.assert_sold()
