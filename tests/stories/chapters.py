"""The story of a foundation, chapter by chapter, each in the browser of whoever acts."""

import json
import re
from urllib.parse import urlsplit

import pyotp

from tests.stories.town import chapter, fill, go, heading, press, said

PASSWORD = "four plain words here"  # of everybody in the story
BOOK = "heping"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


# ------------------------------------------------------------------ setting up


@chapter()
def set_up(town):
    """The first admin follows the command's link, signs in and opens a book whose approvers need a second factor."""
    page = town.page("chen")
    page.goto(town.site)
    link = json.loads(town.run("people", "setup", "--json"))["link"]
    page.goto(town.site + urlsplit(link).path)
    fill(page, name="陈管理", login="chen", new=PASSWORD, again=PASSWORD)
    page.keyboard.press("Enter")
    sign_in(page, "chen")
    press(page, "本系统的账本")
    press(page, "开立账本")
    fill(page, name="和平社区基金", code=BOOK, foundation="和平慈善基金会", totp_required=True)
    press(page, "开立账本")
    set_up_factor(town, "chen")
    heading(page, "人员与角色")


def sign_in(page, login):
    """Sign in by keyboard alone, from the sign-in page."""
    heading(page, "登录")
    page.keyboard.type(login)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.locator(".who-name").or_(page.locator("[name=code]")).first.wait_for()


def set_up_factor(town, who):
    """Take the secret into an app, type what it shows, keep the recovery codes."""
    page = town.page(who)
    heading(page, "设置二次验证")
    press(page, "改为手工输入")
    secret = page.locator("code.secret").inner_text().replace(" ", "")
    town.kept[who] = pyotp.TOTP(secret)
    fill(page, code=town.kept[who].now())
    page.keyboard.press("Enter")
    press(page, "已经保存好")


def add(town, who, role, name, party="", limit=""):
    """The admin adds somebody and hands the link over; they set their password and sign in."""
    admin, page = town.page("chen"), town.page(who)
    go(admin, "设置", "人员与角色")
    press(admin, "添加人员")
    fill(admin, name=name, login=who, role=role, party=party, limit=limit)
    press(admin, "添加")
    link = admin.locator("#link").input_value()
    press(admin, "完成")
    page.goto(town.site + urlsplit(link).path)
    fill(page, new=PASSWORD, again=PASSWORD)
    page.keyboard.press("Enter")
    sign_in(page, who)
    if role == "approver":
        set_up_factor(town, who)
    heading(page, "待办")


# ------------------------------------------------------------------ people, funds, parties


@chapter(after=set_up)
def staff(town):
    """The admin adds those who need no party: accountant, approver, auditor."""
    add(town, "wang", "accountant", "王会计")
    add(town, "li", "approver", "李审批", limit="1,000,000")
    add(town, "zhao", "auditor", "赵审计")


@chapter(after=staff)
def parties(town):
    """The accountant opens a fund and enters who takes part; the admin adds their people."""
    page = town.page("wang")
    go(page, "账务", "基金与账户")
    press(page, "开立基金")
    fill(page, name="互助基金", code="general", purpose="邻里互助")
    press(page, "开立基金")
    said(page, "互助基金")
    go(page, "参与方")
    enter(page, kind="community", name="和平社区", code="heping", street="中山街道")
    enter(page, kind="organization", name="阳光社工站", code="sunshine")
    enter(page, kind="worker", name="周社工", code="w01", organization="sunshine")
    add(town, "sun", "org_staff", "孙项目", party="organization:sunshine")
    add(town, "zhou", "social_worker", "周社工", party="worker:w01")
    add(town, "qian", "community", "钱社区", party="community:heping")


def enter(page, **form):
    press(page, "登记参与方")
    fill(page, **form)
    press(page, "登记")
    said(page, form["name"])


# ------------------------------------------------------------------ mobilise


@chapter(after=parties)
def mobilise(town):
    """The accountant enters money by keyboard, then goods and hours; the approver sees what each would do."""
    page = town.page("wang")
    go(page, "动员", "捐赠")
    press(page, "录入捐赠")
    type_gift(page, "1,000", "钱多多")
    said(page, "等待审批")
    approve(town, "li", "钱多多", "互助基金")
    go(page, "动员", "捐赠")
    press(page, "录入捐赠")
    fill(page, resource="goods", item="大米", measure="袋", quantity="20", value="1,200")
    press(page, "提交审批")
    said(page, "账上还没有")
    fill(page, new_unit=True)
    press(page, "提交审批")
    said(page, "等待审批")
    approve(town, "li", "大米")
    go(page, "动员", "捐赠")
    press(page, "录入捐赠")
    fill(page, resource="hours", hours="2:30")
    press(page, "提交审批")
    said(page, "等待审批")
    approve(town, "li", "志愿")


def type_gift(page, amount, donor):
    """Enter a gift of money without touching the mouse: the form begins at the amount, and Enter saves."""
    page.wait_for_function("document.activeElement.name === 'amount'")
    page.keyboard.type(amount)
    for name in ("taker", "purpose", "donor"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") == name
    page.keyboard.type(donor)
    page.keyboard.press("Enter")


def approve(town, who, *words):
    """Somebody finds what waits for them, reads what it would do, and puts it on the ledger."""
    page = town.page(who)
    go(page, "待办")
    page.locator("main table tbody").get_by_role("link").first.click()
    for each in words:
        said(page, each)
    said(page, "将会发生")
    press(page, "批准并写入账本")
    said(page, "已写入账本")


# ------------------------------------------------------------------ allocate


@chapter(after=mobilise)
def allocate(town):
    """The community raises a need; decision, project and grant follow from it, and the grant is paid."""
    community, page = town.page("qian"), town.page("wang")
    go(community, "配置", "需求")
    press(community, "提出需求")
    fill(community, title="独居老人午餐", category="meals", residents="12", description="腿脚不便，做饭困难")
    press(community, "提出需求")
    said(community, "独居老人午餐")
    decide(town, page)
    open_project(page)
    award(town, page)


def decide(town, page):
    go(page, "配置", "需求")
    press(page, "独居老人午餐")
    press(page, "登记决议")
    votes = {"members": "5", "present": "5", "quorum": "3", "agreed": "5", "against": "0", "abstained": "0"}
    fill(page, title="拨款支持长者午餐", **votes, supervisor="同意", amount="800", fund="general")
    fill(page, evidence={"name": "纪要.pdf", "mimeType": "application/pdf", "buffer": PDF})
    press(page, "提交")
    said(page, "等待审批")
    approve(town, "li", "拨款支持长者午餐")


def open_project(page):
    go(page, "配置", "需求")
    press(page, "独居老人午餐")
    press(page, "新建项目")
    fill(page, name="长者午餐", organization="sunshine", communities="heping", fund="general")
    fill(page, budget__0__line="food", budget__0__name="食材", budget__0__category="direct", budget__0__amount="800")
    press(page, "新建项目")
    said(page, "已写入账本")


def award(town, page):
    go(page, "配置", "需求")
    press(page, "独居老人午餐")
    press(page, "为它批准资助")
    fill(
        page,
        organization="sunshine",
        fund="general",
        amount="800",
        project="长者午餐",
        decision="D2026-001 拨款支持长者午餐",
    )
    press(page, "提交")
    approve(town, "li", "阳光社工站")
    go(page, "配置", "资助")
    page.locator("main table tbody").get_by_role("link").first.click()
    press(page, "拨付")
    fill(page, amount="800")
    press(page, "提交")
    approve(town, "li", "互助基金")


# ------------------------------------------------------------------ apply


@chapter(after=allocate)
def deliver(town):
    """The organization reports a service, the social worker signs it off, the community says that it took place."""
    page, worker, community = town.page("sun"), town.page("zhou"), town.page("qian")
    go(page, "应用", "服务")
    press(page, "申报服务")
    press(page, "长者午餐")
    said(page, "这笔资助还剩")
    fill(page, title="独居老人午餐第一周", kind="meals", community="heping", worker="w01", residents="12")
    fill(page, need="独居老人午餐", description="五天午餐，送到家门口", money__0="300")
    fill(page, evidence={"name": "签收表.pdf", "mimeType": "application/pdf", "buffer": PDF})
    press(page, "送社工签收")
    said(page, "等待审批")
    approve(town, "zhou", "独居老人午餐第一周", "签收表.pdf")
    go(community, "应用", "待确认")
    community.locator("main input[type=checkbox]").last.check()
    press(community, "确认所勾选的")
    press(community, "是的，确认")
    said(community, "已在账本上确认")
    go(worker, "应用", "服务")
    said(worker, "社区已确认")


# ------------------------------------------------------------------ publish


@chapter(after=deliver)
def publish(town):
    """The accountant prepares a disclosure of the fund, the approver publishes it, and everybody can read it."""
    page = town.page("wang")
    go(page, "审计", "公示")
    press(page, "准备公示")
    fill(page, subject="fund:general")
    press(page, "计算数字")
    said(page, "合计与明细全部一致")
    press(page, "提交审批")
    said(page, "等待审批")
    approve(town, "li", "互助基金")
    reader = town.page("reader")
    reader.goto(town.site)
    reader.locator("footer").get_by_role("link", name="公示").click()
    reader.locator("main").get_by_role("link", name=re.compile("互助基金")).first.click()
    said(reader, "1,000.00")


# ------------------------------------------------------------------ the donor


@chapter(after=publish)
def hand_over(town):
    """The accountant finds the tracking code of the first gift, to be given to its donor."""
    page = town.page("wang")
    go(page, "动员", "捐赠")
    page.locator("main tbody tr").filter(has_text="钱多多").get_by_role("link", name=re.compile("^#")).click()
    town.kept["code"] = page.locator(".code-large").inner_text()


def follow(town, page):
    """The donor types the code on the phone and reads what the gift became."""
    page.goto(town.site)
    go(page, "查善款")
    fill(page, code=town.kept["code"])
    page.keyboard.press("Enter")
    said(page, "独居老人午餐第一周")
    said(page, "300.00")


def verify(town, page):
    """The donor checks the slip in the browser, against the newest checkpoint."""
    town.run("audit", "checkpoint")
    press(page, "在浏览器里验证")
    page.wait_for_selector(".verdict-ok")


def claim(town, page):
    """The donor opens an account with the code and sees all gifts together."""
    press(page, "您的捐赠，一页看全")
    fill(page, code=town.kept["code"], login="dodo", new=PASSWORD, again=PASSWORD)
    page.keyboard.press("Enter")
    heading(page, "我的捐赠")
    said(page, "1,000.00")


# ------------------------------------------------------------------ those who read, and the admin


def read_everything(page):
    """Open every page that the navigation offers; return the addresses, and the forms that would change something."""
    stages = page.locator("header nav ul.nav").first.get_by_role("link")
    hrefs = [link.get_attribute("href") for link in stages.all()]
    seen, forms = [], []
    while hrefs:
        href = hrefs.pop(0)
        page.goto(urlsplit(page.url)._replace(path=href, query="").geturl())
        seen.append(href)
        links = page.locator("header nav.wrap ul.nav-pages a")
        hrefs += [
            at for at in links.evaluate_all("a => a.map(it => it.getAttribute('href'))") if at not in seen + hrefs
        ]
        forms += [(href, it) for it in page.locator("main form[method=post]").all_inner_texts()]
    return seen, forms


def revoke(town, who):
    """The admin signs somebody out everywhere, having been asked whether that is meant."""
    admin = town.page("chen")
    go(admin, "设置", "人员与角色")
    admin.locator("main table").get_by_role("link", name=who, exact=True).click()
    press(admin, "全部退出登录")
    heading(admin, "要让这个账号在各处退出登录吗？")
    press(admin, "全部退出登录")
    said(admin, "该账号已在各处退出登录。")
