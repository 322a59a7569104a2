"""Projects, organizations, communities and campaigns: what the pages say adds up, whatever was taken back."""

from datetime import date

import pytest

from ledger.core.entry import Move, Posting
from ledger.core.errors import NotFoundError
from ledger.giving.actions import receive_income
from ledger.journal.append import writing
from ledger.journal.read import find_book, snapshot
from ledger.people.actions import one
from ledger.programs.parties import lines
from ledger.programs.parties.campaigns import campaign_page
from ledger.programs.parties.carried import tallies
from ledger.programs.parties.communities import community_page
from ledger.programs.parties.fate import Piece, merged
from ledger.programs.parties.lists import list_page
from ledger.programs.parties.organizations import organization_page
from ledger.programs.parties.pages import Chosen
from ledger.programs.parties.projects import project_page
from ledger.programs.parties.tally import Span, tally_of
from tests.support.small import Small

MASKS, HOURS = "N95口罩:个", "volunteer-hour"


class Larger(Small):
    """A small book with needs, a decision, a project with a budget, and a campaign."""

    def put(self, kind, moves=(), postings=(), **facts):
        private = {"residents": "3"} if "residents_below" in facts else {}
        with writing(self.engine, self.code) as w:
            draft = self.act().draft(kind, moves=moves, postings=postings, facts=facts, private=private)
            return one(w, draft).seq

    def need(self, code, **more):
        facts = {"title": f"需求 {code}", "category": "meals", "community": "heping", "raised_by": "community"}
        return self.put("need.opened", code=code, raised="2026-02-01", **facts, **({"residents": 30} | more))

    def planned(self, code="plan", **more):
        budget = [
            {"line": "A", "name": "材料", "category": "direct", "amount": 500},
            {"line": "B", "name": "管理", "category": "administration", "amount": 100},
        ]
        facts = {"name": "有预算的项目", "organization": "sunshine", "fund": "general", "budget": budget}
        return self.put("project.opened", code=code, lead_element="volunteer", **facts, **more)

    def campaign(self, code="winter", **more):
        facts = {"name": f"募捐 {code}", "fund": "general", "starts": "2026-03-01", "emergency": False}
        return self.put("campaign.opened", code=code, **(facts | more))

    def gift(self, amount, campaign="winter", taker="fund:general", source="source:individual"):
        return self.put(
            "donation.received",
            [Move(source, taker, amount, "CNY")],
            [Posting("bank:main", amount, "CNY")],
            code=f"{next(self.refs):064x}",
            campaign=campaign,
        )


@pytest.fixture
def book(engine):
    return Larger(engine)


def read(page, book, *args, **more):
    with snapshot(book.engine) as connection:
        return page(connection, "b", *args, **more)


def adds_up(account):
    """Check that both faces of an account have its total, and that the bar is the table."""
    assert sum(part.quantity.amount for part in account.givers) == account.received.amount
    assert account.used.amount + account.held.amount == account.received.amount
    if account.held.amount or account.uses:
        assert sum(part.quantity.amount for part in account.uses) == account.received.amount
    assert sum(share.quantity.amount for share in account.shares) == account.received.amount


def figures(account):
    adds_up(account)
    return account.received.amount, account.used.amount, account.held.amount, account.returned.amount


def test_a_project_without_anything(book):
    page = read(project_page, book, "meals")
    assert (page.money, page.others, page.budget, page.grants.rows, page.services.cards) == (None, (), None, (), ())
    with pytest.raises(NotFoundError):
        read(project_page, book, "none")


def test_a_project_is_made_of_grants_and_of_what_funds_paid_directly(book):
    book.give(2000)
    book.do(receive_income, "source:government-purchase", "fund:elder", 300, "bank:main")
    book.grant("G1", 600)
    book.serve("S1", [("grant:G1", 250, "CNY"), ("fund:elder", 30, "CNY")])
    book.serve("S2", [("source:volunteer", 90, HOURS)], residents=3)
    book.back("G1", 100)
    page = read(project_page, book, "meals")
    assert figures(page.money) == (530, 280, 250, 100)
    assert [(p.what.address, p.quantity.amount) for p in page.money.givers] == [
        ("fund:general", 500),
        ("fund:elder", 30),
    ]
    (row,) = page.grants.rows
    amounts = [q.amount for q in (row.awarded, row.paid, row.used, row.returned, row.held)]
    assert amounts == [600, 600, 250, 100, 250]
    sums = (page.grants.awarded, page.grants.paid, page.grants.used, page.grants.returned, page.grants.held)
    assert [q.amount for q in sums] == amounts
    assert (page.services.pager.total, page.services.residents, page.services.some_hidden) == (2, 21, True)
    assert [account.unit.code for account in page.others] == [HOURS]
    organization = read(organization_page, book, "sunshine")
    assert figures(organization.money) == (530, 280, 250, 100)
    assert [ref.code for ref in organization.projects] == ["meals"]


def test_what_was_taken_back_counts_nowhere(book):
    book.give(2000)
    book.grant("G1", 600)
    before = read(project_page, book, "meals"), read(community_page, book, "heping")
    wrong = book.serve("S1", [("grant:G1", 250, "CNY"), ("fund:general", 30, "CNY")])
    read(project_page, book, "meals")  # carried, and then taken back
    book.reverse(wrong)
    after = read(project_page, book, "meals"), read(community_page, book, "heping")
    assert after[0].money == before[0].money
    assert after[0].services == before[0].services
    assert (after[1].money, after[1].services.pager.total) == (None, 0)
    book.reverse(book.do(_spend_for, "meals", 44))
    assert read(project_page, book, "meals").money == before[0].money


def _spend_for(writer, act, project, amount):
    draft = act.draft(
        "expense.recorded",
        moves=[Move("fund:general", "outcome:direct", amount, "CNY")],
        postings=[Posting("bank:main", -amount, "CNY")],
        facts={"category": "direct", "project": project},
    )
    return one(writer, draft)


def test_an_award_that_was_taken_back_is_no_grant(book):
    book.give(1000)
    paid = book.grant("G1", 400)
    book.reverse(paid)
    book.reverse(paid - 1)
    page = read(project_page, book, "meals")
    assert (page.grants.rows, page.grants.awarded.amount, page.grants.pager.total) == ((), 0, 0)


def test_instalments_as_agreed_and_as_paid(book):
    book.give(1000)
    agreed = [
        {"n": 1, "amount": 300, "due": "2026-03-01", "condition": "签约"},
        {"n": 2, "amount": 200, "due": "2026-06-01", "condition": "中期"},
    ]
    facts = {"organization": "sunshine", "fund": "general", "amount": 500, "unit": "CNY", "project": "meals"}
    book.put("grant.awarded", code="G1", instalments=agreed, **facts)
    move = [Move("fund:general", "grant:G1", 300, "CNY")], [Posting("bank:main", -300, "CNY")]
    seq = book.put("grant.paid", *move, grant="G1", instalment=1)
    (row,) = read(project_page, book, "meals").grants.rows
    assert [(i.number, i.amount.amount, i.paid.amount, i.entries) for i in row.instalments] == [
        (1, 300, 300, (seq,)),
        (2, 200, 0, ()),
    ]
    assert (row.instalments[0].due, row.instalments[0].condition) == (date(2026, 3, 1), "签约")


def test_a_budget_is_held_against_what_entries_state(book, monkeypatch):
    monkeypatch.setattr(lines, "STEP", 2)
    book.give(2000)
    book.planned()
    for number in range(5):
        said = [{"line": "A", "amount": 10}, {"line": "B", "amount": 2}] if number else []
        book.serve(f"S{number}", [("fund:general", 20, "CNY")], project="plan", lines=said)
    wrong = book.serve("S9", [("fund:general", 20, "CNY")], project="plan", lines=[{"line": "A", "amount": 20}])
    book.reverse(wrong)
    pages = [read(project_page, book, "plan").budget for _ in range(4)]
    for budget in pages:
        assert sum(line.actual for line in budget.lines) == budget.actual == 100
    assert pages[0].size < pages[1].size < pages[2].size  # at most so many entries a page
    done = {line.line: (line.budget, line.actual) for line in pages[-1].lines}
    assert done == {"A": (500, 40), "B": (100, 8), "": (0, 52)}
    assert pages[-1].size == find_size(book)


def find_size(book):
    with snapshot(book.engine) as connection:
        return find_book(connection, "b").size


def test_needs_of_a_community(book):
    book.need("N1")
    book.need("N2", residents=0)
    book.put("need.closed", code="N2", outcome="withdrawn", reason="不需要了")
    book.put(
        "need.opened",
        code="N3",
        title="小组",
        category="meals",
        community="heping",
        raised_by="worker",
        residents_below=5,
    )
    book.put("need.closed", code="N1", outcome="met", reason="")
    page = read(community_page, book, "heping")
    assert page.needs_by_state == {"open": 1, "met": 1, "withdrawn": 1}
    assert [(need.code, need.state, need.residents) for need in page.needs] == [
        ("N3", "open", 1),
        ("N2", "withdrawn", 0),
        ("N1", "met", 30),
    ]
    assert [need.code for need in read(community_page, book, "heping", state="met").needs] == ["N1"]


def test_a_decision_and_needs_stand_with_the_project(book):
    book.need("N1")
    votes = {"members": 5, "present": 5, "quorum": 3, "for": 4, "against": 0, "abstained": 1}
    seq = book.put(
        "decision.recorded", code="D1", title="同意", held="2026-02-20", body="committee", result="adopted", **votes
    )
    book.planned(decision="D1", need=["N1"], community=["heping"], starts="2026-03-01", ends="2026-12-31")
    page = read(project_page, book, "plan")
    assert (page.decision.seq, page.decision.votes, page.decision.adopted) == (seq, (4, 0, 1), True)
    assert [need.code for need in page.needs] == ["N1"]
    assert [ref.name for ref in page.communities] == ["和平社区"]
    assert [ref.code for ref in read(community_page, book, "heping").projects] == ["plan"]


def test_a_campaign_follows_exactly_its_own_gifts(book):
    book.campaign(target=1000)
    book.give(100)
    book.gift(300)
    book.gift(200, source="source:organization")
    book.day = date(2026, 3, 9)
    book.gift(50)
    book.give(1000)
    wrong = book.gift(70)
    book.reverse(wrong)
    book.grant("G1", 250)  # the first 100 are another's
    book.serve("S1", [("grant:G1", 180, "CNY")])
    book.move("fund:general", "fund:elder", 200)
    page = read(campaign_page, book, "winter")
    assert (page.received.amount, page.gifts, page.target.amount) == (550, 3, 1000)
    assert [(d.day.day, d.gifts, d.quantity.amount, d.running.amount) for d in page.days] == [
        (9, 1, 50, 550),
        (1, 2, 500, 500),
    ]
    assert [(p.what.code, p.quantity.amount, gifts) for p, gifts in page.sources] == [
        ("individual", 350, 2),
        ("organization", 200, 1),
    ]
    parts = {part.what.address: part.quantity.amount for part in page.fate.parts}
    assert parts == {"service:": 80, "grant:G1": 70, "fund:elder": 200, "fund:general": 200}
    assert sum(share.quantity.amount for share in page.fate.shares) == 550


def test_a_service_taken_back_gives_the_campaign_its_money_again(book):
    book.campaign()
    book.gift(300)
    wrong = book.serve("S1", [("fund:general", 120, "CNY")])
    book.reverse(wrong)
    book.refund(book.gift(30), 30)
    parts = {part.what.address: part.quantity.amount for part in read(campaign_page, book, "winter").fate.parts}
    assert parts == {"fund:general": 300, "outcome:refund": 30}


def test_pieces_side_by_side_are_one():
    assert merged([Piece(1, 0, 5), Piece(2, 0, 1), Piece(1, 5, 9)]) == [Piece(1, 0, 9), Piece(2, 0, 1)]


def test_what_is_carried_from_page_to_page_is_what_is_added_up_anew(book):
    book.campaign()
    addresses = ["project:meals", "organization:sunshine", "community:heping", "campaign:winter"]
    seqs = []
    for number in range(6):
        book.gift(100 + number)
        seqs.append(book.serve(f"S{number}", [("fund:general", 10 + number, "CNY")], residents=2 + number))
        if number % 2:
            book.reverse(seqs[number - 1])
        with snapshot(book.engine) as connection:
            row = find_book(connection, "b")
            carried = tallies(connection, row, addresses)
            anew = tally_of(connection, row.id, addresses, Span(row.size))
        for address in addresses:
            fresh = anew[address].add(type(anew[address])())  # without parts that cancel
            assert carried[address].add(type(fresh)()) == fresh, address


def test_another_log_of_the_same_name_is_never_taken_for_this_one(book, tmp_path):
    book.give(100)
    book.serve("S1", [("fund:general", 10, "CNY")])
    assert read(project_page, book, "meals").services.pager.total == 1
    from tests.conftest import migrate  # noqa: PLC0415

    url = f"sqlite:///{tmp_path / 'other.sqlite3'}"
    migrate(url, tmp_path)
    import sqlalchemy as sa  # noqa: PLC0415

    from ledger.journal.engine import configure  # noqa: PLC0415

    engine = sa.create_engine(url)
    configure(engine)
    other = Larger(engine)
    for _ in range(8):
        other.give(1)
    assert read(project_page, other, "meals").services.pager.total == 0
    engine.dispose()


def test_lists_search_sort_and_turn(book):
    for number in range(25):
        book.planned(f"P{number:02}", starts="2026-01-01", ends=f"2026-{1 + number % 12:02}-28")
    page = read(list_page, book, "project", Chosen(), 1)
    assert (page.pager.total, len(page.lines), page.lines[0].ref.code) == (26, 20, "P24")
    assert read(list_page, book, "project", Chosen(), 9).pager.number == 2
    assert [line.ref.code for line in read(list_page, book, "project", Chosen(search="p07"), 1).lines] == ["P07"]
    by_end = read(list_page, book, "project", Chosen(sort="ends"), 1).lines
    assert [line.ends for line in by_end] == sorted(line.ends for line in by_end)
    assert read(list_page, book, "project", Chosen(search="没有"), 1).lines == ()
    assert read(list_page, book, "campaign", Chosen(), 1).total == 0


def test_lines_of_a_list_have_the_figures_of_the_pages(book):
    book.give(1000)
    book.campaign()
    book.gift(80)
    book.need("N1")
    book.grant("G1", 400)
    book.serve("S1", [("grant:G1", 150, "CNY"), ("fund:general", 30, "CNY")])
    for kind, code, page in (("project", "meals", project_page), ("organization", "sunshine", organization_page)):
        (line,) = [line for line in read(list_page, book, kind, Chosen(), 1).lines if line.ref.code == code]
        money = read(page, book, code).money
        assert (line.received, line.used, line.held) == (money.received, money.used, money.held)
        assert (line.services, line.residents) == (1, 20)
    (place,) = read(list_page, book, "community", Chosen(), 1).lines
    assert (place.received.amount, place.second, place.services) == (180, 1, 1)
    (call,) = read(list_page, book, "campaign", Chosen(), 1).lines
    assert (call.received.amount, call.second) == (80, 1)
