"""Each example as it stands in the repository, applied and destroyed on an emulated account."""

import http.server
import json
import threading
import unittest
import urllib.request

from deployment import MODULE, Account, Network
from example import EXAMPLES, Example
from terraform import NOTHING_TO_DO

# Where the standby of cross-region is.
STANDBY = "eu-west-1"


class Pager:
    """An address that confirms a subscription, as an integration does at once."""

    def __init__(self) -> None:
        self.server = http.server.HTTPServer(("127.0.0.1", 0), Confirming)
        self.url = f"http://127.0.0.1:{self.server.server_port}/enqueue"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Confirming(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()
        if said["Type"] == "SubscriptionConfirmation":
            threading.Thread(target=confirm, args=(said["SubscribeURL"],), daemon=True).start()

    def log_message(self, *_) -> None:
        pass


def confirm(url: str) -> None:
    urllib.request.urlopen(url, timeout=10).close()


class Examples(unittest.TestCase):
    def setUp(self) -> None:
        self.account = Account()
        self.addCleanup(self.account.stop)

    def test_each_example_is_one_of_those_that_are_tested(self) -> None:
        there = {place.name for place in (MODULE / "examples").iterdir() if place.is_dir()}
        self.assertEqual(set(EXAMPLES), there)

    def test_minimal(self) -> None:
        self.live("minimal", look=self.nothing_is_deleted_and_evidence_is_locked)

    def nothing_is_deleted_and_evidence_is_locked(self) -> None:
        """What holds unless somebody says otherwise."""
        functions = self.account.client("lambda").list_functions()["Functions"]
        settings = {f["FunctionName"]: f["Environment"]["Variables"] for f in functions}
        self.assertEqual("true", settings["snapkeep-prune"]["SNAPKEEP_DRY_RUN"])
        for name, variables in settings.items():
            self.assertEqual("365", variables["SNAPKEEP_EVIDENCE_LOCK_DAYS"], name)

    def test_complete(self) -> None:
        network = Network(self.account)
        self.live(
            "complete",
            vpc_id=network.vpc_id,
            subnet_ids=network.subnet_ids,
            route_table_ids=network.route_table_ids,
        )

    def test_cross_region(self) -> None:
        self.live("cross-region", self.a_standby_tells_elsewhere, standby=STANDBY)

    def a_standby_tells_elsewhere(self) -> None:
        (function,) = self.account.client("lambda", STANDBY).list_functions()["Functions"]
        said = function["Environment"]["Variables"]
        self.assertEqual("dr-standby", function["FunctionName"])
        self.assertEqual(EXAMPLES["cross-region"], said["SNAPKEEP_STANDBY_FOR"])
        self.assertIn(f":{STANDBY}:", said["SNAPKEEP_TOPIC_ARN"])
        s3 = self.account.client("s3")
        places = (said["SNAPKEEP_BUCKET"], said["SNAPKEEP_HOME_BUCKET"])
        texts = [s3.get_object(Bucket=each, Key="policy.json")["Body"].read() for each in places]
        self.assertEqual(texts[0], texts[1], "both read the same document")

    def test_chat(self) -> None:
        self.live("chat")

    def test_pager(self) -> None:
        pager = Pager()
        self.addCleanup(pager.stop)
        self.live("pager", pager_url=pager.url)

    def test_bridge(self) -> None:
        self.live("bridge", look=self.bridges_hear_the_topic, functions=7)

    def bridges_hear_the_topic(self) -> None:
        sns = self.account.client("sns")
        (topic,) = (it["TopicArn"] for it in sns.list_topics()["Topics"])
        heard = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        ends = {each["Endpoint"].rpartition(":")[2] for each in heard if each["Protocol"] == "lambda"}
        self.assertEqual({"snapkeep-bridge-slack", "snapkeep-bridge-pagerduty"}, ends)

    def live(
        self, name: str, look=lambda: None, functions: int = 5, standby: str = "", **variables
    ) -> None:
        """Applied, then nothing left to do, then destroyed, then nothing left at all."""
        example = Example(self.account, name, standby=standby, **variables)
        example.apply()
        self.assertEqual(NOTHING_TO_DO, example.plan(), "a second plan is empty")
        look()
        self.assertEqual(functions, len(example.functions()))
        example.destroy()
        self.assertEqual(set(), example.made(), "nothing is left")


if __name__ == "__main__":
    unittest.main()
