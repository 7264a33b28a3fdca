"""What the checks share: somebody who is logged in, and the comparison of a docket with the truth."""

import datetime
import unittest

import simulator
from juriscraper.lib.string_utils import harmonize
from juriscraper.pacer.http import PacerSession


def session(login="demo", **more):
    """Logged in by juriscraper itself."""
    session = PacerSession(username=login, password=simulator.PASSWORD, **more)
    session.login()
    return session


def day(text):
    return text and datetime.date.fromisoformat(text)


class Check(unittest.TestCase):
    maxDiff = 2000

    @classmethod
    def setUpClass(cls):
        simulator.forget()
        cls.session = session()

    def assert_name(self, read, title):
        """The name of a case, whose spelling juriscraper evens out: no `et al`, no `USA`."""
        self.assertEqual(plain(read), harmonize(title))

    def assert_entries(self, read, truth, wanted=lambda entry: True):
        """Entries as juriscraper read them, against those of the court's file."""
        entries = sorted(filter(wanted, truth["entries"]), key=lambda entry: entry["date_filed"])
        # One by one, since telling two long lists apart takes very long.
        self.assertEqual(len(read), len(entries))
        for entry, true in zip(read, entries, strict=True):
            self.assertEqual(entry["date_filed"], day(true["date_filed"]))
            self.assertEqual(entry["date_entered"], day(true["date_entered"]))
            number = true["document_number"]
            self.assertEqual(entry["document_number"], number and str(number))
            main = (true["documents"] or [{"pacer_doc_id": None}])[0]
            self.assertEqual(entry["pacer_doc_id"], main["pacer_doc_id"] if number else None)
            # Bankruptcy courts do not show it.
            self.assertIn(entry["pacer_seq_no"], (None, str(true["de_seq_num"])))
            self.assertIn(plain(true["text"]), plain(entry["description"]))

    def assert_parties(self, read, truth):
        """Names, roles and attorneys."""
        self.assertEqual(
            [(plain(party["name"]), plain(party["type"])) for party in read],
            [(plain(party["name"]), plain(role(party))) for party in truth["parties"]],
        )
        for party, true in zip(read, truth["parties"], strict=True):
            self.assertEqual(
                [plain(attorney["name"]) for attorney in party["attorneys"]],
                [plain(attorney["name"]) for attorney in true["attorneys"]],
            )

    def assert_sold(self, *kinds):
        """What was charged since the last look, and nothing else."""
        sold = [sale["item"]["kind"] for sale in simulator.sales()]
        simulator.admin("ledger", method="DELETE")
        self.assertEqual(sold, list(kinds))


def role(party):
    """`Defendant (1)` without the number, which juriscraper leaves out."""
    return party["role"].split(" (")[0]


def plain(text):
    return " ".join(text.split())
