import simulator
from checking import Check, session
from juriscraper.lib.exceptions import PacerLoginException
from juriscraper.pacer import PossibleCaseNumberApi
from juriscraper.pacer.http import PacerSession


def attempts(login):
    accounts = simulator.admin("accounts")["accounts"]
    return next(account for account in accounts if account["login"] == login)


class Login(Check):
    def look_up(self, session):
        report = PossibleCaseNumberApi("okwd", session)
        report.query("5:16-cv-00432")
        return report.data()["pacer_case_id"]

    def setUp(self):
        simulator.forget()

    def test_token(self):
        """a login brings a token that courts of both kinds take"""
        logged_in = session()
        self.assertEqual(len(logged_in.cookies.get("NextGenCSO", domain=".uscourts.gov")), 128)
        self.assertEqual(self.look_up(logged_in), "42100")
        self.assertEqual(attempts("demo")["succeeded"], 1)

    def test_wrong_password(self):
        """a wrong password is an exception, and is tried once"""
        with self.assertRaises(PacerLoginException):
            PacerSession(username="demo", password="wrong").login()
        self.assertEqual(attempts("demo")["failed"], 1)

    def test_filer(self):
        """a filer's login goes through, since juriscraper sends redactFlag"""
        self.assertEqual(self.look_up(session("demo-filer")), "42100")

    def test_one_time_code(self):
        """an account that needs a one-time code is refused, since juriscraper sends none"""
        with self.assertRaises(PacerLoginException):
            session("demo-totp")

    def test_refused(self):
        """an account that the sign-on refuses is an exception"""
        with self.assertRaises(PacerLoginException):
            session("demo-refused")

    def test_expired(self):
        """when the session ends, juriscraper sees the login page, logs in and goes on"""
        logged_in = session()
        simulator.admin("sessions/expire", {})
        self.assertEqual(self.look_up(logged_in), "42100")
        self.assertEqual(attempts("demo")["succeeded"], 2)

    def test_login_pages(self):
        """the login pages of both generations are seen as such, at a court of appeals too"""
        for court in ("okwd", "canb", "ca4"):
            for page in ("current-gen", "next-gen"):
                simulator.admin(f"courts/{court}/settings", {"login_page": page}, "PUT")
                with self.subTest(f"{court} {page}"), self.assertRaises(PacerLoginException):
                    asked = PacerSession()
                    asked.additional_request_done = True
                    path = "n/beam/servlet/TransportRoom" if court == "ca4" else "cgi-bin/iquery.pl"
                    asked.get(f"https://ecf.{court}.uscourts.gov/{path}")
                simulator.admin(f"courts/{court}/settings", {}, "PUT")

    def test_spurious_login_page(self):
        """one login page that means nothing is asked past, without a login"""
        logged_in = PacerSession(cookies=session().cookies)
        simulator.order(kind="login_page", method="GET")
        self.assertEqual(self.look_up(logged_in), "42100")
        self.assertEqual(attempts("demo")["succeeded"], 1)

    def test_privileges(self):
        """`no access privileges` is asked past, as juriscraper does for Illinois Northern"""
        logged_in = session()
        simulator.order(kind="no_privileges", court="okwd")
        self.assertEqual(self.look_up(logged_in), "42100")
