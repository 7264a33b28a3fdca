"""How fast juriscraper reads the extra corpus: the reference of `make bench-parsers`.

    juriscraper_corpus.py CORPUS [--once]

Prints a line of JSON for each folder, like the benchmark beside it: kind, pages, bytes, and the
seconds of the fastest of several passes over all its pages on one core. Seconds are those that
the processor worked for us, so that a busy machine does not decide.
"""

import json
import logging
import sys
import time
from pathlib import Path

from juriscraper.pacer import (
    ACMSAttachmentPage,
    ACMSDocketReport,
    AppellateAttachmentPage,
    AppellateDocketReport,
    AttachmentPage,
    CaseQuery,
    ClaimsActivity,
    ClaimsRegister,
    DocketHistoryReport,
    DocketReport,
    DownloadConfirmationPage,
    FreeOpinionReport,
    InternetArchive,
    ListOfCreditors,
    MobileQuery,
    PacerRssFeed,
    PossibleCaseNumberApi,
)
from juriscraper.pacer.case_query_advanced import CaseQueryAdvancedBankruptcy
from juriscraper.pacer.email import NotificationEmail, S3NotificationEmail
from juriscraper.pacer.http import check_if_logged_in_page

# Folder, kind on our command line, suffix of the pages, reader.
FOLDERS = [
    ("appellate_attachment_pages", "appellate-attachment-page", ".html", AppellateAttachmentPage),
    ("appellate_attachment_pages/acms", "acms-attachment-page", ".compare.json", ACMSAttachmentPage),
    ("attachment_pages", "attachment-page", ".html", AttachmentPage),
    ("authentication_samples", "login-check", ".html", None),
    ("case_queries", "case-query", ".html", CaseQuery),
    ("case_queries_advanced", "case-query-advanced", ".html", CaseQueryAdvancedBankruptcy),
    ("claims_activity", "claims-activity", ".html", ClaimsActivity),
    ("claims_registers", "claims-register", ".html", ClaimsRegister),
    ("confirmation_pages", "confirmation-page", ".html", DownloadConfirmationPage),
    ("docket_history_reports", "docket-history", ".html", DocketHistoryReport),
    ("dockets/acms", "acms-docket", ".acms_json", ACMSDocketReport),
    ("dockets/appellate", "appellate-docket", ".html", AppellateDocketReport),
    ("dockets/bankruptcy", "docket", ".html", DocketReport),
    ("dockets/district", "docket", ".html", DocketReport),
    ("dockets/fake-rss", "docket", ".html", DocketReport),
    ("dockets/not_appellate_dockets", "appellate-docket", ".html", AppellateDocketReport),
    ("dockets/not_dockets", "docket", ".html", DocketReport),
    ("dockets/special", "docket", ".html", DocketReport),
    ("dockets_internet_archive", "ia-docket", ".xml", InternetArchive),
    ("free_opinion_report", "free-opinion-report", ".html", FreeOpinionReport),
    ("list_of_creditors", "list-of-creditors", ".html", ListOfCreditors),
    ("mobile_queries", "mobile-query", ".html", MobileQuery),
    ("nda", "email", ".txt", S3NotificationEmail),
    ("nef", "nef", ".html", NotificationEmail),
    ("nef/s3", "email", ".txt", S3NotificationEmail),
    ("possible_case_numbers", "possible-case-numbers", ".xml", PossibleCaseNumberApi),
    ("rss_feeds", "rss-feed", ".xml", PacerRssFeed),
]
# A folder is read again until this many seconds have passed, and at least this often.
ENOUGH = 1.0
LEAST_PASSES = 2


def decode(page):
    try:
        return page.decode("utf-8")
    except UnicodeDecodeError:
        return page.decode("iso-8859-1")


def read(reader, page, stem, suffix):
    if reader is None:
        return check_if_logged_in_page(page)
    court = stem.split("_")[0].split(".")[0]
    if reader is PossibleCaseNumberApi:
        report = reader("any")
        report._parse_text(decode(page))
        return report.data(case_name=stem)
    if reader is InternetArchive:
        report = reader(court)
        report._parse_text(decode(page))
        return report.data
    report = reader(court)
    report._parse_text(decode(page))
    return report.data


def main():
    corpus = Path(sys.argv[1])
    once = "--once" in sys.argv
    logging.disable(logging.CRITICAL)
    for folder, kind, suffix, reader in FOLDERS:
        pages = [
            (path.read_bytes(), path.name[: -len(suffix)])
            for path in sorted((corpus / folder).iterdir())
            if path.name.endswith(suffix)
        ]
        best, failed, passes, begin = float("inf"), 0, 0, time.thread_time()
        while True:
            failed, start = 0, time.thread_time()
            for page, stem in pages:
                try:
                    read(reader, page, stem, suffix)
                except Exception as error:
                    failed += 1
                    reason = f"{type(error).__name__}: {error}"
            best = min(best, time.thread_time() - start)
            passes += 1
            if once or (passes >= LEAST_PASSES and time.thread_time() - begin >= ENOUGH):
                break
        if failed:
            print(f"{folder}: {failed} of {len(pages)} pages failed, the last with {reason}", file=sys.stderr)
        line = {
            "folder": folder,
            "kind": kind,
            "pages": len(pages),
            "bytes": sum(len(page) for page, _ in pages),
            "seconds": best,
        }
        print(json.dumps(line), flush=True)


main()
