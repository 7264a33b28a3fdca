import simulator
from checking import Check
from juriscraper.pacer import AppellateAttachmentPage, AttachmentPage


def with_menu(truth, several=True):
    """Entries whose documents are chosen from a menu."""
    return [entry for entry in truth["entries"] if (len(entry["documents"]) > 1) == several and entry["documents"]]


class Menu(Check):
    def read(self, court, entry):
        page = AttachmentPage(court, self.session)
        page.query(entry["documents"][0]["pacer_doc_id"])
        return page.data

    def assert_menu(self, court, truth, entry):
        data = self.read(court, entry)
        main, *others = entry["documents"]
        if not court.endswith("b"):
            self.assertEqual(data["document_number"], entry["document_number"])
            self.assertEqual(data["file_size_bytes"], main["bytes"])
        self.assertEqual(data["pacer_case_id"], truth["pacer_case_id"])
        self.assertEqual(data["pacer_seq_no"], str(entry["de_seq_num"]))
        self.assertEqual(data["pacer_doc_id"], main["pacer_doc_id"])
        self.assertEqual(data["page_count"], main["pages"])
        # Withheld ones have no link, by which juriscraper knows a document.
        public = [document for document in others if not document["withheld"]]
        names = ("attachment_number", "description", "pacer_doc_id", "page_count")
        self.assertEqual(
            [tuple(read[name] for name in names) for read in data["attachments"]],
            [
                tuple(document[name] for name in ("attachment_number", "description", "pacer_doc_id", "pages"))
                for document in public
            ],
        )

    def assert_menus(self, court, truth):
        entries = with_menu(truth)
        self.assertTrue(entries)
        for entry in entries:
            self.assert_menu(court, truth, entry)

    def test_district(self):
        """the menu of a district court"""
        self.assert_menus("okwd", simulator.find("okwd", "demo"))

    def test_old(self):
        """the older numbering, which counts the main document as the first part"""
        for court in ("nysd", "mad", "cacd"):
            with self.subTest(court):
                self.assert_menus(court, simulator.find(court))

    def test_changed_numbering(self):
        """newer menus of the same courts"""
        for court in ("nysd", "mad", "cacd"):
            with self.subTest(court):
                self.assert_menus(court, simulator.find(court, "rarities"))

    def test_bankruptcy(self):
        """the menu of a bankruptcy court"""
        self.assert_menus("canb", simulator.find("canb", "demo"))

    def test_withheld(self):
        """a document that is withheld has no link"""
        for court in ("okwd", "canb"):
            with self.subTest(court):
                self.assert_menus(court, simulator.find(court, "rarities"))

    def test_price_instead(self):
        """a document that stands alone has a price page, which is no menu"""
        truth = simulator.find("okwd", "demo")
        self.assertEqual(self.read("okwd", with_menu(truth, several=False)[0]), {})

    def test_appellate(self):
        """older and newer menus of courts of appeals"""
        for court in ("ca1", "ca4", "ca5", "ca8", "ca9", "ca11", "cadc", "cafc", "cavc"):
            with self.subTest(court):
                self.assert_appellate(court, simulator.find(court, "filings"))

    def assert_appellate(self, court, truth):
        for entry in with_menu(truth):
            main, documents = entry["documents"][0], sorted(entry["documents"], key=lambda each: each["attachment_number"])
            page = AppellateAttachmentPage(court, self.session)
            page.query(main["pacer_doc_id"])
            data = page.data
            self.assertEqual(data["pacer_doc_id"], main["pacer_doc_id"])
            self.assertEqual(data["pacer_case_id"], truth["pacer_case_id"])
            self.assertEqual(data["pacer_seq_no"], str(entry["de_seq_num"]))
            names = ("attachment_number", "description", "pacer_doc_id", "page_count")
            self.assertEqual(
                [tuple(read[name] for name in names) for read in data["attachments"]],
                [
                    (document["attachment_number"], document["description"], document["pacer_doc_id"], document["pages"])
                    for document in documents
                    if not document["withheld"]
                ],
            )

    def test_free(self):
        """menus cost nothing"""
        simulator.forget()
        self.assert_menus("okwd", simulator.find("okwd", "demo"))
        self.assert_sold()
