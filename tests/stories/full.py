"""A book with something of everything: `fill(app, folder)` fills one in as people do, by the desk's own forms."""

import io
import re
from functools import partial

from ledger.checkpoints.logs import Logs
from ledger.extensions import db
from ledger.programs.actions import confirm_service
from ledger.web.actor import Role
from tests.programs.allocation.conftest import Forms
from tests.support.actors import sign_in
from tests.support.objects import OWN_PARTY, World
from tests.support.small import KEY

PASSWORD = "four plain words here"  # of a donor in tests
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
VOTES = {"members": "7", "present": "6", "quorum": "4", "agreed": "5", "against": "1", "abstained": "0"}
LIST = "日期,捐赠人,金额\n2026-02-01,**明,100.50\n2026-02-02,某某有限公司,2000\n2026-02-03,张三,约50\n"


class Full(World):
    """`clients` by role; `at` holds what addresses name: codes of objects, proposals, a tracking code."""

    def __init__(self, app, folder):
        app.config["CODE_KEY"] = KEY
        with app.app_context():
            super().__init__(db.engine, folder)
        self.app = app
        self.clients = {role: self._sit(role) for role in Role if role is not Role.DONOR}
        self.accountant, self.approver = self.clients[Role.ACCOUNTANT], self.clients[Role.APPROVER]
        self.at = {}
        self._mobilise()
        self._allocate()
        self._apply()
        self._account()
        self._donor()
        Logs(folder, "http://localhost").sign(self.engine, "b")

    def _sit(self, role):
        client = self.app.test_client()
        client.code = sign_in(self.app, client, role, party=OWN_PARTY.get(role), name=f"张{role}")
        return client

    def send(self, client, address, page=None, **data):
        """Fill in the form of a page (the address itself) as it is shown, changed by `data`; return where it leads."""
        shown = client.get(page or address)
        assert shown.status_code == 200, (address, shown.status_code)
        fields = {name: values for name, values in Forms(shown.text).fields.items() if values}
        token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', shown.text)[1]
        data = {name.replace("__", "-"): value for name, value in data.items()}
        answer = client.post(address, data={**fields, "csrf_token": token, **data}, content_type="multipart/form-data")
        assert answer.status_code == 303, (
            address,
            re.findall(r'class="problem".*?</', answer.text),
            answer.text[-3000:],
        )
        return answer.location

    def decide(self, where, what="approve", **more):
        """Let the approver decide; return the code of the proposal."""
        self.send(self.approver, where, what=what, **more)
        return where.rpartition("/")[2]

    def enter(self, page, **data):
        """Let the accountant prepare something."""
        return self.send(self.accountant, f"/b/desk/{page}", **data)

    def _mobilise(self):
        enter = self.enter
        enter(
            "campaigns/new",
            code="snow",
            name="暖冬行动",
            fund="general",
            target="5,000",
            description="为独居老人备寒衣",
        )
        gift = partial(enter, "gifts/new", campaign="snow", dated="2026-03-02")
        self.decide(gift(amount="1,000", donor="钱多多", channel="wechat", purpose="给长者买助听器"))
        goods = {
            "resource": "goods",
            "item": "大米",
            "measure": "袋",
            "quantity": "20",
            "value": "1,200",
            "new_unit": "y",
        }
        self.decide(gift(**goods, lot="L7", expires="2027-01-31"))
        self.decide(gift(resource="hours", hours="2:30", volunteer="v01"))
        self.at["proposal"] = gift(amount="80").rpartition("/")[2]
        self.at["returned"] = self.decide(gift(amount="90"), "return", reason="金额不符")
        listed = self.enter("lists/new", file=(io.BytesIO(LIST.encode()), "名单.csv"))
        self.at["list"] = listed.rpartition("/")[2]
        self.gift = self.give(50_000, donor="孙有福", remark="祝好")
        self.at["trace"] = "-".join(re.findall(".{1,4}", self.codes[self.gift]))
        self.earmarked = self.give(20_000, self.earmark("儿童阅读"))

    def _allocate(self):
        enter = self.enter
        minutes = [(io.BytesIO(PDF), "纪要.pdf", "application/pdf")]
        where = "decisions/new?need=N-heping"
        self.decide(enter(where, title="修楼道灯", supervisor="同意", amount="500", evidence=minutes, **VOTES))
        self.at["decision"] = re.search(r"D\d{4}-\d+", self.accountant.get("/b/desk/decisions").text)[0]
        enter(
            "projects/new",
            name="楼道亮灯",
            code="lamps",
            organization="sunshine",
            communities="heping",
            need="N-heping",
        )
        parts = {"instalments__0__amount": "200", "instalments__0__due": "2026-03-01"}
        parts |= {"instalments__1__amount": "100", "instalments__1__due": "2026-09-01"}
        grant = {"organization": "sunshine", "fund": "general", "project": "meals", "need": "N-heping"}
        more = {"instalments__1__condition": "提交中期报告", "code": "G-two", "amount": "300"}
        self.decide(enter("grants/new", **grant, **parts, **more))
        self.decide(enter("grants/pay?grant=G-two"))
        self.decide(enter("contracts/new", code="C1", name="为老服务购买", buyer="和平街道办事处", amount="1,000"))
        self.decide(enter("contracts/receive?contract=C1", amount="200"))

    def _apply(self):
        staff, worker, community = (self.clients[role] for role in OWN_PARTY)
        file = [(io.BytesIO(PDF), "签收表.pdf", "application/pdf")]
        report = {"title": "送餐", "kind": "meals", "community": "heping", "worker": "w01", "residents": "3"}
        where = self.send(staff, "/b/desk/services/report?grant=G-two", **report, money__0="50", evidence=file)
        self.send(worker, where, what="approve")
        self.at["report"] = where.rpartition("/")[2]
        dispute = "/b/desk/confirmations/community/S-own"
        self.send(community, dispute, reason="那天没有送到")
        shift = f"/b/desk/shifts/{self.shifts['heping']}"
        self.send(community, f"{shift}/volunteers", shift, volunteer="v01")
        self.do(confirm_service, "S-other", "community", "far")

    def _account(self):
        enter = self.enter
        self.decide(enter("expenses/new", amount="12.50", fund="fund:general", place="bank:main"))
        self.decide(enter("transfers/new", amount="30", giver="fund:general", taker="fund:elder", reason="补足"))
        self.decide(enter("disclosure/new", subject="fund:general", send="yes"))
        self.at["disclosure"] = re.search(r"/b/disclosures/([^\"]+)\"", self.accountant.get("/b/disclosures").text)[1]

    def _donor(self):
        donor = self.clients[Role.DONOR] = self.app.test_client()
        join = {"code": self.at["trace"], "login": "sun.youfu", "new": PASSWORD, "again": PASSWORD}
        self.send(donor, "/donor/join", **join)
        self.send(donor, "/donor/erase", reason="不再需要", book="b", sure="y")
        desk = self.clients[Role.ADMIN].get("/b/desk/donors").text
        self.at["request"] = re.search(r"/desk/donors/requests/([\w-]+)", desk)[1]
